"""Users: find, sign up, authenticate, change, disable."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, email_addresses, hashes, ids, names, page
from shared.kit.db import db, release, starts_with, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.refusals import Refusals
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import PASSWORD, Tenant
from shared.models.user import FOLDED, OPERATOR, User, fold
from shared.models.user_field import ACCOUNT
from shared.models.user_field import OPERATOR as BY_OPERATOR
from shared.services import (
    audit,
    authorizations,
    factors,
    field_values,
    guesses,
    locks,
    logouts,
    operators,
    passwords,
    person_claims,
    sign_ins,
    user_fields,
)

WRONG = said("The e-mail address or the password is wrong.")
NO_ACCOUNT = said("This address cannot be used for a new account here.")
PERMISSIONS = (OPERATOR,)
# Built once: building a statement costs as much as asking it.
_FIND = select(User).where(User.tenant_id == bindparam("tenant_id"), User.id == bindparam("id"))
_FIND_BY_EMAIL = select(User).where(User.tenant_id == bindparam("tenant_id"), User.email_folded == bindparam("email_folded"))


def find(tenant: Tenant, user_id: UUID | str) -> User | None:
    """The user of `tenant` with this id, or None."""
    identifier = ids.find_uuid(user_id)
    return db.session.scalar(_FIND, {"tenant_id": tenant.id, "id": identifier}) if identifier else None


def get(tenant: Tenant | None, user_id: UUID | str) -> User:
    """The user with this id, of `tenant` or, for operators, of any. Raises NotFound."""
    identifier = ids.find_uuid(user_id)
    user = db.session.get(User, identifier) if identifier else None
    if user is None or (tenant is not None and user.tenant_id != tenant.id):
        raise NotFound(said("There is no such user."))
    return user


def find_by_email(tenant: Tenant, email: str) -> User | None:
    """The user of `tenant` with this address, however it is written, or None."""
    return _find_folded(tenant, fold(email))


def search(
    tenant: Tenant | None, text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25
) -> page.Page[User]:
    """Users of `tenant`, or of all, newest first, whose e-mail address or name begins with `text`."""
    query = select(User)
    if tenant is not None:
        query = query.where(User.tenant_id == tenant.id)
    if words := fold(text):
        query = query.where(or_(starts_with(User.email_folded, words), starts_with(User.name_folded, words)))
    return page.fetch(query, User.id, after=after, before=before, limit=limit)


def authenticate(tenant: Tenant, email: str, password: str, *, familiar: str = "") -> User:
    """The user whose address and password these are; `familiar` is what their browser keeps of earlier sign-ins.

    Raises Invalid, in the same words and time whether or not the account exists, and TooMany.
    """
    folded = fold(email)[:FOLDED]
    guess = guesses.of(tenant, folded, familiar=familiar)
    count = guesses.take(guess)
    # Not folded again: what was cut off may have hidden blanks, and then another text is the same account.
    user = _find_folded(tenant, folded)
    release()
    right = passwords.fits(user.password_hash if user else None, password[: passwords.MOST + 1])
    if user is None or not right or user.disabled or PASSWORD not in tenant.factors:
        sign_ins.failed(tenant, folded)
        raise Invalid(WRONG, field="password")
    if factors.demanded(tenant, user, factors.BY_PASSWORD):
        guesses.take_back(guess, count)
        return _record_success(user, password, sign_ins.FIRST)
    guesses.forgive(guess)
    return _record_success(user, password, sign_ins.SIGNED_IN)


def _find_folded(tenant: Tenant, folded: str) -> User | None:
    return db.session.scalar(_FIND_BY_EMAIL, {"tenant_id": tenant.id, "email_folded": folded})


def _record_success(user: User, password: str, action: str) -> User:
    kept = user.password_hash
    rehashed = passwords.hashed(password) if hashes.needs_rehash(kept or "") else None
    with transaction() as session:
        row = session.get_one(User, user.id)
        if rehashed:
            # In place of the hash that it fits alone: one that was changed meanwhile is not brought back.
            this = update(User).where(User.id == user.id, User.password_hash == kept).values(password_hash=rehashed)
            session.execute(this.execution_options(synchronize_session=False))
        sign_ins.succeeded(row, action)
    return row


def create(
    tenant: Tenant,
    *,
    email: str,
    by: Actor,
    name: str = "",
    password: str | None = None,
    permissions: Sequence[str] = (),
    verified: bool = False,
    fields: Mapping[str, Any] | None = None,
    where: str = BY_OPERATOR,
) -> User:
    """Make an account for someone else; without a password it cannot sign in with one. Raises Invalid, Conflict.

    `fields` are what was typed into the tenant's, by slug, and `where` says by whom (shared.models.user_field).
    """
    user = drafted(tenant, email=email, name=name, password=password, fields=fields or {}, where=where)
    user.permissions = _permissions(permissions)
    user.email_verified_at = clock.now() if verified else None
    return add(user, "user.created", by=by)


def rename(user: User, *, name: str, by: Actor) -> User:
    """Change the name. Raises Invalid."""
    with transaction() as session:
        row = session.get_one(User, user.id)
        old, row.name = row.name, _name(name)
        row.name_folded = fold(row.name)[:FOLDED]
        if row.name != old:
            audit.record("user.renamed", actor=by, subject=row, name=[old, row.name])
    return row


def change_profile(
    user: User,
    tenant: Tenant,
    *,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
    claims: Mapping[str, Any] | None = None,
    by: Actor,
) -> User:
    """Change the name, the tenant's fields (by slug) and the claims; what is None stays. All or nothing. Raises Invalid."""
    refused = Refusals()
    with transaction():
        row = locks.acting(user, by)
        with refused.noted():
            if name is not None:
                rename(user, name=name, by=by)
        with refused.noted():
            if fields is not None:
                field_values.change(user, tenant, fields, where=ACCOUNT, by=by)
        with refused.noted():
            if claims is not None:
                person_claims.change(user, claims, by=by)
        refused.tell()
        return row


