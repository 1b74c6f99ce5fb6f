"""An address that was changed by somebody else: its owner has the account back by the letter that told them."""

from sqlalchemy.exc import IntegrityError

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.email_undo import EmailUndo
from shared.models.tenant import PASSWORD, Tenant
from shared.models.user import User, fold
from shared.services import (
    audit,
    authorizations,
    email_undos,
    field_values,
    guesses,
    letters,
    locks,
    logouts,
    password_changes,
    users,
)

OVER = said("This link no longer works")
TAKEN = said("Your old address has another account by now. Ask for help.")


def asks_for_password(tenant: Tenant, undo: EmailUndo) -> bool:
    """Whether the account has a password that opens it, which whoever has it now knows."""
    return PASSWORD in tenant.factors and users.get(tenant, undo.user_id).password_hash is not None


def carry_out(tenant: Tenant, secret: str, *, password: str | None) -> User:
    """Give the account its old address again, with a new `password` where it has one; all that is open ends.

    It signs nobody in, and second factors stay: they are asked for as always. Raises Invalid for the password, Conflict where the
    address has another account meanwhile, TooMany, and NotFound when the link no longer works.
    """
    undo = email_undos.find(tenant, secret)
    if undo is None:
        raise NotFound(OVER)
    guesses.take_sign_up()
    user, email = users.get(tenant, undo.user_id), undo.email
    password_hash = password_changes.hashed(user, password or "") if asks_for_password(tenant, undo) else None
    try:
        with transaction():
            # The person first, as all that changes them does.
            row = locks.person(user)
            if not email_undos.spend(tenant, secret):
                raise NotFound(OVER)
            _go_back(row, tenant, email)
            if password_hash is None:
                logouts.end(row)
            else:
                password_changes.put(row, password_hash, by=Actor.of(row))
    except IntegrityError:
        raise Conflict(TAKEN) from None
    return row


def _go_back(row: User, tenant: Tenant, email: str) -> None:
    left, row.email, row.email_folded = row.email, email, fold(email)
    # Whoever opened the letter reads what is sent to the address; whoever had the account knows its password.
    row.email_verified_at, row.password_hash = clock.now(), None
    db.session.flush()
    authorizations.revoke_all(row, reason="address taken back")
    when = field_values.now_for(row)
    language = row.reads
    letters.post("email_change_undone", tenant, to=left, proved=True, language=language, old_email=email, when=when)
    audit.record("user.email_taken_back", actor=Actor.of(row), subject=row, email=[left, email])
