"""Recovery links: for an hour, once, until a newer one, another password or another address: the gate alone."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update

from shared.kit import clock, ids
from shared.kit.db import db, lock, transaction
from shared.models.recovery import RecoveryLink
from shared.models.tenant import Tenant
from shared.models.user import FOLDED, User, fold
from shared.services import askers

LIVES = timedelta(hours=1)
MINUTES = int(LIVES.total_seconds()) // 60


def begin(tenant: Tenant, *, email: str, user: User | None, familiar: str = "") -> str | None:
    """The secret of a new link for whoever reads `email`, which ends the one before; None when this asker has had too many sent
    (askers; `familiar` is what the browser keeps).

    Where there is no `user` the same is written, and the secret opens nothing. Call it inside a transaction.
    """
    folded, secret, link_id = fold(email)[:FOLDED], ids.token(), ids.uuid7()
    asker = askers.here(tenant, folded, familiar=familiar)
    with transaction() as session:
        lock("recovery", tenant.id, folded)
        whose = RecoveryLink.email_folded == folded
        if askers.wait(RecoveryLink, asker, RecoveryLink.tenant_id == tenant.id, whose):
            return None
        session.add(
            RecoveryLink(
                id=link_id,
                tenant_id=tenant.id,
                user_id=user.id if user else None,
                email=user.email if user else email,
                email_folded=folded,
                fingerprint=ids.fingerprint(secret if user else ids.token()),
                asker=asker.name,
                expires_at=clock.now() + LIVES,
            )
        )
        # The person's row before those of older links, as whatever ends them all locks them (locks).
        session.flush()
        others = or_(whose, RecoveryLink.user_id == user.id) if user else whose
        _end(RecoveryLink.tenant_id == tenant.id, RecoveryLink.id != link_id, others)
    return secret


def find(tenant: Tenant, secret: str) -> RecoveryLink | None:
    """The link with this secret, if it still works, or None; this spends nothing, as mail programs open links to look at them."""
    query = select(RecoveryLink).where(*_alive(tenant, secret))
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def spend(tenant: Tenant, secret: str) -> bool:
    """Whether the link with this secret still worked: of many at once one does. Call it inside the transaction of the change."""
    spent = db.session.execute(
        update(RecoveryLink)
        .where(*_alive(tenant, secret))
        .values(ended_at=clock.now())
        .returning(RecoveryLink.id)
        .execution_options(synchronize_session=False)
    )
    return spent.one_or_none() is not None


def end(user: User) -> None:
    """End every link of a person: their password or address is another now. Call it inside the transaction of the change."""
    _end(RecoveryLink.user_id == user.id)


def purge() -> int:
    """Delete links that no longer work; how many."""
    with transaction() as session:
        gone = delete(RecoveryLink).where(RecoveryLink.expires_at < clock.now()).returning(RecoveryLink.id)
        return len(session.execute(gone).all())


def _alive(tenant: Tenant, secret: str) -> list[ColumnElement[bool]]:
    theirs = select(User.email).where(User.id == RecoveryLink.user_id, User.disabled_at.is_(None))
    return [
        RecoveryLink.fingerprint == ids.fingerprint(secret),
        RecoveryLink.tenant_id == tenant.id,
        RecoveryLink.ended_at.is_(None),
        RecoveryLink.expires_at > clock.now(),
        RecoveryLink.email == theirs.correlate(RecoveryLink).scalar_subquery(),
    ]


def _end(*whose: ColumnElement[bool]) -> None:
    db.session.execute(
        update(RecoveryLink)
        .where(*whose, RecoveryLink.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )
