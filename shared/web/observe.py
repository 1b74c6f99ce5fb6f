"""One line a request, with an id that error pages show too; never a query, a header or a body."""

import re
from ipaddress import ip_address

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.kit import clock, ids, log, origin
from shared.kit.settings import Settings

# When a request came that waited before the application (clock.ticks), in the WSGI environment.
ARRIVED = "bailiwick.arrived"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def init_app(app: Flask, settings: Settings) -> None:
    """Give each request its origin and id, and write its line."""
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_prefix=0)  # type: ignore[method-assign]

    @app.before_request
    def enter() -> None:
        g.began = request.environ.get(ARRIVED) or clock.ticks()
        request_id = _given_id(settings) or ids.token(9)
        origin.enter(origin.Origin(_address(), request.user_agent.string, request_id))
        log.begin(request_id=request_id)

    @app.after_request
    def leave(response: Response) -> Response:
        response.headers["X-Request-Id"] = origin.current().request_id or ""
        milliseconds = round((clock.ticks() - g.began) * 1000, 1) if "began" in g else None
        path = request.script_root + request.path
        log.get().info("request", method=request.method, path=path, status=response.status_code, ms=milliseconds)
        return response


def _given_id(settings: Settings) -> str | None:
    given = request.headers.get("X-Request-Id", "")
    return given if settings.trusted_proxies and REQUEST_ID.fullmatch(given) else None


def _address() -> str | None:
    try:
        return str(ip_address(request.remote_addr or ""))
    except ValueError:
        return None
