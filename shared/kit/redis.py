"""Redis or Valkey: short-lived state that may be lost without harm."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from flask import Flask, current_app
from gevent import monkey
from redis.connection import DefaultParser

from shared.kit.errors import Unavailable
from shared.kit.words import said

_poll = monkey.get_original("select", "poll")
# A full one takes nothing, which is no better.
GONE = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError, redis.ReadOnlyError, redis.OutOfMemoryError)


def init_app(app: Flask, url: str) -> None:
    """Join the application to the Redis at `url`; nothing connects before the first use."""
    app.extensions["bailiwick.redis"] = redis.Redis(connection_pool=pool(url, socket_timeout=2, socket_connect_timeout=2))


def pool(url: str, *, socket_timeout: float, socket_connect_timeout: float) -> redis.ConnectionPool:
    """Connections to the Redis at `url`, made as they are needed; the times are seconds."""
    waits = {"socket_timeout": socket_timeout, "socket_connect_timeout": socket_connect_timeout}
    return redis.ConnectionPool.from_url(url, parser_class=_Parser, max_connections=200, **waits)


class _Parser(DefaultParser):  # type: ignore[valid-type,misc]  # chosen by the library when it is loaded
    """Looks whether a connection is clean, as the pool does before each command, without a turn of gevent's loop.

    gevent's `select.poll` lets every other request go first, be it asked not to wait.
    """

    def can_read(self, timeout: float = 0) -> bool:
        if timeout != 0 or self._reader is None or self._reader.has_data() or _stirs(self._sock):
            return super().can_read(timeout)
        return False


def _stirs(sock: Any) -> bool:
    if hasattr(sock, "pending"):
        # TLS: what it has read and deciphered already is not seen from outside.
        return True
    poll = _poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def client() -> redis.Redis:
    """The client of the application whose context is active; answers are bytes."""
    return current_app.extensions["bailiwick.redis"]


@contextmanager
def needed() -> Iterator[redis.Redis]:
    """The client, for what cannot be done without it. Raises Unavailable when Redis does not answer."""
    try:
        yield client()
    except GONE as error:
        raise Unavailable(said("Sessions cannot be read just now. Please try again in a moment.")) from error


def ping() -> None:
    """Ask Redis for a sign of life. Raises Unavailable."""
    with needed() as r:
        r.ping()
