"""Signing in with others: leaving for a provider, coming back from it, and what then."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import devices, last_used, visitor
from auth_service.pages import asking, fields, fresh
from auth_service.pages.forms import JoiningForm
from shared.federation import profile, visiting
from shared.federation.faults import ProviderFault, Refused, Silent
from shared.kit.errors import AppError, Conflict, Denied, Invalid, NotFound, TooMany
from shared.kit.words import said
from shared.models.provider import Provider
from shared.models.tenant import BEFORE
from shared.models.user import User, same_address
from shared.services import arrivals, departures, factors, identities, providers, users
from shared.services.arrivals import Told
from shared.services.departures import Departure
from shared.web import headers, tenancy

# What a provider's answer is made of (RFC 6749 §4.1.2, RFC 9207 §2); of what else it posts we want nothing.
ANSWER = ("state", "code", "error", "error_description", "iss")
LONGEST = 4096


@dataclass(frozen=True)
class Offered:
    """A provider as a button shows it."""

    provider: Provider
    last_used: bool

    @property
    def letter(self) -> str:
        return self.provider.name[:1]


def offered() -> list[Offered]:
    """The providers that one can sign in with here; nothing is fetched for that."""
    every = providers.offered(tenancy.tenant())
    if again := asking.again():
        # Whoever is to prove who they are can do so only there where they are known, and where it can be shown.
        known = {each.provider.id for each in identities.of(again)}
        every = [each for each in every if each.id in known and providers.preset_of(each).may_prove]
    if every:
        headers.may_leave()
    last = last_used.slug()
    return [Offered(each, each.slug == last) for each in every]


def redirect_uri(provider: Provider) -> str:
    """Where a provider sends people back to."""
    return tenancy.provider_callback(tenancy.tenant(), provider.slug)


class Leaving(MethodView):
    """Posting here leaves for a provider."""

    def post(self, slug: str) -> ResponseReturnValue:
        return leave(get(slug))


class Callback(MethodView):
    """Where providers send people back to."""

    def get(self, slug: str) -> ResponseReturnValue:
        provider, answer = get(slug), _answer(request.args.to_dict())
        departure = departures.end(provider, answer.get("state", ""), browser=visitor.browser())
        if departure is None:
            return _over()
        visitor.resume(departure.way)
        try:
            told = visiting.back(provider, departure, answer, redirect_uri=redirect_uri(provider))
        except ProviderFault as fault:
            return failed(fault, linking=departure.user_id is not None)
        return _linked(provider, departure, told) if departure.user_id else _arrived(provider, departure, told)

    def post(self, slug: str) -> ResponseReturnValue:
        # A form of another site comes without our cookies, so nothing is looked at, and no cookie is set: as a link of ours it
        # comes again, with them. A name that comes beside it waits here: addresses are written to logs.
        answer = _answer(request.form.to_dict())
        departures.note_name(answer.get("state", ""), profile.posted_name(get(slug), request.form.get("user", "")[:LONGEST]))
        return redirect(f"{url_for('pages.provider_callback', slug=slug)}?{urlencode(answer)}", 303)


def leave(provider: Provider, *, linking: User | None = None, way: dict[str, str] | None = None) -> ResponseReturnValue:
    """Send the visitor to `provider`, to sign in, or to link an account there to that of `linking`."""
    try:
        url = visiting.leave(
            provider,
            browser=visitor.browser(),
            way=asking.carried() if way is None else way,
            redirect_uri=redirect_uri(provider),
            user_id=str(linking.id) if linking else None,
            max_age=None if linking else fresh.wanted(),
        )
    except ProviderFault as fault:
        return failed(fault, linking=linking is not None)
    return redirect(url, 303)


def failed(fault: ProviderFault, *, linking: bool) -> ResponseReturnValue:
    """What went wrong, in words, with the way back."""
    back = "pages.identities" if linking else "pages.login"
    if isinstance(fault, Refused):
        flash(said("%(name)s did not let you in. Try again, or go on in another way.", name=fault.provider.name), "warning")
        return redirect(url_for(back, **asking.carried()), 303)
    silent = isinstance(fault, Silent)
    page = asking.page("pages/provider_failed.html", provider=fault.provider, silent=silent, back=back)
    return page, fault.status


def refused(error: AppError) -> ResponseReturnValue:
    """Nobody gets in this way: back to the login page, which says why."""
    flash(error.message, "warning")
    return redirect(url_for("pages.login", **asking.carried()), 303)


def welcome(user: User, provider: Provider, told: Told) -> Response:
    """Sign `user` in, and go on to where they were going: to the login page again, if that wants more than the provider shows."""
    visitor.admit(user, amr=factors.BY_PROVIDER, auth_time=told.auth_time, anew=told.anew)
    if not fresh.is_proved(told):
        flash(
            said("%(name)s does not show that you signed in there just now. Go on in another way.", name=provider.name), "warning"
        )
    return last_used.keep(provider, make_response(visitor.way_back()))


def device() -> str:
    """What letters call the browser of this request."""
    return devices.describe(request.user_agent.string)


def known_already(provider: Provider, told: Told, known: User) -> ResponseReturnValue:
    """Somebody whose address belongs to an account: its owner signs in to it first, and only then is anything linked."""
    return _wait(provider, told, known)


def get(slug: str) -> Provider:
    found = providers.find(tenancy.tenant(), slug)
    if found is None:
        raise NotFound(said("There is no such way to sign in here."))
    return found


def _answer(unverified: dict[str, str]) -> dict[str, str]:
    return {name: unverified[name][:LONGEST] for name in ANSWER if unverified.get(name)}


def _over() -> ResponseReturnValue:
    return asking.page("pages/provider_over.html"), 400


def _linked(provider: Provider, departure: Departure, told: Told) -> ResponseReturnValue:
    person = visitor.user()
    if person is None or str(person.id) != departure.user_id:
        # Whoever began it is not signed in here any more; nobody else is given their account.
        return _over()
    try:
        identities.link(person, provider, told, by=visitor.actor(), device=device())
        flash(said("You can sign in with %(name)s now.", name=provider.name), "success")
    except Conflict as error:
        flash(error.message, "warning")
    return last_used.keep(provider, make_response(redirect(url_for("pages.identities"), 303)))


def _arrived(provider: Provider, departure: Departure, told: Told) -> ResponseReturnValue:
    identity = identities.find(provider, told.subject)
    if identity is None:
        return _unknown(provider, replace(told, name=told.name or departure.unverified_name))
    try:
        return welcome(identities.sign_in(provider, identity, told, left_at=departure.left_at), provider, told)
    except Denied as error:
        return refused(error)


def owner_of(email: str) -> User | None:
    """Who has an account with this address, for whoever may learn it; where nobody else may, that of a twin is not told."""
    tenant = tenancy.tenant()
    known = users.find_by_email(tenant, email)
    return known if known and (tenant.email_verification != BEFORE or same_address(known.email, email)) else None


def _unknown(provider: Provider, told: Told) -> ResponseReturnValue:
    """Somebody new: one who has an account signs in to it first, and others are given one as the tenant allows."""
    tenant = tenancy.tenant()
    # Where nobody may learn who has an account, it takes more than an address that somebody claims.
    may_learn = told.email_verified or tenant.email_verification != BEFORE
    known = owner_of(told.email) if told.email and may_learn else None
    if known is not None:
        return known_already(provider, told, known)
    try:
        if not tenant.takes_sign_ups:
            identities.check_sign_up(tenant, told.email or "", verified=told.email_verified)
        if told.email is None or not told.email_verified or fields.bound(JoiningForm).user_fields:
            return _wait(provider, told, None)
        return welcome(identities.sign_up(tenant, provider, told, email=told.email, name=told.name), provider, told)
    except (Denied, Conflict, Invalid, TooMany) as error:
        return refused(error)


def _wait(provider: Provider, told: Told, known: User | None) -> ResponseReturnValue:
    arrivals.keep(provider, told, browser=visitor.browser(), user_id=str(known.id) if known else None)
    visitor.wait_for_arrival(known is not None)
    return redirect(url_for("pages.joining", **asking.carried()), 303)
