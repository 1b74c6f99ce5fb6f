"""The worker: carries what waits in the outbox, rotates keys, purges what is over. `bailiwick worker` runs it."""

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from flask import Flask
from huey import crontab
from pydantic import ValidationError

from auth_service import create_app
from shared.kit import log, queue, settings
from shared.services import (
    authorizations,
    client_documents,
    devices,
    email_codes,
    email_undos,
    initial_access,
    invitations,
    keys,
    letters,
    logouts,
    marks,
    outbox,
    recovery,
    tenants,
)

ROUND_SECONDS = 15.0
BATCH = 20
# Each lane of the outbox has threads of its own: a client that does not answer, for five seconds each time, delays no letter.
LANES: tuple[tuple[tuple[str, ...], int], ...] = (((letters.MAIL, letters.NOBODY), 1), ((logouts.KIND,), 8))
PURGES: tuple[Callable[[], int], ...] = (
    outbox.purge,
    logouts.purge,
    email_codes.purge,
    email_undos.purge,
    devices.purge,
    authorizations.purge,
    keys.purge,
    marks.purge,
    client_documents.purge,
    initial_access.purge,
    invitations.purge,
    recovery.purge,
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
    jobs.every(crontab(minute="7"), within(app, purge), name="purge")
    jobs.every(crontab(minute="17"), within(app, rotate_keys), name="rotate_keys")
    with ExitStack() as lanes:
        for kinds, threads in LANES:
            lane = lanes.enter_context(Rounds(within(app, partial(deliver, *kinds)), threads=threads))
            for kind in kinds:
                jobs.listen(kind, lane.wake)
        log.get().info("worker.started")
        jobs.consumer().run()
    log.get().info("worker.stopped")


def within(app: Flask, work: Callable[[], object]) -> Callable[[], None]:
    """`work`, with the application's context around it, and a failure written down instead of raised."""

    name = getattr(work, "func", work).__name__

    def job() -> None:
        log.begin(work=name)
        with app.app_context():
            try:
                work()
            except Exception:  # the next round tries again, whatever it was
                log.get().exception("work.failed")

    return job


def deliver(*kinds: str) -> None:
    """Deliver what is due of these kinds, or of all, until nothing is."""
    while outbox.anything_due(kinds):
        outbox.deliver_due(BATCH, kinds=kinds)


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
    """Threads that do `work` at each `wake`, and every few seconds without asking Redis: letters leave even while it is gone."""

    def __init__(self, work: Callable[[], None], seconds: float = ROUND_SECONDS, *, threads: int = 1) -> None:
        self._work, self._seconds = work, seconds
        self._changed = threading.Condition()
        self._over, self._calls = False, 0
        self._threads = [threading.Thread(target=self._go, name="rounds", daemon=True) for _ in range(threads)]

    def __enter__(self) -> "Rounds":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._change(over=True)
        for thread in self._threads:
            thread.join(20)

    def wake(self) -> None:
        """Have the work done now; whoever is at it comes back to it."""
        self._change(over=False)

    def _change(self, *, over: bool) -> None:
        with self._changed:
            self._over, self._calls = over, self._calls + 1
            self._changed.notify_all()

    def _go(self) -> None:
        heard = -1
        while not self._over:
            heard = self._calls
            self._work()
            with self._changed:
                self._changed.wait_for(lambda seen=heard: self._calls != seen, self._seconds)


if __name__ == "__main__":
    sys.exit(main())
