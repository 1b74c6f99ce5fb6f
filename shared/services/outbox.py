"""The outbox: put in with the change that calls for it, delivered at least once after it, whatever is down meanwhile."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from shared.kit import clock, ids, log, mail, queue, seal
from shared.kit.db import after_commit, db, release, transaction
from shared.models.outbox import OutboxMessage

PURPOSE = "outbox"
# Whoever takes a message has this long; after that it is due again, because the taker may have died.
LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
# With the waits above: a mail server may be away for a night.
MOST_ATTEMPTS = 20
KEPT_FOR = timedelta(days=7)


def put(kind: str, payload: dict[str, Any]) -> None:
    """Have `payload` delivered once the present transaction is durable; call it inside one."""
    db.session.add(OutboxMessage(id=ids.uuid7(), kind=kind, payload=seal.seal(json.dumps(payload), PURPOSE)))
    after_commit(_nudge)


def deliver_due(limit: int = 20) -> int:
    """Deliver at most `limit` messages that are due, on any number of nodes at once; how many left the house."""
    delivered = 0
    for _ in range(limit):
        message = _take()
        if message is None:
            break
        delivered += _deliver(message)
    return delivered


def purge() -> int:
    """Delete messages that were delivered a week ago; how many. What failed stays, to be looked at."""
    with transaction() as session:
        gone = session.execute(
            delete(OutboxMessage).where(OutboxMessage.delivered_at < clock.now() - KEPT_FOR).returning(OutboxMessage.id)
        )
        return len(gone.all())


def _nudge() -> None:
    queue.nudge("outbox")


def _take() -> OutboxMessage | None:
    moment = clock.now()
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.failed_at.is_(None), OutboxMessage.due_at <= moment)
        .order_by(OutboxMessage.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    # Committed before anything is sent: two workers never hold one message, and one that dies with it only delays it.
    with transaction() as session:
        return session.execute(
            update(OutboxMessage)
            # Equal to, not in: PostgreSQL may run the query of an IN again for each row, and skip what it has just taken.
            .where(OutboxMessage.id == due.scalar_subquery())
            .values(due_at=moment + LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).scalar_one_or_none()


def _deliver(message: OutboxMessage) -> bool:
    release()
    try:
        KINDS[message.kind](message)
    except OSError as error:
        _put_off(message, error)
        return False
    except Exception as error:  # one message that nothing can deliver must not stop the others
        _give_up(message, error)
        return False
    # The payload may hold a code: it goes with the delivery.
    _note(message, delivered_at=clock.now(), payload="", last_error=None)
    return True


def _put_off(message: OutboxMessage, error: Exception) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _give_up(message, error)
        return
    _note(message, due_at=clock.now() + wait(message.attempts), last_error=_words(error))
    log.get().warning(
        "outbox.put_off", kind=message.kind, message_id=str(message.id), attempts=message.attempts, error=_words(error)
    )


def _give_up(message: OutboxMessage, error: Exception) -> None:
    _note(message, failed_at=clock.now(), last_error=_words(error))
    log.get().error(
        "outbox.gave_up", kind=message.kind, message_id=str(message.id), attempts=message.attempts, error=_words(error)
    )


def wait(attempts: int) -> timedelta:
    """The wait after so many attempts: 5 seconds, doubled up to an hour, a quarter more or less, so that crowds disperse."""
    doubled = FIRST_WAIT * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT) * (0.75 + ids.random_bytes(1)[0] / 510)


def _note(message: OutboxMessage, **changes: datetime | str | None) -> None:
    with transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.delivered_at.is_(None))
            .values(**changes)
            .execution_options(synchronize_session=False)
        )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _mail(message: OutboxMessage) -> None:
    mail.send(mail.Letter(**json.loads(seal.unseal(message.payload, PURPOSE)), id=str(message.id)))


KINDS: dict[str, Callable[[OutboxMessage], None]] = {"mail": _mail}
