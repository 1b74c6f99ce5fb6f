"""Whose account it is, once somebody shows from outside of it that they read the letters of its address."""

from shared.kit import clock
from shared.kit.db import db
from shared.models.audit import Actor
from shared.models.user import OPERATOR, User
from shared.services import audit, authorizations, enrolments, identities, locks, logouts


def prove(user: User) -> User:
    """Whoever comes by a letter to the address of `user` has the account; call it inside a transaction, before they sign in.

    If nobody had shown that before, a stranger may have made the account to wait in it for its owner: so what it was opened with
    until now, its password, its factors, its sessions and its accounts elsewhere, opens it no longer, and an authenticator app
    that was added while no letter could leave keeps nobody out. An operator's app stays: somebody has let that very account run
    the server, and another operator resets it.
    """
    row = locks.person(user)
    if row.email_verified:
        return row
    row.email_verified_at, row.password_hash = clock.now(), None
    # What follows reads the row again.
    db.session.flush()
    authorizations.revoke_all(row, reason="address proved by its owner")
    identities.unlink_all(row, by=Actor.of(row))
    _end_factors(row)
    audit.record("user.email_verified", actor=Actor.of(row), subject=row, others_shut_out=True)
    logouts.end(row)
    return row


def _end_factors(row: User) -> None:
    if row.has(OPERATOR):
        enrolments.remove_passkeys(row, by=Actor.of(row))
    else:
        enrolments.reset(row, by=Actor.of(row))
