"""The end of an account: all that is the person's goes, clients are told first, and what must stay no longer says who it was."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from shared.kit.db import db, transaction
from shared.models.audit import Actor, AuditEvent
from shared.models.invitation import Invitation
from shared.models.user import FOLDED, User, fold, same_address
from shared.services import audit, locks, logouts, notices, operators

# Who somebody was whose account is gone.
NOBODY = "deleted"
# What is written down when an account gets another address.
MOVED = ("user.email_changed", "user.email_taken_back")


def carry_out(user: User, *, by: Actor) -> None:
    """Delete an account for good, with its sessions, tokens, factors, consents and whatever else hangs on it.

    The audit log keeps what was done, by the account's number alone. Raises Conflict for the last operator, and NotFound when
    the account is gone already.
    """
    with transaction() as session:
        operators.one_at_a_time()
        row = locks.acting(user, by)
        operators.check_another(row)
        logouts.end(row)
        notices.post("account_deleted", row)
        audit.record("user.deleted", actor=by, subject=row)
        _forget(row)
        session.execute(delete(Invitation).where(Invitation.tenant_id == row.tenant_id, _invited(row)))
        # The rest goes with the row: every table that has a person says so to the database.
        session.execute(delete(User).where(User.id == row.id).execution_options(synchronize_session=False))
        session.expunge(row)


def _invited(user: User) -> ColumnElement[bool]:
    alike = db.session.scalars(
        select(Invitation).where(Invitation.tenant_id == user.tenant_id, Invitation.email_folded == user.email_folded)
    )
    return or_(Invitation.user_id == user.id, Invitation.id.in_([row.id for row in alike if same_address(row.email, user.email)]))


def _forget(user: User) -> None:
    """The audit log keeps which number did what and when; names, addresses and details of a person go."""
    number = str(user.id)
    # Whoever typed a wrong password was written down with the address alone: this one, or one that was theirs until some moment.
    nameless = (AuditEvent.tenant_id == user.tenant_id, AuditEvent.actor_id == "")
    theirs = [AuditEvent.actor_folded == user.email_folded]
    theirs += [and_(AuditEvent.actor_folded == folded, AuditEvent.at <= until) for folded, until in _addresses_before(user)]
    tried = and_(*nameless, or_(*theirs))
    about = {"subject_name": NOBODY, "subject_folded": NOBODY, "detail": {}}
    by = {"actor_name": NOBODY, "actor_folded": NOBODY, "address": None}
    for which, forgotten in ((AuditEvent.subject_id == number, about), (or_(AuditEvent.actor_id == number, tried), by)):
        db.session.execute(update(AuditEvent).where(which).values(**forgotten).execution_options(synchronize_session=False))


def _addresses_before(user: User) -> list[tuple[str, datetime]]:
    """The addresses that the account has had, each with the moment until which it had it."""
    changes = select(AuditEvent).where(AuditEvent.subject_id == str(user.id), AuditEvent.action.in_(MOVED))
    return [(fold(str(row.detail["email"][0]))[:FOLDED], row.at) for row in db.session.scalars(changes)]
