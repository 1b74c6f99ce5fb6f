"""A signing key of a tenant, its private part sealed (RFC 7517)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock
from shared.kit.db import db


class SigningKey(db.Model):
    """Published when made, signs from `signs_from` until a successor does, leaves the JWKS at `gone_at`."""

    __tablename__ = "signing_keys"
    # Two nodes that rotate at once would make the same generation: the second finds the first one's key.
    __table_args__ = (UniqueConstraint("tenant_id", "alg", "generation", name="uq_signing_keys_generation"),)

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    alg: Mapped[str] = mapped_column(String(20))
    generation: Mapped[int]
    public_jwk: Mapped[dict[str, Any]]
    private_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    signs_from: Mapped[datetime]
    retires_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    # Ended early, as after a leak: what it signed is refused from then on.
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def state(self) -> str:
        """`published` before it signs, `signing` while it does, `retired` after; `revoked` when it was ended early."""
        if self.revoked_at is not None:
            return "revoked"
        moment = clock.now()
        if self.retires_at and self.retires_at <= moment:
            return "retired"
        return "signing" if self.signs_from <= moment else "published"
