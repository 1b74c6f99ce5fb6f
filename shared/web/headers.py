"""Headers of every answer: what browsers may do with it, and that nothing keeps it unless a view says so."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g

from shared.kit.settings import Settings

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # A tenant's logo is on a host of its own.
    "img-src": "'self' data: https:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Our addresses carry request_uri and codes: no other site is told of them.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer of `app`."""
    fixed = dict(FIXED)
    if settings.secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    stays, leaves = _spell(POLICY), _spell({name: value for name, value in POLICY.items() if name != "form-action"})

    app.wsgi_app = _Fixed(app.wsgi_app, fixed)  # type: ignore[method-assign]  # Flask's own way of adding middleware

    @app.after_request
    def set_headers(response: Response) -> Response:
        policy = leaves if _leaves() else stays
        response.headers.setdefault("Content-Security-Policy", f"{policy}; frame-src {_framed()}" if _framed() else policy)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class _Fixed:
    """WSGI middleware: headers of every answer that does not set them itself; through Werkzeug they cost ten times as much."""

    def __init__(self, app: WSGIApplication, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower(), (name, value)) for name, value in headers.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            given = {name.lower() for name, _ in headers}
            return start_response(status, headers + [header for name, header in self._headers if name not in given], *exc_info)

        return self._app(environ, start)


def may_leave() -> None:
    """A form of this page ends at another site: browsers apply form-action to every redirect that follows a form."""
    g.may_leave = True


def may_frame(origins: Iterable[str]) -> None:
    """This page, and no other, shows frames of these origins."""
    g.framed = " ".join(sorted(set(origins)))


def _framed() -> str:
    return str(g.get("framed", ""))


def _leaves() -> bool:
    return g.get("may_leave", False)


def _spell(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
