"""Marks: the one gate for what may be seen once (the `jti` of assertions and proofs); they outlive a restart."""

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.kit import clock, ids
from shared.kit.db import db, transaction
from shared.models.mark import Mark

ASSERTION, PROOF, REVOKED_TOKEN = "assertion", "proof", "revoked token"
_SEEN = select(Mark.kind).where(Mark.kind == bindparam("kind"), Mark.fingerprint == bindparam("fingerprint"))


def spend(kind: str, value: str, *, until: datetime) -> bool:
    """Whether `value` is seen for the first time: of many at once, on all nodes, one is. `until` then it is remembered.

    That is until it would be refused for its age.
    """
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {"kind": kind, "fingerprint": ids.fingerprint(value), "expires_at": until}
    # THE gate: the row is written once, whoever comes first.
    query = insert(Mark).values(row).on_conflict_do_nothing().returning(Mark.kind)
    with transaction() as session:
        return session.execute(query).first() is not None


def seen(kind: str, value: str) -> bool:
    """Whether `value` was spent before."""
    return db.session.scalar(_SEEN, {"kind": kind, "fingerprint": ids.fingerprint(value)}) is not None


def purge() -> int:
    """Delete marks that nothing needs any more; how many."""
    with transaction() as session:
        return cast(CursorResult, session.execute(delete(Mark).where(Mark.expires_at < clock.now()))).rowcount
