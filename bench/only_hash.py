"""The authorization server, and beside it what a login would be that does nothing but hash: what argon2 alone does to others."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from auth_service.wsgi import app as authorization_server
from bench.crowd import ONLY_HASH
from shared.kit import hashes


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Check a password that nobody has at ONLY_HASH; else serve as always."""
    if environ["PATH_INFO"] != ONLY_HASH:
        return authorization_server(environ, start_response)
    hashes.verify_password(None, "the password of nobody")
    start_response("204 No Content", [("Content-Length", "0")])
    return []
