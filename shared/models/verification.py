"""An e-mail code: proves, once and for ten minutes, that a person reads the letters of an address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import db


class EmailCode(db.Model):
    __tablename__ = "email_codes"
    __table_args__ = (Index("ix_email_codes_user", "user_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(320))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    guesses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
