"""A device that waits for its person: it shows a code, which somebody types into a browser that they are signed in with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.kit import clock, ids
from shared.kit.db import db
from shared.models.client import Client

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
# How it was answered; "burnt" is a code that was guessed at.
ALLOWED, DENIED, BURNT = "allowed", "denied", "burnt"


class DeviceRequest(db.Model):
    """One device authorization request (RFC 8628 §3.1); both of its codes are kept as fingerprints."""

    __tablename__ = "device_requests"
    __table_args__ = (Index("ix_device_requests_half", "tenant_id", "half"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    # Of the device code, of the user code, and of the first half of the user code.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_code: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    half: Mapped[bytes] = mapped_column(LargeBinary(32))
    scopes: Mapped[list[str]]
    resources: Mapped[list[str]]
    address: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # Seconds that the device must leave between two polls, and when it last came.
    poll_seconds: Mapped[int]
    polled_at: Mapped[int | None]
    wrong_guesses: Mapped[int] = mapped_column(default=0)
    # Who typed the code.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    answer: Mapped[str | None] = mapped_column(String(20))
    authorization_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorizations.id", ondelete="CASCADE"), index=True)
    spent_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship()

    @property
    def expired(self) -> bool:
        return self.expires_at <= clock.now()

    @property
    def open(self) -> bool:
        """Whether the person can still answer."""
        return self.answer is None and not self.expired