def set_permissions(user: User, permissions: Sequence[str], *, by: Actor) -> User:
    """Grant exactly these permissions. Raises Invalid for an unknown one, and for taking one's own right to grant them, Conflict
    for that of the last operator."""
    if by.id == str(user.id) and OPERATOR in set(user.permissions) - set(permissions):
        raise Invalid(said("You cannot take back your own right: ask another operator."))
    with transaction():
        operators.one_at_a_time()
        row = locks.person(user)
        if OPERATOR not in permissions:
            operators.check_another(row)
        old, row.permissions = row.permissions, _permissions(permissions)
        if row.permissions != old:
            audit.record("user.permissions_changed", actor=by, subject=row, permissions=[old, row.permissions])
    return row


def disable(user: User, *, by: Actor, reason: str = "") -> User:
    """Close the account until it is enabled again; its sessions and authorizations end. Raises Invalid, Conflict."""
    if by.id == str(user.id):
        raise Invalid(said("You cannot disable your own account."))
    with transaction():
        operators.one_at_a_time()
        row = locks.person(user)
        if row.disabled:
            return row
        operators.check_another(row)
        row.disabled_at = clock.now()
        row.disabled_reason = reason.strip()[:500] or None
        authorizations.revoke_all(row, reason="account disabled")
        audit.record("user.disabled", actor=by, subject=row, reason=reason.strip()[:500])
        logouts.end(row)
    return row


def enable(user: User, *, by: Actor) -> User:
    """Open the account again."""
    with transaction() as session:
        row = session.get_one(User, user.id)
        if row.disabled:
            row.disabled_at = row.disabled_reason = None
            audit.record("user.enabled", actor=by, subject=row)
    return row


def drafted(
    tenant: Tenant,
    *,
    email: str,
    name: str,
    password: str | None,
    fields: Mapping[str, Any],
    where: str,
    check: Callable[[str], None] | None = None,
) -> User:
    """An account, checked, and written nowhere. `check` raises Invalid for an address that may have none.

    Raises Invalid, which names each field that is wrong.
    """
    refused, values, known = Refusals(), dict[str, Any](), user_fields.listed(tenant)
    with refused.noted():
        address = checked_email(email)
        if check:
            check(address)
    with refused.noted():
        _name(name)
    with refused.noted():
        if password is not None:
            passwords.check(password, email, name, least=tenant.password_least)
    with refused.noted():
        values = field_values.checked(known, fields, where=where)
    refused.tell()
    user = User(
        id=ids.uuid7(),
        tenant_id=tenant.id,
        email=address,
        email_folded=fold(address),
        name=_name(name),
        name_folded=fold(name)[:FOLDED],
        claims={},
        fields={},
    )
    field_values.put(user, known, values)
    if password is not None:
        release()
        user.password_hash = passwords.hashed(password)
    return user


def add(user: User, action: str, *, by: Actor) -> User:
    """Write the account that was drafted. Raises Conflict when its address has one."""
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            audit.record(action, actor=by, subject=user)
    except IntegrityError:
        raise Conflict(NO_ACCOUNT, field="email") from None
    return user


def checked_email(unverified: str) -> str:
    """The address in the form in which it is kept. Raises Invalid."""
    address = email_addresses.read(unverified).normalized
    if len(fold(address)) > FOLDED:
        raise Invalid(said("This is not an e-mail address."), field="email")
    return address


def _name(name: str) -> str:
    if len(name) > names.LONGEST:
        raise Invalid(said("A name has at most %(most)s characters.", most=names.LONGEST), field="name")
    if not names.reads_well(name.strip()):
        raise Invalid(said("It has a character that cannot be shown."), field="name")
    return name.strip()


def _permissions(wanted: Sequence[str]) -> list[str]:
    if unknown := set(wanted) - set(PERMISSIONS):
        raise Invalid(said("There is no permission %(names)s.", names=", ".join(sorted(unknown))[:200]), field="permissions")
    return sorted(set(wanted))
