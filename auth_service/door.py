"""The door of the login page: passwords come in two at a time, and a crowd waits before it and comes in slowly.

Two hundred who are all looked at before the first of them is hashed would stand in the way of every token.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import gevent
from flask import Flask
from gevent import monkey
from gevent.lock import Semaphore
from werkzeug.wsgi import get_content_length

from shared.kit import clock
from shared.web.app import LARGEST_BODY
from shared.web.observe import ARRIVED

# One is at the hash, and the next one on the way to it or from it.
AT_ONCE = 2
# Where more than so many wait, one comes in every so many seconds: who has signed in already is not to notice the crowd.
CROWD, PACE = 16, 0.15
# Seconds: whoever waited so long is not slowed down any more, and after the second goes in, whatever keeps the others.
ENOUGH, PATIENCE = 10, 18


class Door:
    """A WSGI application that lets in so many passwords at a time, in each worker, and everything else at once."""

    def __init__(self, inside: WSGIApplication) -> None:
        self.inside = inside
        self.places = Semaphore(AT_ONCE)
        self.waiting, self.next_one = 0, 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _waits(environ):
            return self.inside(environ, start_response)
        # Read before, so that whoever sends it slowly keeps nobody.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(_length(environ)))
        environ[ARRIVED] = clock.ticks()
        with self._place():
            return self.inside(environ, start_response)

    @contextmanager
    def _place(self) -> Iterator[None]:
        let_in, since = False, clock.ticks()
        try:
            self.waiting += 1
            try:
                let_in = self.places.acquire(timeout=PATIENCE)
                if let_in and clock.ticks() - since < ENOUGH:
                    self._keep_pace()
            finally:
                self.waiting -= 1
            yield
        finally:
            if let_in:
                self.places.release()

    def _keep_pace(self) -> None:
        if self.waiting > CROWD:
            now = clock.ticks()
            turn = max(now, self.next_one)
            self.next_one = turn + PACE
            gevent.sleep(turn - now)


def init_app(app: Flask) -> None:
    """Put the door before `app`; in a server of threads it stands open."""
    app.wsgi_app = Door(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way of adding middleware


def _waits(environ: WSGIEnvironment) -> bool:
    signs_in = environ["REQUEST_METHOD"] == "POST" and environ.get("PATH_INFO", "").endswith("/login")
    return signs_in and 0 < _length(environ) <= LARGEST_BODY and monkey.is_module_patched("threading")


def _length(environ: WSGIEnvironment) -> int:
    return get_content_length(environ) or 0
