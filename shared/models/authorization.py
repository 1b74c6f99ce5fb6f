"""An authorization: what one person let one client do, once; every code and token of that run points at it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import db

# How surely a person is known (`acr`): by their session, by a login for this very request, by two factors.
SESSION, LOGIN, TWO_FACTORS = ACRS = ("0", "1", "2")
# How something was granted of whom a trusted issuer said who they are (RFC 7523).
ASSERTION = "assertion"
# When somebody signed in at a provider that does not say: so long ago that it is fresh for nothing.
UNKNOWN = 0


class Authorization(db.Model):
    __tablename__ = "authorizations"
    __table_args__ = (
        Index("ix_authorizations_user", "user_id", "client_id"),
        Index("ix_authorizations_sid", "sid"),
        Index("ix_authorizations_client", "client_id"),
        Index("ix_authorizations_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]]
    sid: Mapped[str] = mapped_column(String(64))
    # Seconds since 1970, or UNKNOWN.
    auth_time: Mapped[int]
    acr: Mapped[str] = mapped_column(String(100))
    amr: Mapped[list[str]]
    nonce: Mapped[str | None] = mapped_column(String(2000))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def revoked(self) -> bool:
        return self.revoked_at is not None


class AuthorizationCode(db.Model):
    """One code of an authorization (RFC 6749 §4.1.2), kept as its fingerprint."""

    __tablename__ = "authorization_codes"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    authorization_id: Mapped[UUID] = mapped_column(ForeignKey("authorizations.id", ondelete="CASCADE"), index=True)
    redirect_uri: Mapped[str] = mapped_column(String(4000))
    redirect_uri_sent: Mapped[bool]
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    # The thumbprint of the key that must redeem it (RFC 9449 §10).
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class RefreshToken(db.Model):
    """One refresh token of an authorization (RFC 6749 §1.5), kept as its fingerprint."""

    __tablename__ = "refresh_tokens"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    authorization_id: Mapped[UUID] = mapped_column(ForeignKey("authorizations.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    # The thumbprint of the key that it is bound to, for a public client (RFC 9449 §5).
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When a kept one last served, None until it has.
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
