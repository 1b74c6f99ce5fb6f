"""The visitor: who sits at this browser, which browser it is, and where they were going."""

from collections.abc import Mapping
from typing import Any

from flask import Response, after_this_request, current_app, g, redirect, request, url_for
from flask import session as browser_cookie
from werkzeug.wrappers import Response as BaseResponse

from shared.kit import ids
from shared.kit.errors import NotSignedIn
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.user import OPERATOR, User
from shared.services import pending, sessions, users
from shared.services.pending import Pending
from shared.services.sessions import Session
from shared.web import tenancy

PASSWORD = ("pwd",)
# What the address of a page keeps from step to step.
CARRIED = ("client_id", "request_uri", "next", "again")
# The two sessions that a browser may have at a tenant: whoever is signed in, and an operator's that was set aside.
SESSION, ASIDE = "session", "operator"


def session() -> Session | None:
    """The browser session of this request, or None."""
    if "session" not in g:
        g.session = _read(SESSION)
    return g.session


def user() -> User | None:
    """Who is signed in, or None; never a disabled person, nor one whose sessions were ended."""
    if "user" not in g:
        g.user = _user_of(session())
    return g.user


def person() -> User:
    """Who is signed in. Raises NotSignedIn."""
    found = user()
    if found is None:
        raise NotSignedIn(said("Sign in first."))
    return found


def operator_session() -> Session | None:
    """The session that the dashboard goes by: an operator's that was set aside, else the one of this browser."""
    if "operator_session" not in g:
        aside = _read(ASIDE)
        g.operator_session = aside if _is_operator(_user_of(aside)) else session()
    return g.operator_session


def operator() -> User | None:
    """Who sits at the dashboard, or None; whether they may is for the dashboard to say."""
    return _user_of(operator_session())


def sign_in(user: User, *, amr: tuple[str, ...] = PASSWORD) -> Session:
    """Start a session with a new id for `user` in this browser, ending the one before. Raises Unavailable without Redis."""
    # Whoever proves again who they are goes on with their session: its clients are not told that it ended.
    sid = _sid_of(user)
    # Whoever was to prove again who they are, and is somebody else, goes to their own account, not on with what was begun.
    g.another = "again" in way() and sid is None
    if not _set_aside_for(user):
        _end(SESSION, goes_on=sid is not None)
    cookie, g.session = sessions.begin(user, amr=amr, sid=sid)
    g.user = user
    # A form that was open before cannot be sent in the new person's name.
    browser_cookie.pop("csrf_token", None)
    _set_cookie(SESSION, cookie)
    if asked():
        passed("login")
    return g.session


def sign_out() -> None:
    """End this browser's session, and an operator's that was set aside."""
    _end(SESSION)
    _end(ASIDE)
    g.session = g.user = None
    browser_cookie.pop("csrf_token", None)


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
    found = asked()
    if found is not None:
        g.asked = pending.passed(found, f"{step}:{person().id}")


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
    """Back to where the visitor was going: the authorization request, a page of ours, or their account."""
    if browser_cookie.get("arrival") == tenancy.tenant().slug:
        return redirect(url_for("pages.identity_arrival", **_carried(*CARRIED)), 303)
    return onward()


def onward() -> BaseResponse:
    """Like `way_back`, past whatever waits here."""
    if "request_uri" in way():
        return redirect(url_for("protocol.authorize", **_carried("client_id", "request_uri")), 303)
    begun = None if g.get("another") else local(way().get("next", ""))
    return redirect(begun or url_for("pages.account"), 303)


def _carried(*names: str) -> dict[str, Any]:
    return {name: way()[name] for name in names if name in way()}


def local(unverified: str) -> str | None:
    """The path, when it is one on this server, or None: `//host`, backslashes and control characters lead elsewhere."""
    local = unverified.startswith("/") and unverified[1:2] != "/" and "\\" not in unverified and unverified.isprintable()
    return unverified if local else None


def _user_of(session: Session | None) -> User | None:
    found = users.find(tenancy.tenant(), session.user_id) if session else None
    if found is None or session is None or found.disabled:
        return None
    return found if sessions.stands(session, found) else None


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
    _set_cookie(ASIDE, request.cookies[_cookie_name(SESSION)])
    return True


def _is_operator(user: User | None) -> bool:
    return user is not None and user.has(OPERATOR)


def _read(kind: str) -> Session | None:
    cookie = request.cookies.get(_cookie_name(kind))
    return sessions.find(tenancy.tenant(), cookie) if cookie else None


def _sid_of(again: User) -> str | None:
    here, whose = session(), user()
    return here.sid if here and whose and whose.id == again.id else None


def _end(kind: str, *, goes_on: bool = False) -> None:
    found = _read(kind)
    whose = users.find(tenancy.tenant(), found.user_id) if found else None
    if found and goes_on:
        sessions.end(found)
    elif found and whose:
        users.sign_out(whose, found.sid, by=Actor.of(whose))
    if _cookie_name(kind) in request.cookies:
        _set_cookie(kind, "")


def _cookie_name(kind: str) -> str:
    # One session for each tenant in a browser; __Host- forbids telling them apart by path.
    name = f"bailiwick-{kind}-{tenancy.tenant().slug}"
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _set_cookie(kind: str, value: str) -> None:
    if "cookies" not in g:
        g.cookies = {}
        after_this_request(_send_cookies)
    g.cookies[_cookie_name(kind)] = value


def _send_cookies(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    for name, value in g.cookies.items():
        age = sessions.ABSOLUTE_SECONDS if value else 0
        response.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite="Lax")
    return response
