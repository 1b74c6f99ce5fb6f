"""Undos of another address: for three days, once, and never by a later one: the gate alone."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from shared.kit import clock, ids
from shared.kit.db import db, transaction
from shared.models.email_undo import EmailUndo
from shared.models.tenant import Tenant
from shared.models.user import User, fold

DAYS = 3
LIVES = timedelta(days=DAYS)


def begin(user: User, email: str) -> str:
    """The secret of an undo for whoever reads `email`, which the account of `user` leaves now. Call it inside that transaction.

    Earlier ones go on: a thief who changes the address twice does not get rid of its owner's.
    """
    secret = ids.token()
    db.session.add(
        EmailUndo(
            id=ids.uuid7(),
            tenant_id=user.tenant_id,
            user_id=user.id,
            email=email,
            email_folded=fold(email),
            fingerprint=ids.fingerprint(secret),
            expires_at=clock.now() + LIVES,
        )
    )
    db.session.flush()
    return secret


def find(tenant: Tenant, secret: str) -> EmailUndo | None:
    """The undo with this secret, if it still works, or None; this spends nothing, as mail programs open links to look at them."""
    query = select(EmailUndo).where(EmailUndo.fingerprint == ids.fingerprint(secret), *_alive(tenant))
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def spend(tenant: Tenant, secret: str) -> bool:
    """Whether the undo with this secret still worked: of many at once one does. Call it inside the transaction of the change.

    Those of later addresses end with it, or whoever took the account would take it again.
    """
    this = update(EmailUndo).where(EmailUndo.fingerprint == ids.fingerprint(secret), *_alive(tenant))
    spent = db.session.execute(
        this.values(ended_at=clock.now()).returning(EmailUndo.id, EmailUndo.user_id).execution_options(synchronize_session=False)
    ).one_or_none()
    if spent is not None:
        _end_later(*spent)
    return spent is not None


def holds(tenant: Tenant, folded: str) -> bool:
    """Whether an account may still go back to this address, so that nobody has it who has not shown that it is theirs."""
    return db.session.scalar(select(EmailUndo.id).where(EmailUndo.email_folded == folded, *_alive(tenant)).limit(1)) is not None


def purge() -> int:
    """Delete undos that no longer work; how many."""
    with transaction() as session:
        gone = delete(EmailUndo).where(EmailUndo.expires_at < clock.now()).returning(EmailUndo.id)
        return len(session.execute(gone).all())


def _alive(tenant: Tenant) -> list[ColumnElement[bool]]:
    now_theirs = select(User.email).where(User.id == EmailUndo.user_id, User.disabled_at.is_(None))
    return [
        EmailUndo.tenant_id == tenant.id,
        EmailUndo.ended_at.is_(None),
        EmailUndo.expires_at > clock.now(),
        # Nothing is to be undone where the account has the address, nor while it is disabled, when this is no row.
        # A twin is another: whoever moved it there may read the letters of one and not of the other.
        EmailUndo.email != now_theirs.correlate(EmailUndo).scalar_subquery(),
    ]


def _end_later(undo_id: UUID, user_id: UUID) -> None:
    # Ids grow with time.
    later = update(EmailUndo).where(EmailUndo.user_id == user_id, EmailUndo.id > undo_id, EmailUndo.ended_at.is_(None))
    db.session.execute(later.values(ended_at=clock.now()).execution_options(synchronize_session=False))
