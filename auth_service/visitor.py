"""The visitor: who sits at this browser, which browser it is, and where they were going."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request, url_for
from flask import session as browser_cookie
from werkzeug.wrappers import Response as BaseResponse

from auth_service import cookies, familiar
from shared.kit import ids
from shared.kit.errors import NotSignedIn
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.user import OPERATOR, User
from shared.services import factors, locks, pending, session_ends, sessions, users
from shared.services.pending import Pending
from shared.services.sessions import Session
from shared.web import tenancy

# What the address of a page keeps from step to step.
CARRIED = ("client_id", "request_uri", "next", "again")
# The two sessions that a browser may have at a tenant: whoever is signed in, and an operator's that was set aside.
SESSION, ASIDE = "session", "operator"


@dataclass(frozen=True)
class Seat:
    """A session and whose it is."""

    session: Session
    user: User


def session() -> Session | None:
    """The browser session of this request, or None; one that lacks a second factor which is demanded is none."""
    return None if half() else held()


def user() -> User | None:
    """Who is signed in, or None; never a disabled person, nor one whose sessions were ended, nor one who is half signed in."""
    here = proving()
    return here.user if here and not half() else None


def half() -> Seat | None:
    """Who has given one proof of who they are where two are demanded, or None. Only the pages that take the second ask this."""
    here = proving()
    return here if here and factors.demanded(tenancy.tenant(), here.user, here.session.amr) else None


def proving() -> Seat | None:
    """Who is signed in, be it half, or None."""
    if "seat" not in g:
        g.seat = _seat_of(held())
    return g.seat


def held() -> Session | None:
    """The session that the browser's cookie opens, whatever it lacks: for ending it."""
    if "session" not in g:
        g.session = _read(SESSION)
    return g.session


def person() -> User:
    """Who is signed in. Raises NotSignedIn."""
    found = user()
    if found is None:
        raise NotSignedIn(said("Sign in first."))
    return found


def actor() -> Actor:
    """The person at this browser, be they half signed in, who act in its session. Raises NotSignedIn."""
    here = proving()
    if here is None:
        raise NotSignedIn(said("Sign in first."))
    return Actor.of(here.user, sid=here.session.sid)


def operator_session() -> Session | None:
    """The session that the dashboard goes by: an operator's that was set aside, else the one of this browser."""
    if "operator_session" not in g:
        aside = _read(ASIDE)
        g.operator_session = aside if _is_operator(_user_of(aside)) else session()
    return g.operator_session


def operator() -> User | None:
    """Who sits at the dashboard, or None; whether they may is for the dashboard to say."""
    return _user_of(operator_session())


def entrance() -> str:
    """The page where whoever is not signed in goes on: the one that takes the second factor, or the login."""
    return "pages.factor" if half() else "pages.login"


def sign_in(
    user: User, *, amr: tuple[str, ...] = factors.BY_PASSWORD, auth_time: int | None = None, anew: bool = True
) -> Session:
    """Start a session with a new id for `user` in this browser, ending the one before. Raises Unavailable without Redis.

    Where more is demanded than `amr` has, they are half signed in, and `way_back` leads to the second factor. `auth_time` is when
    they signed in elsewhere, if it was not here, and `anew` whether that was for what they are about.
    """
    # Whoever proves again who they are goes on with their session: its clients are not told that it ended.
    sid = _sid_of(user)
    # Whoever was to prove again who they are, and is somebody else, goes to their own account, not on with what was begun.
    g.another = "again" in way() and sid is None
    if not _set_aside_for(user):
        _end(SESSION, goes_on=sid is not None)
    cookie, started = sessions.begin(user, amr=amr, sid=sid, auth_time=auth_time)
    _sit(cookie, Seat(started, user))
    _pass("login" if anew else "sent", user)
    return started


def admit(user: User, *, amr: tuple[str, ...], auth_time: int, anew: bool) -> None:
    """Like `sign_in`, for somebody whom a provider sent; who is here by a login no older goes on with that."""
    here = proving()
    if here and here.user.id == user.id and here.session.auth_time >= auth_time and not anew:
        _pass("sent", user)
        return
    sign_in(user, amr=amr, auth_time=auth_time, anew=anew)


def strengthen(more: tuple[str, ...]) -> None:
    """The person at this browser gave a second factor with the proofs `more`. Raises NotSignedIn if the session has ended."""
    here, cookie = proving(), cookies.read(SESSION)
    went_on = sessions.strengthen(cookie, here.session, amr=factors.combined(here.session.amr, more)) if here and cookie else None
    if here is None or went_on is None:
        raise NotSignedIn(locks.SESSION_ENDED)
    _sit(went_on[0], Seat(went_on[1], here.user))


def sign_out() -> None:
    """End this browser's session, and an operator's that was set aside."""
    _end(SESSION)
    _end(ASIDE)
    g.session = g.seat = None
    browser_cookie.pop("csrf_token", None)
    browser_cookie.pop("typed", None)


