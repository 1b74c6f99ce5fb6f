"""The outbox: put in with the change that calls for it, delivered at least once after it, whatever is down meanwhile."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, select, update

from shared.kit import clock, ids, log, page, queue, seal
from shared.kit.db import CONNECTION_LOST, after_commit, db, release, transaction
from shared.kit.errors import Conflict, NotFound
from shared.models.audit import Actor
from shared.models.outbox import OutboxMessage
from shared.services import audit

PURPOSE = "outbox"
# Whoever takes a message has this long; after that it is due again, because the taker may have died.
LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
# With the waits above: a mail server may be away for a night.
MOST_ATTEMPTS = 20
KEPT_FOR = timedelta(days=7)


# To nobody: it is there for the sake of who asks, and says nothing to who looks.
UNSEEN = "nobody"


@dataclass(frozen=True)
class Counts:
    """How many messages are in which state, and since when the oldest waits."""

    waiting: int
    failed: int
    delivered: int
    oldest: datetime | None


class NotYet(Exception):
    """Somebody else tries the same receiver now: put back for so many seconds, and not counted as an attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.wait = timedelta(seconds=seconds)


def put(kind: str, payload: dict[str, Any]) -> None:
    """Have `payload` delivered once the present transaction is durable; call it inside one."""
    db.session.add(OutboxMessage(id=ids.uuid7(), kind=kind, payload=seal.seal(json.dumps(payload), PURPOSE)))
    after_commit(lambda: queue.nudge(kind))


def carry(kind: str, act: Callable[[OutboxMessage], None]) -> None:
    """Have `act` deliver messages of this kind: it may raise OSError to try again later, NotYet, or else to give up."""
    KINDS[kind] = act


def payload_of(message: OutboxMessage) -> dict[str, Any]:
    """What was put in."""
    return dict(json.loads(seal.unseal(message.payload, PURPOSE)))


def deliver_due(limit: int = 20, *, kinds: Collection[str] = ()) -> int:
    """Deliver at most `limit` messages that are due, of these kinds or of all, on any number of nodes; how many left."""
    delivered = 0
    for _ in range(limit):
        message = _take(kinds)
        if message is None:
            break
        delivered += _deliver(message)
    return delivered


def anything_due(kinds: Collection[str] = ()) -> bool:
    """Whether a message of these kinds, or of any, is due."""
    return db.session.scalar(_due(kinds)) is not None


def search(*, failed: bool, after: str | None = None, before: str | None = None, limit: int = 25) -> page.Page[OutboxMessage]:
    """What waits, or what nobody will try again unless told to, newest first; only what is `shown`."""
    state = OutboxMessage.failed_at.is_not(None) if failed else OutboxMessage.failed_at.is_(None)
    query = select(OutboxMessage).where(OutboxMessage.delivered_at.is_(None), OutboxMessage.kind != UNSEEN, state)
    return page.fetch(query, OutboxMessage.id, after=after, before=before, limit=limit)


def counts() -> Counts:
    """How many messages wait, failed, and were delivered within the time that they are kept for."""
    waiting = and_(OutboxMessage.delivered_at.is_(None), OutboxMessage.failed_at.is_(None))
    found = db.session.execute(
        select(
            func.count().filter(waiting),
            func.count().filter(OutboxMessage.failed_at.is_not(None)),
            func.count().filter(OutboxMessage.delivered_at.is_not(None)),
            func.min(OutboxMessage.created_at).filter(waiting),
        ).where(OutboxMessage.kind != UNSEEN)
    ).one()
    return Counts(*found)


def get(message_id: object) -> OutboxMessage:
    """The message with this id. Raises NotFound."""
    identifier = ids.find_uuid(message_id)
    row = db.session.get(OutboxMessage, identifier, populate_existing=True) if identifier else None
    if row is None or row.kind == UNSEEN:
        raise NotFound("There is no such message. What was delivered is forgotten after a week.")
    return row


def try_again(message: OutboxMessage, *, by: Actor) -> None:
    """Have it tried now, as often as a new one. Raises Conflict when it was delivered."""
    with transaction() as session:
        tried = session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.delivered_at.is_(None))
            .values(failed_at=None, due_at=clock.now(), attempts=0)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        ).first()
        if tried is None:
            raise Conflict("It was delivered already.")
        audit.record("outbox.tried_again", actor=by, subject=str(message.id))
        after_commit(lambda: queue.nudge(message.kind))


def discard(message: OutboxMessage, *, by: Actor) -> None:
    """Give up what failed, for good. Raises Conflict for what still waits or was delivered."""
    with transaction() as session:
        gone = session.execute(
            delete(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.failed_at.is_not(None))
            .returning(OutboxMessage.id)
        ).first()
        if gone is None:
            raise Conflict("It waits, or was delivered: only what failed can be discarded.")
        audit.record("outbox.discarded", actor=by, subject=str(message.id))


def purge() -> int:
    """Delete messages that were delivered a week ago; how many. What failed stays, to be looked at."""
    with transaction() as session:
        gone = session.execute(
            delete(OutboxMessage).where(OutboxMessage.delivered_at < clock.now() - KEPT_FOR).returning(OutboxMessage.id)
        )
        return len(gone.all())


def _due(kinds: Collection[str]) -> Select[UUID]:
    waits = [OutboxMessage.delivered_at.is_(None), OutboxMessage.failed_at.is_(None), OutboxMessage.due_at <= clock.now()]
    if kinds:
        waits.append(OutboxMessage.kind.in_(kinds))
    return select(OutboxMessage.id).where(*waits).order_by(OutboxMessage.due_at).limit(1)


def _take(kinds: Collection[str] = ()) -> OutboxMessage | None:
    # Asked before anything is locked: mostly there is nothing.
    if not anything_due(kinds):
        return None
    due = _due(kinds).with_for_update(skip_locked=True)
    # Committed before anything is sent: two workers never hold one message, and one that dies with it only delays it.
    with transaction() as session:
        return session.execute(
            update(OutboxMessage)
            # Equal to, not in: PostgreSQL may run the query of an IN again for each row, and skip what it has just taken.
            .where(OutboxMessage.id == due.scalar_subquery())
            .values(due_at=clock.now() + LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).scalar_one_or_none()


def _deliver(message: OutboxMessage) -> bool:
    release()
    try:
        KINDS[message.kind](message)
    except NotYet as error:
        _note(message, due_at=clock.now() + error.wait, attempts=message.attempts - 1)
        return False
    except OSError as error:
        _put_off(message, error)
        return False
    except CONNECTION_LOST:
        # Says nothing about the message, and nothing can be noted: it is due again when its lease ends.
        db.session.rollback()
        raise
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


def _note(message: OutboxMessage, **changes: datetime | str | int | None) -> None:
    with transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.delivered_at.is_(None))
            .values(**changes)
            .execution_options(synchronize_session=False)
        )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


# Filled by whoever carries a kind.
KINDS: dict[str, Callable[[OutboxMessage], None]] = {}
