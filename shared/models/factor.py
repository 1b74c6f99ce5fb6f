"""Factors: what a person can prove themselves with besides a password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import db


class Passkey(db.Model):
    """A WebAuthn credential (Web Authentication Level 3 §4, "credential record")."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]] = mapped_column(default=list)
    aaguid: Mapped[str] = mapped_column(String(36), default="")
    # Whether it may be, and is, copied to the person's other devices.
    synced: Mapped[bool] = mapped_column(default=False)
    backed_up: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]


class AuthenticatorApp(db.Model):
    """A shared secret for codes that change with the time (RFC 6238)."""

    __tablename__ = "authenticator_apps"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    secret_sealed: Mapped[str] = mapped_column(String(500))
    # The time step of the last code that was taken: neither it nor an older one is taken again (§5.2).
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]


class RecoveryCode(db.Model):
    """A code on paper that stands once for a lost second factor."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "fingerprint", name="uq_recovery_codes_fingerprint"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]
