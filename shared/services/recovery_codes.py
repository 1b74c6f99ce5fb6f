"""Recovery codes: ten on paper, each of which stands once for a lost second factor."""

import hashlib
import hmac

from sqlalchemy import delete, func, select, update

from shared.kit import clock, ids, seal
from shared.kit.db import db, transaction, write
from shared.models.audit import Actor
from shared.models.factor import RecoveryCode
from shared.models.user import User
from shared.services import audit, factors, locks
from shared.services.email_codes import ALPHABET, normal

MANY, LENGTH = 10, 10
# So few are left that one should make new ones.
FEW = 3


def make(user: User) -> list[str]:
    """A new set, as it is shown this once; it ends the one before. Call it inside a transaction."""
    codes = [ids.pick(ALPHABET, LENGTH) for _ in range(MANY)]
    remove(user)
    for code in codes:
        write(RecoveryCode, id=ids.uuid7(), user_id=user.id, fingerprint=_fingerprint(user, code), created_at=clock.now())
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def renew(user: User, *, by: Actor) -> list[str]:
    """A new set for somebody who asks for one. Raises Denied for whoever has to verify their address before."""
    with transaction():
        factors.check_proof(locks.acting(user, by))
        codes = make(user)
        audit.record("user.recovery_codes_renewed", actor=by, subject=user)
    return codes


def remove(user: User) -> None:
    """End the set; inside a transaction."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def spend(user: User, code: str) -> bool:
    """Whether `code` is one of theirs that was not used, and now is; inside the transaction of what it buys."""
    # THE gate: of many at once, one finds it unused.
    query = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.fingerprint == _fingerprint(user, normal(code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(query).first() is not None


def left(user: User) -> int:
    """How many were not used yet."""
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def _fingerprint(user: User, code: str) -> bytes:
    # Keyed: a stolen table cannot be tried through.
    return hmac.new(seal.derive("recovery code"), f"{user.id}:{code}".encode(), hashlib.sha256).digest()
