"""An initial access token: lets whoever holds it register clients (RFC 7591 §3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import db


class InitialAccessToken(db.Model):
    """`uses_left` is None for one that may be used without end."""

    __tablename__ = "initial_access_tokens"
    __table_args__ = (Index("ix_initial_access_tokens_newest", "tenant_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    uses_left: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
