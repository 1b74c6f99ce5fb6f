"""Bodies: what breaks off before it is whole is no request, and nothing of it is carried out (RFC 9112 §8)."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask


class Whole:
    """A WSGI application that answers 400 to a body shorter than was said.

    gunicorn says that it ends every body itself (`wsgi.input_terminated`), and where a connection breaks off it ends it there;
    where nobody says so, Werkzeug counts.
    """

    def __init__(self, inside: WSGIApplication) -> None:
        self.inside = inside

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)
        return self.inside(environ, start_response)


def init_app(app: Flask) -> None:
    """Have `app` take whole bodies only."""
    app.wsgi_app = Whole(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way of adding middleware
