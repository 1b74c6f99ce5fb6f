"""The applications that one has let in, and taking that back."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import launching, visitor
from auth_service.launching import Launch
from auth_service.pages import asking
from shared.kit.words import said
from shared.services import clients, granted
from shared.services.granted import Allowed
from shared.web import tenancy


@dataclass(frozen=True)
class Listed:
    """An application that was let in, as the list shows it."""

    allowed: Allowed
    launch: Launch | None


class Applications(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        tenant = tenancy.tenant()
        allowed = [Listed(each, launching.of(each.client, tenant)) for each in granted.allowed(visitor.person(), tenant)]
        ours = [(client, launching.of(client, tenant)) for client in clients.to_open(tenant)]
        return asking.page("pages/applications.html", consents=allowed, ours=ours)


class Withdrawal(MethodView):
    """Posting here withdraws what an application may do."""

    decorators = [asking.signed_in]

    def get(self, id: UUID) -> ResponseReturnValue:
        name = granted.get_allowed(visitor.person(), tenancy.tenant(), id).client.name
        text = said(
            "%(name)s can no longer use your account, and its tokens end. It will ask you again the next time.", name=name
        )
        back = url_for("pages.applications")
        return asking.page("pages/confirm.html", title=said("Withdraw access?"), text=text, button=said("Withdraw"), back=back)

    def post(self, id: UUID) -> ResponseReturnValue:
        person = visitor.person()
        granted.withdraw(person, tenancy.tenant(), id, by=visitor.actor())
        flash(said("The application can no longer use your account."), "success")
        return redirect(url_for("pages.applications"))
