"""The user fields of a tenant: what it asks of its people besides name and e-mail address."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Engine, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.kit import ids
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.models.audit import Actor
from shared.models.claims import FIELD_KINDS
from shared.models.resource import Resource
from shared.models.scope import SCOPES
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.models.user_field import UserField
from shared.services import audit, field_kinds, field_rules

MOST = 100  # of a tenant
_OF_TENANT = (
    select(UserField).where(UserField.tenant_id == bindparam("tenant_id")).order_by(UserField.position, UserField.created_at)
)
_kept: dict[tuple[Engine, UUID], tuple[int, list[UserField]]] = {}


def of(tenant: Tenant) -> list[UserField]:
    """The fields of `tenant` in their order, to be read and never changed.

    Kept until the tenant says that they changed, which costs no round trip: every request has its tenant anyway.
    """
    if not tenant.user_fields_version:
        return []
    version, fields = _kept.get((db.engine, tenant.id), (0, []))
    if version != tenant.user_fields_version:
        fields = listed(tenant)
        for field in fields:
            db.session.expunge(field)
        _kept[db.engine, tenant.id] = (tenant.user_fields_version, fields)
    return fields


def listed(tenant: Tenant) -> list[UserField]:
    """The fields of `tenant` in their order, as they are now."""
    return of_id(tenant.id)


def of_id(tenant_id: UUID) -> list[UserField]:
    """The fields of the tenant with this id, as they are now."""
    return list(db.session.scalars(_OF_TENANT, {"tenant_id": tenant_id}))


def scopes(tenant: Tenant) -> list[str]:
    """The scopes of ours that mean something at `tenant`: the standard ones, and those that its fields are released by."""
    return [*SCOPES, *own_scopes(tenant)]


def own_scopes(tenant: Tenant) -> list[str]:
    """The scopes that are the tenant's own."""
    return list(dict.fromkeys(field.scope for field in of(tenant) if field.scope and field.scope not in SCOPES))


def get(tenant: Tenant | None, identifier: UUID | str) -> UserField:
    """The field with this id, of `tenant` or, for operators, of any. Raises NotFound."""
    key = ids.find_uuid(identifier)
    field = db.session.get(UserField, key) if key else None
    if field is None or (tenant is not None and field.tenant_id != tenant.id):
        raise NotFound("There is no such field.")
    return field


def find(tenant: Tenant, slug: str) -> UserField | None:
    """The field of `tenant` with this slug, or None."""
    return next((field for field in listed(tenant) if field.slug == slug), None)


def create(tenant: Tenant, *, kind: str, name: str, by: Actor, slug: str | None = None, **rules: Any) -> UserField:
    """Ask for one thing more. `rules` are any of those named in field_rules.CHECKS; the slug is made from the name unless given.

    Raises Invalid, and Conflict for a slug or a claim that another field has.
    """
    if kind not in field_kinds.KINDS:
        raise Invalid(f"The kinds are {', '.join(field_kinds.KINDS)}.", field="kind")
    field = field_rules.fresh(UserField(id=ids.uuid7(), tenant_id=tenant.id, kind=kind), slug or slug_from(name))
    field_rules.change(field, {"name": name, **rules})
    with _changing(tenant.id) as session:
        others = listed(tenant)
        if len(others) >= MOST:
            raise Invalid(f"A tenant has at most {MOST} fields.")
        _check_scope(field)
        field.position = 1 + max((other.position for other in others), default=-1)
        # Of a field of this name before it, which an account that was just being made may still have had.
        _forget(field)
        session.add(field)
        session.flush()
        audit.record("user_field.created", actor=by, subject=field, slug=field.slug, kind=kind)
    return field


