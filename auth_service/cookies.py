"""The cookies that we set ourselves: each tenant's beside those of the others, and sent with the answer."""

from flask import Response, after_this_request, current_app, g, request

from shared.web import tenancy


def read(kind: str) -> str | None:
    """What this browser keeps of this kind, or None."""
    return request.cookies.get(_name(kind)) or None


def is_here(kind: str) -> bool:
    """Whether the browser sent one, be it empty."""
    return _name(kind) in request.cookies


def put(kind: str, value: str, *, seconds: int) -> None:
    """Have the browser keep `value` for so long; an empty one takes it away."""
    if "cookies" not in g:
        g.cookies = {}
        after_this_request(_send)
    g.cookies[_name(kind)] = (value, seconds if value else 0)


def _name(kind: str) -> str:
    # One for each tenant in a browser; __Host- forbids telling them apart by path.
    name = f"bailiwick-{kind}-{tenancy.tenant().slug}"
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _send(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    for name, (value, age) in g.cookies.items():
        response.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite="Lax")
    return response
