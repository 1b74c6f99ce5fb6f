"""A resource: an API that tokens are for (RFC 8707), with its scopes in words."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db
from shared.kit.words import said
from shared.models.client import Client

# RFC 8707 §2: an absolute URI without a fragment; written with what RFC 3986 §2 allows.
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
LONGEST_IDENTIFIER = 300
# RFC 6749 §3.3. The `#` of a consent's name comes after an identifier, which has none.
SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,100}")


class Resource(db.Model):
    """`scopes` maps each scope to the words in which a person is asked for it; `clients` are those that may ask, None for all.

    `introspectors` are the clients that may ask what a token for it is. Clients are named by their `client_id`.
    """

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("tenant_id", "identifier", name="uq_resources_identifier"),
        Index("ix_resources_newest", "tenant_id", "id"),
        Index("ix_resources_name", "tenant_id", "name_folded"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    identifier: Mapped[str] = mapped_column(Folded)
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(Folded)
    scopes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    clients: Mapped[list[str] | None]
    introspectors: Mapped[list[str]] = mapped_column(default=list)
    token_seconds: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    def admits(self, client: Client) -> bool:
        """Whether `client` may ask for tokens to this resource."""
        return self.clients is None or client.client_id in self.clients

    def shows(self, client: Client) -> bool:
        """Whether `client` may ask what a token to this resource is."""
        return not client.public and client.client_id in self.introspectors

    def consent_names(self, scopes: Sequence[str]) -> list[str]:
        """What is asked for here, as consents keep it: `<identifier>#<scope>` each, or the resource alone as `<identifier>#`."""
        return [f"{self.identifier}#{scope}" for scope in scopes if scope in self.scopes] or [f"{self.identifier}#"]

    def words_for(self, scope: str) -> str:
        """What a person reads about `scope` of this resource, or about the resource alone."""
        if not scope:
            return said("Use %(name)s in your name", name=self.name)
        return said("%(name)s: %(words)s", name=self.name, words=self.scopes.get(scope) or scope)


def is_identifier(text: str) -> bool:
    """Whether `text` can name a resource: an absolute URI without a fragment (RFC 8707 §2)."""
    return len(text) <= LONGEST_IDENTIFIER and IDENTIFIER.fullmatch(text) is not None
