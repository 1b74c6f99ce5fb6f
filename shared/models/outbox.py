"""The outbox: what must leave the house once its transaction is durable, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import db

WAITING = text("delivered_at IS NULL AND failed_at IS NULL")


class OutboxMessage(db.Model):
    """One thing to send. `payload` is sealed JSON, and empty once delivered: it may hold a code."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "due_at", postgresql_where=WAITING, sqlite_where=WAITING),
        Index("ix_outbox_delivered", "delivered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
