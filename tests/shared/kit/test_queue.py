"""Nudges: heard at once, and never in the way."""

import time

from shared.kit import queue
from shared.kit.queue import Queue
from tests.parts import process


def test_a_nudge_is_heard_by_what_listens(valkey):
    heard: list[str] = []
    jobs = Queue(valkey.url)
    jobs.listen("outbox", lambda: heard.append("outbox"))
    jobs.nudge("outbox")
    jobs.nudge("something of the next version")
    for _ in range(2):
        jobs.huey.execute(jobs.huey.dequeue())
    assert heard == ["outbox"]


def test_what_lies_in_redis_is_json_and_nothing_that_runs(valkey):
    Queue(valkey.url).nudge("outbox")
    (message,) = valkey.client.lrange("huey.redis.bailiwick", 0, -1)
    assert b'"args":["outbox"]' in message


def test_without_redis_a_nudge_fails_quietly_and_at_once(world, logs):
    world.valkey.stop()
    try:
        with world.inside():
            began = time.monotonic()
            queue.nudge("outbox")
            assert time.monotonic() - began < 1
        assert len(logs.named("queue.unreachable")) == 1
    finally:
        world.valkey.start()
        process.until(world.valkey.answers)
