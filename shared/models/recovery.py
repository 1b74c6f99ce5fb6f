"""A recovery link: lets whoever reads the letters of a person set a new password, once, for an hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db


class RecoveryLink(db.Model):
    __tablename__ = "recovery_links"
    __table_args__ = (
        Index("ix_recovery_links_address", "tenant_id", "email_folded", "created_at"),
        Index("ix_recovery_links_user", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    # Nobody, where no account has the address: the same is written then.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(320))
    email_folded: Mapped[str] = mapped_column(Folded)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    # Who had the letter sent (shared.services.askers); None when none was.
    asker: Mapped[str | None] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
