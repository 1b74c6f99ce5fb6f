"""The audit log: one event for each change, in the transaction of the change."""

from typing import Any

from sqlalchemy import or_, select

from shared.kit import ids, origin, page
from shared.kit.db import db, starts_with, write
from shared.models.audit import Actor, AuditEvent
from shared.models.tenant import Tenant
from shared.models.user import fold

LONGEST = 320


def record(action: str, *, actor: Actor, subject: Any, tenant: Tenant | None = None, **detail: Any) -> None:
    """Write down that `actor` did `action` to `subject` (a row, or a word). Call it inside the transaction of the change."""
    here, name = origin.current(), _name_of(subject)[:LONGEST]
    write(
        AuditEvent,
        tenant_id=tenant.id if tenant else getattr(subject, "tenant_id", None),
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:LONGEST],
        actor_folded=fold(actor.name)[:LONGEST],
        subject_kind=subject if isinstance(subject, str) else type(subject).__name__.lower(),
        subject_id=_id_of(subject),
        subject_name=name,
        subject_folded=fold(name)[:LONGEST],
        detail=detail,
        address=here.address,
        request_id=here.request_id,
    )


def changed(row: Any, before: dict[str, Any]) -> dict[str, Any]:
    """What of a row is not as it was `before`, by name: its old value and its new one."""
    return {name: [old, getattr(row, name)] for name, old in before.items() if old != getattr(row, name)}


def search(
    *,
    tenant: Tenant | None = None,
    text: str = "",
    action: str = "",
    subject_id: str = "",
    after: str | None = None,
    before: str | None = None,
    limit: int = 25,
) -> page.Page[AuditEvent]:
    """Events, newest first: of one tenant, kind of action or subject, or by or about someone whose name begins with `text`."""
    query = select(AuditEvent)
    if tenant:
        query = query.where(AuditEvent.tenant_id == tenant.id)
    if action:
        query = query.where(starts_with(AuditEvent.action, action))
    if subject_id:
        query = query.where(AuditEvent.subject_id == subject_id)
    if words := fold(text):
        query = query.where(or_(*(starts_with(name, words) for name in (AuditEvent.subject_folded, AuditEvent.actor_folded))))
    return page.fetch(query, AuditEvent.id, after=after, before=before, limit=limit)


def find(event_id: object) -> AuditEvent | None:
    """The event with this id, or None."""
    identifier = ids.find_uuid(event_id)
    return db.session.get(AuditEvent, identifier) if identifier else None


def _id_of(subject: Any) -> str:
    return str(getattr(subject, "id", None) or getattr(subject, "kid", None) or "")


def _name_of(subject: Any) -> str:
    if isinstance(subject, str):
        return subject
    return str(getattr(subject, "email", None) or getattr(subject, "name", None) or _id_of(subject))
