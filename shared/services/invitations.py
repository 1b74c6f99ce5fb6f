"""Invitations: an operator lets whoever reads the letters of an address make an account, once, within seven days."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from shared.kit import clock, ids, mail, page
from shared.kit.db import db, lock, starts_with, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.invitation import Invitation
from shared.models.tenant import Tenant
from shared.models.user import User, fold, same_address
from shared.services import audit, letters, sign_ups, tenants, users

LIVES = timedelta(days=7)
KEPT_FOR = timedelta(days=90)
OVER = said("This invitation no longer works. Ask for a new one.")


def create(tenant: Tenant, *, email: str, by: Actor) -> Invitation:
    """Invite whoever reads `email`; where they were invited before, that link ends and another is sent.

    Raises Invalid, and Conflict where somebody has an account with this address.
    """
    address = users.checked_email(email)
    _check_letters_leave()
    with transaction() as session:
        lock("account", tenant.id, fold(address))
        _check_new(tenant, address)
        open_one = _waiting(tenant, address)
        if open_one is not None:
            return send_again(open_one, by=by)
        row = Invitation(id=ids.uuid7(), tenant_id=tenant.id, email=address, email_folded=fold(address))
        _send(row, tenant, by=by)
        session.add(row)
        session.flush()
        audit.record("invitation.created", actor=by, subject=row, tenant=tenant)
    return row


def send_again(invitation: Invitation, *, by: Actor) -> Invitation:
    """Send another link, which works for seven days; the one before ends. Raises Conflict when it was accepted or revoked."""
    _check_letters_leave()
    with transaction() as session:
        row = session.get_one(Invitation, invitation.id, populate_existing=True, with_for_update=True)
        tenant = tenants.get(row.tenant_id)
        if row.accepted_at or row.revoked_at:
            raise Conflict("This invitation was accepted or revoked.")
        _check_new(tenant, row.email)
        _send(row, tenant, by=by)
        audit.record("invitation.sent_again", actor=by, subject=row)
    return row


def revoke(invitation: Invitation, *, by: Actor) -> Invitation:
    """Let nobody make an account with it any more. Raises Conflict when somebody has."""
    with transaction() as session:
        row = session.get_one(Invitation, invitation.id, populate_existing=True, with_for_update=True)
        if row.accepted_at:
            raise Conflict("This invitation was accepted already.")
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record("invitation.revoked", actor=by, subject=row)
    return row


def accept(tenant: Tenant, secret: str, **typed: Any) -> User:
    """Make the account of whoever was invited, its address verified, from what they typed besides (`sign_ups.draft`).

    Raises Invalid, Conflict, and NotFound like `open_with`.
    """
    row = open_with(tenant, secret)
    drafted = sign_ups.draft(tenant, **{**typed, "email": row.email, "invited": True})
    with transaction():
        # THE gate: of many at once one finds it open, and makes the account with it.
        _spend(tenant, secret)
        lock("account", tenant.id, row.email_folded)
        if users.find_by_email(tenant, row.email):
            raise Conflict(sign_ups.EXISTS)
        user = sign_ups.open_account(drafted, verified=True)
        belongs(row, user)
    return user


def waits_for(tenant: Tenant, address: str) -> bool:
    """Whether whoever reads the letters of `address` is invited."""
    return _waiting(tenant, address) is not None


def take(tenant: Tenant, address: str) -> Invitation | None:
    """Use up the invitation of somebody who shows in another way than by its link that `address` is theirs, or None.

    Call it in the transaction that makes the account, and `belongs` after.
    """
    waiting = _waiting(tenant, address)
    if waiting is None:
        return None
    spent = db.session.execute(
        update(Invitation)
        .where(*_open(tenant), Invitation.id == waiting.id)
        .values(accepted_at=clock.now())
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return db.session.get_one(Invitation, spent, populate_existing=True) if spent else None


def belongs(invitation: Invitation, user: User) -> None:
    """Note whose account was made with it."""
    db.session.execute(update(Invitation).where(Invitation.id == invitation.id).values(user_id=user.id))
    audit.record("invitation.accepted", actor=Actor.of(user), subject=invitation)


def open_with(tenant: Tenant, secret: str) -> Invitation:
    """The invitation that this secret opens; looking spends nothing. Raises NotFound in one way, whatever is wrong with it."""
    query = select(Invitation).where(Invitation.fingerprint == ids.fingerprint(secret), *_open(tenant))
    row = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(OVER)
    return row


def get(tenant: Tenant | None, invitation_id: object) -> Invitation:
    """The invitation with this id, of `tenant` or, for operators, of any. Raises NotFound."""
    identifier = ids.find_uuid(invitation_id)
    row = db.session.get(Invitation, identifier) if identifier else None
    if row is None or (tenant is not None and row.tenant_id != tenant.id):
        raise NotFound("There is no such invitation.")
    return row


def search(
    tenant: Tenant | None, text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25
) -> page.Page[Invitation]:
    """Invitations of `tenant`, or of all, newest first, whose address begins with `text`."""
    query = select(Invitation)
    if tenant is not None:
        query = query.where(Invitation.tenant_id == tenant.id)
    if words := fold(text):
        query = query.where(starts_with(Invitation.email_folded, words))
    return page.fetch(query, Invitation.id, after=after, before=before, limit=limit)


def purge() -> int:
    """Delete invitations that ended long ago; how many."""
    with transaction() as session:
        gone = delete(Invitation).where(Invitation.expires_at < clock.now() - KEPT_FOR).returning(Invitation.id)
        return len(session.execute(gone).all())


def _send(row: Invitation, tenant: Tenant, *, by: Actor) -> None:
    secret = ids.token()
    row.fingerprint, row.expires_at, row.invited_by = ids.fingerprint(secret), clock.now() + LIVES, by.name
    link = tenants.address(tenant, "/invitation", token=secret)
    inviter = by.name if by.kind == "user" else ""
    letters.post("invitation", tenant, to=row.email, proved=True, language=None, link=link, until=row.expires_at, inviter=inviter)


def _waiting(tenant: Tenant, address: str) -> Invitation | None:
    query = select(Invitation).where(*_open(tenant), Invitation.email_folded == fold(address))
    return next((row for row in db.session.scalars(query) if same_address(row.email, address)), None)


def _spend(tenant: Tenant, secret: str) -> None:
    spent = db.session.execute(
        update(Invitation)
        .where(Invitation.fingerprint == ids.fingerprint(secret), *_open(tenant))
        .values(accepted_at=clock.now())
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if spent.one_or_none() is None:
        raise NotFound(OVER)


def _open(tenant: Tenant) -> list[ColumnElement[bool]]:
    return [
        Invitation.tenant_id == tenant.id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    ]


def _check_new(tenant: Tenant, address: str) -> None:
    # Operators may see who has an account: it is no secret from them.
    if users.find_by_email(tenant, address):
        raise Conflict("Somebody has an account with this address already.", field="email")


def _check_letters_leave() -> None:
    if not mail.leaves():
        raise Invalid("No letter can leave here. Set BAILIWICK_SMTP_URL first.", field="email")
