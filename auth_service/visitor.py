"""The visitor: who sits at this browser, which browser it is, and where they were going."""

from typing import Any

from flask import Response, after_this_request, current_app, g, redirect, request, url_for
from flask import session as browser_cookie
from werkzeug.wrappers import Response as BaseResponse

from shared.kit import ids
from shared.kit.errors import NotSignedIn
from shared.models.user import User
from shared.services import pending, sessions, users
from shared.services.pending import Pending
from shared.services.sessions import Session
from shared.web import tenancy

PASSWORD = ("pwd",)


def session() -> Session | None:
    """The browser session of this request, or None."""
    if "session" not in g:
        cookie = request.cookies.get(_cookie_name())
        g.session = sessions.find(tenancy.tenant(), cookie) if cookie else None
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
        raise NotSignedIn("Sign in first.")
    return found


def sign_in(user: User, *, amr: tuple[str, ...] = PASSWORD) -> Session:
    """Start a session with a new id for `user` in this browser, ending the one before. Raises Unavailable without Redis."""
    if before := session():
        sessions.end(before)
    cookie, g.session = sessions.begin(user, amr=amr)
    g.user = user
    # A form that was open before cannot be sent in the new person's name.
    browser_cookie.pop("csrf_token", None)
    _set_cookie(cookie)
    if asked():
        passed("login")
    return g.session


def sign_out() -> None:
    """End this browser's session."""
    if before := session():
        sessions.end(before)
    g.session = g.user = None
    browser_cookie.pop("csrf_token", None)
    _set_cookie("")


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


def way_back() -> BaseResponse:
    """Back to where the visitor was going: the authorization request, a page of ours, or their account."""
    if "request_uri" in request.args:
        return redirect(url_for("protocol.authorize", **_carried()), 303)
    return redirect(_local(request.args.get("next", "")) or url_for("pages.account"), 303)


def _carried() -> dict[str, Any]:
    return {name: request.args[name] for name in ("client_id", "request_uri") if name in request.args}


def _local(unverified: str) -> str | None:
    """The path, when it is one on this server, or None: `//host`, backslashes and control characters lead elsewhere."""
    local = unverified.startswith("/") and unverified[1:2] != "/" and "\\" not in unverified and unverified.isprintable()
    return unverified if local else None


def _user_of(session: Session | None) -> User | None:
    found = users.find(tenancy.tenant(), session.user_id) if session else None
    if found is None or session is None or found.disabled:
        return None
    valid_from = found.sessions_valid_from
    return found if valid_from is None or session.created_at >= int(valid_from.timestamp()) else None


def _find_asked() -> Pending | None:
    request_uri, client_id = request.args.get("request_uri"), request.args.get("client_id")
    if not request_uri or not client_id:
        return None
    return pending.find(tenancy.tenant(), request_uri, client_id=client_id, browser=browser())


def _cookie_name() -> str:
    # One session for each tenant in a browser; __Host- forbids telling them apart by path.
    name = f"bailiwick-session-{tenancy.tenant().slug}"
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _set_cookie(value: str) -> None:
    name, secure = _cookie_name(), current_app.config["SESSION_COOKIE_SECURE"]
    age = sessions.ABSOLUTE_SECONDS if value else 0

    @after_this_request
    def set_it(response: Response) -> Response:
        response.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite="Lax")
        return response
