"""Providers: others with whom people can sign in, and who they are there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db


class Provider(db.Model):
    """An OpenID provider known by its discovery address, or an OAuth 2 provider known by its endpoints."""

    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("tenant_id", "slug", name="uq_providers_slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(Folded)
    name: Mapped[str] = mapped_column(String(200))
    preset: Mapped[str] = mapped_column(String(40))
    discovery_url: Mapped[str | None] = mapped_column(String(2000))
    endpoints: Mapped[dict[str, Any]] = mapped_column(default=dict)
    client_id: Mapped[str] = mapped_column(String(500))
    secret_sealed: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    # Whatever one preset alone needs.
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    keeps_tokens: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class Identity(db.Model):
    """Who a person is at a provider: its `sub`, never an e-mail address."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("provider_id", "subject", name="uq_identities_subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(500))
    email: Mapped[str | None] = mapped_column(String(320))
    # Whether the provider calls the address verified, and its word is good.
    email_verified: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str | None] = mapped_column(String(200))
    tokens_sealed: Mapped[str | None] = mapped_column(Text)
    # Until then somebody is fetching new ones, and nobody else does.
    tokens_renewed_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]
