"""A trusted issuer: someone else whose signed word about a person an operator believes (RFC 7523 §2.1)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db

# What its `sub` is to us: the id of a user, or the e-mail address of one.
SUBJECT_ID, SUBJECT_EMAIL = "id", "email"


class TrustedIssuer(db.Model):
    """`clients` are those that may bring its assertions, by client_id, None for all; `scopes` are what they can buy."""

    __tablename__ = "trusted_issuers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "issuer", name="uq_trusted_issuers_issuer"),
        Index("ix_trusted_issuers_newest", "tenant_id", "id"),
        Index("ix_trusted_issuers_name", "tenant_id", "name_folded"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(Folded)
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(Folded)
    jwks: Mapped[dict[str, Any] | None]
    jwks_uri: Mapped[str | None] = mapped_column(String(2000))
    subject_is: Mapped[str] = mapped_column(String(20), default=SUBJECT_ID)
    clients: Mapped[list[str] | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
