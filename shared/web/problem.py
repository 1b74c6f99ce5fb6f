"""Errors as JSON: problem details (RFC 9457)."""

from http import HTTPStatus

from flask import Response, json


def problem(status: int, detail: str, *, code: str, **more: object) -> Response:
    """A problem+json answer. `code` is stable and for programs, `detail` is for people, `more` are extension members."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail, **more}
    return Response(json.dumps(body), status=status, mimetype="application/problem+json", headers={"Cache-Control": "no-store"})
