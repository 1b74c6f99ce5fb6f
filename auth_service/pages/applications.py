"""The applications that one has let in, and taking that back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import launching, visitor
from auth_service.launching import Launch
from auth_service.pages import asking
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.client import Client
from shared.models.consent import Consent
from shared.services import authorizations, clients, consents, resources
from shared.web import tenancy


@dataclass(frozen=True)
class Listed:
    """A consent as the list shows it."""

    client: Client
    launch: Launch | None
    words: list[str]
    since: datetime

    @classmethod
    def of(cls, consent: Consent) -> "Listed":
        tenant = tenancy.tenant()
        words = resources.in_words(tenant, consent.scopes)
        return cls(consent.client, launching.of(consent.client, tenant), words, consent.updated_at)


class Applications(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        allowed = [Listed.of(each) for each in consents.of(visitor.person())]
        tenant = tenancy.tenant()
        ours = [(client, launching.of(client, tenant)) for client in clients.to_open(tenant)]
        return asking.page("pages/applications.html", consents=allowed, ours=ours)


class Withdrawal(MethodView):
    """Posting here withdraws what an application may do."""

    decorators = [asking.signed_in]

    def get(self, id: UUID) -> ResponseReturnValue:
        name = consents.get(visitor.person(), id).client.name
        text = said(
            "%(name)s can no longer use your account, and its tokens end. It will ask you again the next time.", name=name
        )
        back = url_for("pages.applications")
        return asking.page("pages/confirm.html", title=said("Withdraw access?"), text=text, button=said("Withdraw"), back=back)

    def post(self, id: UUID) -> ResponseReturnValue:
        person = visitor.person()
        authorizations.withdraw(person, id, by=Actor.of(person))
        flash(said("The application can no longer use your account."), "success")
        return redirect(url_for("pages.applications"))
