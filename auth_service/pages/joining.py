"""Somebody new from a provider: an account is made for them, or they sign in first to the one that has their address."""

from contextlib import suppress
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, fields, with_others
from auth_service.pages.forms import JoiningForm
from shared.kit.errors import Conflict, NotFound, TooMany
from shared.kit.words import said
from shared.models.provider import Provider
from shared.models.tenant import BEFORE
from shared.models.user import fold
from shared.services import arrivals, identities, providers, sessions, sign_ups, users, verification
from shared.services.arrivals import Arrival
from shared.web import tenancy


class Joining(MethodView):
    def get(self) -> ResponseReturnValue:
        arrival, provider = waiting()
        if arrival.user_id:
            return asking.page("pages/joining_known.html", provider=provider, email=arrival.told.email)
        form = fields.bound(JoiningForm, name=arrival.told.name, email=arrival.told.email)
        return asking.show("pages/joining.html", form, provider=provider, asking=asking.find())

    def post(self) -> ResponseReturnValue:
        arrival, provider = waiting()
        if arrival.user_id:
            return redirect(url_for("pages.joining", **asking.carried()), 303)
        form = fields.bound(JoiningForm)
        with form.answering():
            return _made(arrival, provider, **form.typed())
        return asking.show("pages/joining.html", form, provider=provider, asking=asking.find())


def waiting() -> tuple[Arrival, Provider]:
    """Whoever waits in this browser, and from which provider. Raises NotFound in words for the person."""
    tenant = tenancy.tenant()
    arrival = arrivals.find(tenant, browser=visitor.browser())
    provider = next((each for each in providers.offered(tenant) if arrival and str(each.id) == arrival.provider_id), None)
    if arrival is None or provider is None:
        raise NotFound(said("It has taken too long. Go back and start again."), heading=said("This sign-in is over"))
    return arrival, provider


def _made(arrival: Arrival, provider: Provider, *, email: str, **typed: Any) -> ResponseReturnValue:
    tenant = tenancy.tenant()
    if tenant.email_verification == BEFORE and not identities.vouched(arrival.told, email):
        return _begun(arrival, provider, email=email, **typed)
    sessions.check_room()
    try:
        person = identities.sign_up(tenant, provider, arrival.told, email=email, **typed)
    except Conflict:
        known = with_others.owner_of(email)
        if known is None:
            raise
        return with_others.known_already(provider, arrival.told, known)
    arrivals.spend(tenant, browser=visitor.browser())
    welcomed = with_others.welcome(person, provider, arrival.told)
    # The account is made, whatever becomes of the letter: another can be asked for.
    if not person.email_verified and (session := visitor.held()):
        with suppress(TooMany):
            verification.send_code(person, sid=session.sid)
    return welcomed


def _begun(arrival: Arrival, provider: Provider, *, email: str, **typed: Any) -> ResponseReturnValue:
    """The account opens after a code, whether or not there is one: whoever has shown that the address is theirs links the two."""
    browser = visitor.browser()
    sign_ups.begin(tenancy.tenant(), browser=browser, email=email, **typed)
    arrivals.keep(provider, arrival.told, browser=browser, claimed=fold(users.checked_email(email)))
    visitor.wait_for_arrival(True)
    return redirect(url_for("pages.signup_code", **asking.carried()), 303)
