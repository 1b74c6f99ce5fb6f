"""Making the account that an invitation is for."""

from flask import request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, fields
from auth_service.pages.forms import InvitedForm
from shared.kit.errors import NotFound
from shared.services import factors, invitations, sessions
from shared.web import tenancy


class Invitation(MethodView):
    """To look at it spends nothing. Whatever is wrong with a token, one thing is said."""

    def get(self) -> ResponseReturnValue:
        return _page(fields.bound(InvitedForm))

    def post(self) -> ResponseReturnValue:
        form = fields.bound(InvitedForm)
        with form.answering():
            sessions.check_room()
            person = invitations.accept(tenancy.tenant(), _secret(), **form.typed())
            visitor.sign_in(person, amr=factors.first(person, by_letter=True))
            return visitor.way_back()
        return _page(form)


def _page(form: InvitedForm) -> ResponseReturnValue:
    try:
        invited = invitations.open_with(tenancy.tenant(), _secret())
    except NotFound:
        return asking.page("pages/invitation_over.html"), 404
    return asking.show("pages/invitation.html", form, invited=invited, secret=_secret())


def _secret() -> str:
    return request.args.get("token", "")
