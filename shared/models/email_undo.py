"""An undo of another address: lets whoever reads the letters of the old one have their account back, once, for some days."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db


class EmailUndo(db.Model):
    __tablename__ = "email_undos"
    __table_args__ = (
        Index("ix_email_undos_address", "tenant_id", "email_folded"),
        Index("ix_email_undos_user", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # The old address, which their person had shown to be theirs.
    email: Mapped[str] = mapped_column(String(320))
    email_folded: Mapped[str] = mapped_column(Folded)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