def change(field: UserField, *, by: Actor, **changes: Any) -> UserField:
    """Change any of the rules named in field_rules.CHECKS; kind and slug stay. Raises Invalid, and Conflict as `create` does."""
    with _changing(field.tenant_id) as session:
        row = session.get_one(UserField, field.id)
        before = {name: getattr(row, name) for name in field_rules.KEPT}
        field_rules.change(row, changes)
        if row.claim != before["claim"] and {row.claim, before["claim"]} & FIELD_KINDS.keys():
            raise Invalid("A standard claim is chosen when the field is made: make another field.", field="claim")
        _check_scope(row)
        session.flush()
        if changed := audit.changed(row, before):
            audit.record("user_field.updated", actor=by, subject=row, **changed)
    return row


def place(field: UserField, position: int, *, by: Actor) -> None:
    """Put it at this place among the fields of its tenant, the first being 0; those behind it make room."""
    with _changing(field.tenant_id) as session:
        rows = list(session.scalars(_OF_TENANT, {"tenant_id": field.tenant_id}))
        order = [row for row in rows if row.id != field.id]
        order.insert(max(position, 0), session.get_one(UserField, field.id))
        for number, row in enumerate(order):
            row.position = number
        audit.record("user_field.moved", actor=by, subject=field, order=[row.slug for row in order])


def move(field: UserField, *, up: bool, by: Actor) -> None:
    """Change places with the field before it, or after it."""
    order = [row.id for row in of_id(field.tenant_id)]
    place(field, order.index(field.id) + (-1 if up else 1), by=by)


def delete(field: UserField, *, by: Actor) -> int:
    """Ask for it no longer. What people have under it goes with it, and is counted; a standard claim stays theirs."""
    with _changing(field.tenant_id) as session:
        row = session.get_one(UserField, field.id)
        lost = _forget(row)
        audit.record("user_field.deleted", actor=by, subject=row, slug=row.slug, values=lost)
        session.delete(row)
    return lost


def count(field: UserField) -> int:
    """How many people have a value of their own under it; it is what `delete` takes."""
    query = select(func.count()).select_from(User).where(User.tenant_id == field.tenant_id, _has(field))
    return db.session.scalar(query) or 0


def slug_from(name: str) -> str:
    """A slug made from a name: small letters, digits and underscores; accents fall off their letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain)[:50].strip("_")


@contextmanager
def _changing(tenant_id: UUID) -> Iterator[Session]:
    """A transaction in which the fields of this tenant change: one at a time, and every worker learns of it by the tenant."""
    try:
        with transaction() as session:
            tenant = session.get_one(Tenant, tenant_id)
            tenant.user_fields_version = Tenant.user_fields_version + 1
            # That its fields change is no change of the tenant.
            tenant.updated_at = Tenant.updated_at
            session.flush()
            yield session
            session.flush()
    except IntegrityError as error:
        if "slug" in str(error.orig):
            raise Conflict("There is a field with this slug already.", field="slug") from None
        raise Conflict("Another field is this claim already.", field="claim") from None


def _check_scope(field: UserField) -> None:
    """No API has a scope of this name: a token for one would open the other."""
    if field.scope is None or field.scope in SCOPES:
        return
    of_resources = db.session.scalars(select(Resource.scopes).where(Resource.tenant_id == field.tenant_id))
    if any(field.scope in scopes for scopes in of_resources):
        raise Conflict(f"{field.scope} is a scope of a resource: choose another.", field="scope")


def _forget(field: UserField) -> int:
    rows = update(User).where(User.tenant_id == field.tenant_id, _has(field))
    remaining = func.jsonb_delete(User.fields, field.slug) if _on_postgresql() else func.json_remove(User.fields, _path(field))
    done = db.session.execute(rows.values(fields=remaining), execution_options={"synchronize_session": False})
    return int(cast(CursorResult[Any], done).rowcount)


def _has(field: UserField) -> ColumnElement[bool]:
    if _on_postgresql():
        return func.jsonb_exists(User.fields, field.slug)
    return func.json_type(User.fields, _path(field)).is_not(None)


def _path(field: UserField) -> str:
    return f'$."{field.slug}"'


def _on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
