"""Redis or Valkey: short-lived state that may be lost without harm."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from flask import Flask, current_app

from shared.kit.errors import Unavailable
from shared.kit.words import said

GONE = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError, redis.ReadOnlyError)


def init_app(app: Flask, url: str) -> None:
    """Join the application to the Redis at `url`; nothing connects before the first use."""
    app.extensions["bailiwick.redis"] = redis.Redis(connection_pool=pool(url, socket_timeout=2, socket_connect_timeout=2))


def pool(url: str, *, socket_timeout: float, socket_connect_timeout: float) -> redis.ConnectionPool:
    """Connections to the Redis at `url`, made as they are needed; the times are seconds."""
    return redis.ConnectionPool.from_url(
        url, socket_timeout=socket_timeout, socket_connect_timeout=socket_connect_timeout, max_connections=200
    )


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
