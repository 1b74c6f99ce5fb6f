"""Who may see the pages that take a second factor: whoever has given one proof of who they are, and lacks the other."""

from collections.abc import Callable
from functools import wraps

from flask import flash, redirect, session, url_for
from flask.typing import ResponseReturnValue

from auth_service import devices, visitor
from auth_service.pages import asking
from auth_service.pages.forms import OthersForm
from auth_service.pages.sessions import current_sid
from auth_service.visitor import Seat
from shared.kit import origin
from shared.kit.errors import Denied, NotSignedIn
from shared.kit.words import said
from shared.models.client import Client
from shared.services import factors, session_ends
from shared.web import tenancy

View = Callable[..., ResponseReturnValue]
# What the browser's cookie remembers: the kind of factor that served last.
LAST = "factor"


def here() -> Seat:
    """Who gives a second factor here. Raises NotSignedIn."""
    found = visitor.proving()
    if found is None:
        raise NotSignedIn(said("Sign in first."))
    return found


def usable() -> list[str]:
    """The kinds that may be asked of them, the one that served here last before the others."""
    seat = here()
    kinds = factors.usable(tenancy.tenant(), seat.user, seat.session.amr)
    return sorted(kinds, key=lambda kind: kind != session.get(LAST))


def given(kind: str, proofs: tuple[str, ...]) -> None:
    """They gave one of this kind, which adds these proofs to their session."""
    visitor.strengthen(proofs)
    session[LAST] = kind


def suffices(client: Client) -> bool:
    """Whether the session of whoever is signed in has all that `client` asks for."""
    return not client.require_second_factor or factors.MFA in here().session.amr


def end_others(form: OthersForm) -> None:
    """End the person's sessions but this one, if the form says so."""
    if form.others.data and (person := visitor.user()):
        session_ends.every(person, by=visitor.actor(), except_sid=current_sid())


def device() -> str:
    """What this browser calls itself, for letters and names."""
    return devices.describe(origin.current().user_agent)


def second(view: View) -> View:
    """The view takes a second factor; whoever gave one goes on, and strangers sign in first."""

    @wraps(view)
    def guarded(**values: object) -> ResponseReturnValue:
        seat = visitor.proving()
        if seat is None:
            return redirect(url_for("pages.login", **asking.carried()))
        if factors.MFA in seat.session.amr:
            return visitor.way_back()
        return view(**values)

    return guarded


def first_of_all(view: View) -> View:
    """The view adds a second factor to the account of somebody who has none and needs one, and signed in a moment ago.

    Whoever has one must give it: adding another would be a way around it.
    """

    @wraps(view)
    def guarded(**values: object) -> ResponseReturnValue:
        if usable():
            return redirect(url_for("pages.factor", **asking.carried()))
        if not (factors.offered if factors.awaits_proof(here().user) else factors.addable)(tenancy.tenant()):
            raise Denied(NONE, heading=said("A second factor is needed"))
        if not asking.is_recent(here().session):
            return redirect(url_for("pages.login", **asking.carried(), again="1"), 303)
        return proven(view)(**values)

    return second(guarded)


def proven(view: View) -> View:
    """The view adds a factor: whoever has to verify their address before does so first, and comes back."""

    @wraps(view)
    def guarded(**values: object) -> ResponseReturnValue:
        if not factors.awaits_proof(here().user):
            return view(**values)
        flash(factors.PROVE_FIRST, "warning")
        on_the_way = visitor.half() or visitor.asked()
        return redirect(url_for("pages.verify", **(asking.carried() if on_the_way else {"next": asking.this_page()})), 303)

    return guarded


def verifying(view: View) -> View:
    """The view verifies an address, also of somebody half signed in who has no second factor: before they add one."""

    @wraps(view)
    def guarded(**values: object) -> ResponseReturnValue:
        half = visitor.half()
        first = half and factors.awaits_proof(half.user) and not half.user.second_factors
        return view(**values) if first else asking.signed_in(view)(**values)

    return guarded


NONE = said("You need a second way to prove who you are, and none can be added here. Ask the people who run this service.")
