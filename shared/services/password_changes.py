"""Another password: chosen by its person, who is told; everything else that was open ends."""

from shared.kit.db import transaction
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import PASSWORD
from shared.models.user import User
from shared.services import audit, authorizations, guesses, locks, logouts, notices, passwords, tenants


def change(user: User, *, password: str, by: Actor, except_sid: str | None = None) -> User:
    """Set a new password; every other session and every authorization ends. Raises Invalid, TooMany."""
    guesses.take_password(user, by)
    return put(user, hashed(user, password), by=by, except_sid=except_sid)


def hashed(user: User, password: str) -> str:
    """The hash of a password that `user` chooses, for `put`: checked, and made outside of any transaction.

    Raises Invalid, also where the tenant's people sign in without one.
    """
    tenant = tenants.get(user.tenant_id)
    if PASSWORD not in tenant.factors:
        raise Invalid(said("Nobody signs in with a password here."), field="password")
    return passwords.chosen(password, user.email, user.name, least=tenant.password_least)


def put(user: User, password_hash: str, *, by: Actor, except_sid: str | None = None) -> User:
    """What `change` does, with the hash that `hashed` made. The person is told by letter."""
    with transaction():
        row = locks.acting(user, by)
        row.password_hash = password_hash
        authorizations.revoke_all(row, reason="password changed")
        notices.post("password_changed", row)
        audit.record("user.password_changed", actor=by, subject=row)
        logouts.end(row, except_sid=except_sid)
    return row