def browser() -> str:
    """A secret that names this browser, also before anyone signs in; what is pending is bound to it."""
    if "browser" not in browser_cookie:
        browser_cookie["browser"] = ids.token(16)
    return browser_cookie["browser"]


def asked() -> Pending | None:
    """The authorization request that this page belongs to (client_id and request_uri in its address), or None."""
    if "asked" not in g:
        g.asked = _find_asked()
    return g.asked


def passed(step: str) -> None:
    """Note that this person, and nobody else, did `step` for the request that this page belongs to."""
    _pass(step, person())


def way() -> Mapping[str, str]:
    """Where the visitor is going, as the address of this page says, or as it was kept while they were elsewhere."""
    return g.get("way", request.args)


def resume(kept: Mapping[str, str]) -> None:
    """Go on with a way that was kept while the visitor was elsewhere."""
    g.way = kept
    g.pop("asked", None)


def wait_for_arrival(waits: bool) -> None:
    """Note in this browser whether somebody's account elsewhere waits to be linked, for when they are signed in."""
    if waits:
        browser_cookie["arrival"] = tenancy.tenant().slug
    else:
        browser_cookie.pop("arrival", None)


def way_back() -> BaseResponse:
    """Back to where the visitor was going: the authorization request, a page of ours, or their account.

    By way of the second factor, where they have yet to give it.
    """
    if half():
        kept = CARRIED[:2] if g.get("another") else CARRIED[:3]
        return redirect(url_for("pages.factor", **_carried(*kept)), 303)
    if browser_cookie.get("arrival") == tenancy.tenant().slug:
        return redirect(url_for("pages.identity_arrival", **_carried(*CARRIED)), 303)
    return onward()


def onward() -> BaseResponse:
    """Like `way_back`, past whatever waits here."""
    if "request_uri" in way():
        # The login page says so of one that ended meanwhile.
        goal = "protocol.authorize" if asked() else "pages.login"
        return redirect(url_for(goal, **_carried("client_id", "request_uri")), 303)
    begun = None if g.get("another") else local(way().get("next", ""))
    return redirect(begun or url_for("pages.account"), 303)


def _pass(step: str, user: User) -> None:
    found = asked()
    if found is not None:
        g.asked = pending.passed(found, f"{step}:{user.id}")


def _sit(cookie: str, seat: Seat) -> None:
    """From here on, `seat` is who sits at this browser."""
    g.session, g.seat = seat.session, seat
    # A form that was open before cannot be sent in the new person's name.
    browser_cookie.pop("csrf_token", None)
    browser_cookie.pop("typed", None)
    cookies.put(SESSION, cookie, seconds=sessions.ABSOLUTE_SECONDS)
    if not half():
        familiar.remember(seat.user)


def _carried(*names: str) -> dict[str, Any]:
    return {name: way()[name] for name in names if name in way()}


def local(unverified: str) -> str | None:
    """The path, when it is one on this server, or None: `//host`, backslashes and control characters lead elsewhere."""
    local = unverified.startswith("/") and unverified[1:2] != "/" and "\\" not in unverified and unverified.isprintable()
    return unverified if local else None


def _seat_of(session: Session | None) -> Seat | None:
    found = users.find(tenancy.tenant(), session.user_id) if session else None
    if found is None or session is None or found.disabled:
        return None
    return Seat(session, found) if sessions.stands(session, found) else None


def _user_of(session: Session | None) -> User | None:
    """Whose session it is, if it is all that is demanded of them."""
    seat = _seat_of(session)
    return seat.user if seat and not factors.demanded(tenancy.tenant(), seat.user, seat.session.amr) else None


def _find_asked() -> Pending | None:
    request_uri, client_id = way().get("request_uri"), way().get("client_id")
    if not request_uri or not client_id:
        return None
    return pending.find(tenancy.tenant(), request_uri, client_id=client_id, browser=browser())


def _set_aside_for(user: User) -> bool:
    """Whether an operator's session was set aside for `user`, who is none and signs in to an application.

    Operators try applications as somebody else; the dashboard in their other tab stays theirs until they sign out.
    """
    if asked() is None or _is_operator(user):
        _end(ASIDE)
        return False
    if not _is_operator(_user_of(session())):
        return False
    cookies.put(ASIDE, cookies.read(SESSION) or "", seconds=sessions.ABSOLUTE_SECONDS)
    return True


def _is_operator(user: User | None) -> bool:
    return user is not None and user.has(OPERATOR)


def _read(kind: str) -> Session | None:
    cookie = cookies.read(kind)
    return sessions.find(tenancy.tenant(), cookie) if cookie else None


def _sid_of(again: User) -> str | None:
    here = proving()
    return here.session.sid if here and here.user.id == again.id else None


def _end(kind: str, *, goes_on: bool = False) -> None:
    found = _read(kind)
    whose = users.find(tenancy.tenant(), found.user_id) if found else None
    if found and goes_on:
        sessions.end(found)
    elif found and whose:
        session_ends.sign_out(whose, found.sid, by=Actor.of(whose))
    if cookies.is_here(kind):
        cookies.put(kind, "", seconds=0)
