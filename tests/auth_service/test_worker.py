"""The worker: rounds that need no Redis, a failure that ends nothing, and what it does each hour."""

import sys
import threading
import time
from datetime import timedelta

import pytest

from auth_service import worker
from shared.kit import clock
from shared.models.audit import Actor
from shared.services import keys, tenants, users, verification
from tests.parts import process
from tests.parts.installation import environment

TESTS = Actor.system("tests")


def test_rounds_go_on_until_they_are_over():
    done = threading.Semaphore(0)
    with worker.Rounds(lambda: done.release(), seconds=0.01):
        for _ in range(3):
            assert done.acquire(timeout=5)


def test_work_that_fails_is_written_down_and_ends_nothing(world, logs):
    def explode() -> None:
        raise ZeroDivisionError

    worker.within(world.auth, explode)()
    (event,) = logs.named("work.failed")
    assert event["work"] == "explode"
    assert "ZeroDivisionError" in event["exception"]


def test_everything_due_is_delivered_at_one_nudge(world):
    for number in range(worker.BATCH + 5):
        with world.inside():
            user = users.create(world.tenant, email=f"p{number}@example.com", by=TESTS)
            verification.send_code(user)
    worker.within(world.auth, worker.deliver)()
    assert len(list(world.settings.outbox_dir.glob("*.eml"))) == worker.BATCH + 5


def test_keys_are_rotated_in_every_tenant_when_their_time_comes(world):
    with world.inside():
        second = tenants.create(name="Second", by=TESTS)
        every = (world.tenant, second)
        for tenant in every:
            keys.jwks(tenant)
        worker.rotate_keys()
        assert [len(keys.of(tenant)) for tenant in every] == [2, 2]
        clock.shift((keys.SIGNS_FOR - keys.PUBLISHED_AHEAD + timedelta(minutes=1)).total_seconds())
        worker.rotate_keys()
        worker.rotate_keys()
        assert [len(keys.of(tenant)) for tenant in every] == [4, 4]


def test_what_is_over_is_purged(world, rp, logs):
    rp.tokens()
    with world.inside():
        worker.purge()
        clock.shift(400 * 86400)
        worker.purge()
    assert [event["rows"] > 0 for event in logs.named("purged")] == [False, True]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_letter_leaves_within_a_second_and_the_worker_stops_when_asked(world, tmp_path):
    log = tmp_path / "worker.log"
    running = process.start([sys.executable, "-m", "auth_service.worker"], log=log, env=environment(world.settings))
    try:
        process.until(lambda: "worker.started" in log.read_text(), seconds=30, what="the worker's start")
        time.sleep(1)  # its first round is over
        with world.inside():
            user = users.create(world.tenant, email="eve@example.com", by=TESTS)
            began = time.monotonic()
            verification.send_code(user)
        process.until(lambda: list(world.settings.outbox_dir.glob("*.eml")), seconds=10, what="the letter")
        assert time.monotonic() - began < 3
    finally:
        assert process.stop(running) == 0
    assert "worker.stopped" in log.read_text()
