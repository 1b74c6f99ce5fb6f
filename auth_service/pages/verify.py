"""Proving that an e-mail address is one's own, with a code sent to it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.forms import CodeForm
from shared.kit.errors import Conflict, TooMany
from shared.kit.words import said
from shared.services import verification
from shared.web import tenancy


class Verify(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        if visitor.person().email_verified:
            return visitor.way_back()
        return _page(CodeForm())

    def post(self) -> ResponseReturnValue:
        form = CodeForm()
        with form.answering():
            verification.confirm(visitor.person(), form.typed()["code"])
            flash(said("Your e-mail address is verified."), "success")
            return visitor.way_back()
        return _page(form)


class Code(MethodView):
    """A new code: posting here sends one."""

    decorators = [asking.signed_in]

    def post(self) -> ResponseReturnValue:
        try:
            verification.send_code(visitor.person())
        except (Conflict, TooMany) as error:
            flash(error.message, "warning")
        return redirect(url_for("pages.verify", **asking.carried()))


class Later(MethodView):
    """Posting here goes on without; the authorization endpoint judges whether that will do."""

    decorators = [asking.signed_in]

    def post(self) -> ResponseReturnValue:
        visitor.passed("verify")
        return visitor.way_back()


def _page(form: CodeForm) -> ResponseReturnValue:
    person = visitor.person()
    due, sent = person.verification_due(tenancy.tenant()), verification.waits(person)
    return asking.show("pages/verify.html", form, due=due, sent=sent or form.errors, asking=asking.find())
