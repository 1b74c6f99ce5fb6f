"""The worker: carries what waits in the outbox, rotates keys, purges what is over. `bailiwick worker` runs it."""

import sys
import threading
from collections.abc import Callable

from flask import Flask
from huey import crontab
from pydantic import ValidationError

from auth_service import create_app
from shared.kit import log, queue, settings
from shared.services import authorizations, devices, keys, marks, outbox, tenants, verification

ROUND_SECONDS = 15.0
BATCH = 20
PURGES: tuple[Callable[[], int], ...] = (
    outbox.purge,
    verification.purge,
    devices.purge,
    authorizations.purge,
    keys.purge,
    marks.purge,
)


def main() -> int:
    """Run until SIGTERM or SIGINT; what was begun is finished."""
    try:
        told = settings.load()
    except ValidationError as error:
        print(f"bailiwick: {error}", file=sys.stderr)
        return 1
    run(create_app(told), told.redis_url)
    return 0


def run(app: Flask, redis_url: str) -> None:
    """Work for `app` in this process until it is told to stop."""
    jobs = queue.of(redis_url)
    jobs.listen("outbox", within(app, deliver))
    jobs.every(crontab(minute="7"), within(app, purge), name="purge")
    jobs.every(crontab(minute="17"), within(app, rotate_keys), name="rotate_keys")
    with Rounds(within(app, deliver)):
        log.get().info("worker.started")
        jobs.consumer().run()
    log.get().info("worker.stopped")


def within(app: Flask, work: Callable[[], object]) -> Callable[[], None]:
    """`work`, with the application's context around it, and a failure written down instead of raised."""

    def job() -> None:
        log.begin(work=work.__name__)
        with app.app_context():
            try:
                work()
            except Exception:  # the next round tries again, whatever it was
                log.get().exception("work.failed")

    return job


def deliver() -> None:
    """Deliver what is due, until nothing is."""
    while outbox.deliver_due(BATCH) == BATCH:
        continue


def purge() -> None:
    """Delete what is over."""
    log.get().info("purged", rows=sum(each() for each in PURGES))


def rotate_keys() -> None:
    """Publish successors of the signing keys whose time is coming, in every tenant."""
    after: str | None = None
    while True:
        page = tenants.search(after=after, limit=100)
        for tenant in page.items:
            keys.rotate_due(tenant)
        after = page.next
        if after is None:
            return


class Rounds:
    """A thread that does `work` every few seconds without asking Redis, so that letters leave even while it is gone."""

    def __init__(self, work: Callable[[], None], seconds: float = ROUND_SECONDS) -> None:
        self._work, self._seconds = work, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, name="rounds", daemon=True)

    def __enter__(self) -> "Rounds":
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._over.set()
        self._thread.join(20)

    def _go(self) -> None:
        self._work()
        while not self._over.wait(self._seconds):
            self._work()


if __name__ == "__main__":
    sys.exit(main())
