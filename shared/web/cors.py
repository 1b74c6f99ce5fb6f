"""Which addresses scripts of other sites may call (the Fetch standard, CORS protocol)."""

from collections.abc import Sequence

from flask import Flask, Response, request

PREFLIGHT_AGE = 7200  # seconds; browsers keep no longer


def allow(
    app: Flask,
    *paths: str,
    methods: Sequence[str] = ("GET", "POST"),
    # The last one is sent by Swagger UI to token endpoints.
    headers: Sequence[str] = ("Authorization", "Content-Type", "DPoP", "X-Requested-With"),
    exposes: Sequence[str] = ("WWW-Authenticate", "DPoP-Nonce", "Retry-After", "X-Request-Id"),
) -> None:
    """Let scripts of any site call `paths`: exact ones, or all below those that end in a slash.

    Never with credentials: what is opened here is guarded by tokens, not cookies, so `*` is safe and caches need no Vary.
    """
    exact = frozenset(paths)
    below = tuple(path for path in paths if path.endswith("/"))
    exposed = ", ".join(exposes)
    preflight = {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(headers),
        "Access-Control-Max-Age": str(PREFLIGHT_AGE),
    }

    def is_open() -> bool:
        return request.path in exact or request.path.startswith(below)

    @app.before_request
    def answer_preflight() -> Response | None:
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204, headers=preflight) if asks and is_open() else None

    @app.after_request
    def open_to_all(response: Response) -> Response:
        if is_open():
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = exposed
        return response
