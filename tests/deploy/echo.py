"""A WSGI application that answers with what it was told."""

import json
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The environment of the request, as JSON."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({name: str(value) for name, value in environ.items()}).encode()]
