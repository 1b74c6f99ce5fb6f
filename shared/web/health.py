"""Whether this service lives, and whether it can serve."""

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from shared.services import health


def init_app(app: Flask, *parts: str) -> None:
    """Serve /health/live, and /health/ready, which asks `parts` (database, redis, keys) and names what is missing with 503."""

    @app.get("/health/live")
    def health_live() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/health/ready")
    def health_ready() -> ResponseReturnValue:
        missing = health.missing(*parts)
        body = {"status": "unavailable" if missing else "ok", "parts": {part: missing.get(part, "ok") for part in parts}}
        return jsonify(body), 503 if missing else 200
