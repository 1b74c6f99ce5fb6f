"""The audit log: who changed what, written in the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db
from shared.models.user import User


@dataclass(frozen=True)
class Actor:
    """Who does something: a person, or a part of the system.

    `by` is the authorization by which a program acts for a person, `sid` the session in which they act themselves.
    """

    kind: str
    id: str
    name: str
    by: UUID | None = None
    sid: str = ""

    @property
    def place(self) -> str:
        """Where they act, and nobody else does: the session or the authorization; empty for whoever acts in neither."""
        return self.sid or str(self.by or "")

    @classmethod
    def of(cls, user: User, *, by: UUID | None = None, sid: str = "") -> "Actor":
        return cls("user", str(user.id), user.email, by, sid)

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A part that acts by itself or for whoever runs it, for example `Actor.system("command line")`."""
        return cls("system", name, name)


class AuditEvent(db.Model):
    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_newest", "tenant_id", "id"),
        Index("ix_audit_events_subject", "subject_id", "id"),
        Index("ix_audit_events_actor", "actor_id", "id"),
        Index("ix_audit_events_action", "action", "id"),
        Index("ix_audit_events_actor_folded", "actor_folded"),
        Index("ix_audit_events_subject_folded", "subject_folded"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    action: Mapped[str] = mapped_column(Folded)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(Folded)
    actor_name: Mapped[str] = mapped_column(String(320))
    actor_folded: Mapped[str] = mapped_column(Folded)
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(Folded)
    subject_name: Mapped[str] = mapped_column(String(320))
    subject_folded: Mapped[str] = mapped_column(Folded)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
