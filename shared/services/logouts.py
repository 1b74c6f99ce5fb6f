"""Logouts: what the end of a session takes with it, which clients are told of it, and which of them have confirmed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from shared.kit import clock, ids, log
from shared.kit.db import after_commit, db, transaction, write
from shared.kit.errors import Unavailable
from shared.models.audit import Actor
from shared.models.client import Client
from shared.models.logout_notice import LogoutNotice
from shared.models.outbox import OutboxMessage
from shared.models.user import User
from shared.services import audit, authorizations, email_codes, locks, outbox, recovery, sessions

# What the outbox calls them.
KIND = "logout"
KEPT_FOR = timedelta(days=30)
RECENT = 8
# A Redis that fails over forgets its last seconds: the latest ends are enough.
KEPT_ENDS, LONGEST_SID = 32, 64


def end(user: User, *, sid: str | None = None, except_sid: str | None = None) -> None:
    """End the session `sid` of a person, or all of them, or all but one: the only way in which sessions of a person end.

    Call it inside the transaction of whatever ends them. What clients hold for the time of the session ends with it, and those
    that want to be told will be. SQL keeps that it ended, whatever becomes of Redis. Where it is more than one, whatever came by
    letter before opens nothing any more either.
    """
    row = _write_down(user, sid)
    if sid is None:
        # Whoever sat in the account may have asked for it, and may have read it.
        email_codes.end(row)
        recovery.end(row)
    _announce(row, authorizations.end_with_session(row, sid=sid, except_sid=except_sid))
    after_commit(lambda: _tell_redis(row, sid, except_sid))


def carried_by(message: OutboxMessage) -> LogoutNotice | None:
    """The notice that a message of the outbox brings; None when its client is gone."""
    return db.session.get(LogoutNotice, UUID(outbox.payload_of(message)["notice"]), populate_existing=True)


def confirm(notice: LogoutNotice, *, attempts: int) -> None:
    """Note that the client has answered that it ended its session."""
    with transaction():
        _note(notice, attempts=attempts, confirmed_at=clock.now(), last_error=None)


def put_off(notice: LogoutNotice, why: str, *, attempts: int) -> None:
    """Note why the client could not be told yet."""
    with transaction():
        _note(notice, attempts=attempts, last_error=why[:500])


def give_up(notice: LogoutNotice, why: str, *, attempts: int) -> None:
    """Note that nobody tries any more to tell the client, and why."""
    with transaction():
        _note(notice, attempts=attempts, failed_at=clock.now(), last_error=why[:500])
        audit.record("client.logout_unconfirmed", actor=Actor.system("outbox"), subject=notice.client, reason=why[:300])


def about(user: User) -> Sequence[LogoutNotice]:
    """The latest notices about a person, newest first."""
    return _latest(LogoutNotice.user_id == user.id)


def to(client: Client) -> Sequence[LogoutNotice]:
    """The latest notices to a client, newest first."""
    return _latest(LogoutNotice.client_id == client.id)


def purge() -> int:
    """Delete notices a month after they were written; how many."""
    with transaction() as session:
        old = delete(LogoutNotice).where(LogoutNotice.created_at < clock.now() - KEPT_FOR).returning(LogoutNotice.id)
        return len(session.execute(old).all())


def _tell_redis(user: User, sid: str | None, except_sid: str | None) -> None:
    try:
        if sid:
            sessions.end_one(user, sid)
        else:
            sessions.end_all(user, except_sid=except_sid)
    except Unavailable:
        # It is done: whoever asks for such a session meets the person's row.
        log.get().warning("logouts.redis_not_told")


def _write_down(user: User, sid: str | None) -> User:
    """Keep the end of one session with its person, or begin a new generation of sessions."""
    row = locks.person(user)
    if sid is None:
        row.sessions_valid_from, row.ended_sids = clock.now(), []
    elif len(sid) <= LONGEST_SID:
        row.ended_sids = [*row.ended_sids, sid][-KEPT_ENDS:]
    # To sign out changes nothing that applications are told.
    row.updated_at = User.updated_at
    return row


def _announce(user: User, ended: set[tuple[UUID, str]]) -> None:
    """Have each client with a back-channel address told of each of its sessions that ended, unless it was told before."""
    told = select(LogoutNotice.client_id, LogoutNotice.sid).where(LogoutNotice.user_id == user.id)
    known = {(client_id, sid) for client_id, sid in db.session.execute(told)} if ended else set()
    for client in _listening({client_id for client_id, _ in ended}):
        for sid in sorted(sid for client_id, sid in ended - known if client_id == client.id):
            notice_id = ids.uuid7()
            write(LogoutNotice, id=notice_id, tenant_id=client.tenant_id, client_id=client.id, user_id=user.id, sid=sid)
            outbox.put(KIND, {"notice": str(notice_id)})


def _listening(client_ids: set[UUID]) -> Sequence[Client]:
    wanted = select(Client).where(Client.id.in_(client_ids), Client.backchannel_logout_uri.is_not(None))
    return db.session.scalars(wanted.order_by(Client.id)).all() if client_ids else []


def _note(notice: LogoutNotice, **changes: object) -> None:
    this = update(LogoutNotice).where(LogoutNotice.id == notice.id, LogoutNotice.confirmed_at.is_(None))
    db.session.execute(this.values(**changes).execution_options(synchronize_session=False))


def _latest(whose: object) -> Sequence[LogoutNotice]:
    query = select(LogoutNotice).where(whose).order_by(LogoutNotice.id.desc()).limit(RECENT)  # type: ignore[arg-type]
    return db.session.scalars(query.execution_options(populate_existing=True)).all()
