"""Nudges: a word through Redis that there is work in SQL, so that a worker sees to it at once and not at its next round."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from huey import RedisHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from shared.kit import clock, log, redis, settings

Act = Callable[[], object]


class _Json(Serializer):
    """Messages as JSON: huey's own form is pickle, by which whoever can write to Redis could run code in the worker."""

    def _serialize(self, data: Message) -> bytes:
        return orjson.dumps({"id": data.id, "name": data.name, "args": data.args})

    def _deserialize(self, data: bytes) -> Message:
        told = orjson.loads(data)
        return Message(id=told["id"], name=told["name"], retries=0, retry_delay=0, args=tuple(told["args"]), kwargs={})


class _Sparing(logging.Filter):
    """huey reports a Redis that is gone each second, with a traceback: one line in half a minute is enough."""

    _said = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or not isinstance(record.exc_info[1], redis.GONE):
            return True
        if clock.ticks() - self._said < 30:
            return False
        self._said = clock.ticks()
        record.msg, record.args, record.exc_info = "Redis does not answer.", (), None
        return True


_SPARING = _Sparing()


class Queue:
    """The queue in one Redis: `nudge` puts a word in, the consumer takes it out and does what `listen` said."""

    def __init__(self, url: str) -> None:
        # huey waits a second at a time for a word, so the socket must wait longer.
        pool = redis.pool(url, socket_timeout=3, socket_connect_timeout=1)
        self.huey = RedisHuey("bailiwick", results=False, connection_pool=pool, serializer=_Json())
        self._acts: dict[str, Act] = {}
        for part in ("Worker", "Scheduler"):
            logging.getLogger(f"huey.consumer.{part}").addFilter(_SPARING)
        self.nudge: Callable[[str], Any] = self.huey.task(name="nudge")(self._hear)

    def listen(self, about: str, act: Act) -> None:
        """Do `act` at each nudge about this."""
        self._acts[about] = act

    def every(self, when: Callable[[datetime], bool], act: Act, *, name: str) -> None:
        """Do `act` in each minute of which `when` (a crontab of huey) says so."""
        self.huey.periodic_task(when, name=name)(act)

    def consumer(self) -> Consumer:
        """What takes words out, until SIGTERM or SIGINT."""
        return self.huey.create_consumer(workers=1, graceful_signal="TERM", shutdown_timeout=20)

    def _hear(self, about: str) -> None:
        # A word that this version does not know comes from a newer one, which has its own worker.
        if act := self._acts.get(about):
            act()


def nudge(about: str) -> None:
    """Ask the worker to see to this now. Never raises: without Redis, the worker's next round comes to it."""
    try:
        of(settings.current().redis_url).nudge(about)
    except redis.GONE as error:
        log.get().warning("queue.unreachable", about=about, error=type(error).__name__)


@cache
def of(url: str) -> Queue:
    """The queue in the Redis at `url`."""
    return Queue(url)
