"""A logout notice: one client is told that somebody signed out (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from shared.kit import clock, ids
from shared.kit.db import db
from shared.models.client import Client
from shared.models.user import User


class LogoutNotice(db.Model):
    """`confirmed_at` once the client has answered, `failed_at` once nobody tries any more."""

    __tablename__ = "logout_notices"
    __table_args__ = (
        Index("ix_logout_notices_user", "user_id", "id"),
        Index("ix_logout_notices_client", "client_id", "id"),
        Index("ix_logout_notices_created", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    # No foreign key: who deletes their account signs out too, and clients hear of it when the row is gone.
    user_id: Mapped[UUID]
    sid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))

    client: Mapped[Client] = relationship()
    user: Mapped[User | None] = relationship(primaryjoin=lambda: User.id == foreign(LogoutNotice.user_id), viewonly=True)
