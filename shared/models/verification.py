"""An e-mail code: proves, once and for ten minutes, that whoever sits at a browser reads the letters of an address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db


class EmailCode(db.Model):
    __tablename__ = "email_codes"
    __table_args__ = (
        Index("ix_email_codes_user", "user_id", "created_at"),
        Index("ix_email_codes_address", "tenant_id", "email_folded", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    # What it is for: a code for one thing opens no other.
    purpose: Mapped[str] = mapped_column(String(20))
    # Nobody: a code for an account that is still to be made, or for an address that no account has.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(320))
    email_folded: Mapped[str] = mapped_column(Folded)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The secret of a link in the same letter, and the browser that asked for it.
    link_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    browser_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # Sealed: what is done once the code is right, such as the account that is to be made.
    details: Mapped[str | None] = mapped_column(Text)
    # Who had the letter sent (shared.services.askers); None when none was.
    asker: Mapped[str | None] = mapped_column(String(50))
    guesses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
