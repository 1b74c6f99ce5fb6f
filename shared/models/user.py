"""A user: a person of one tenant."""

import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids, languages
from shared.kit.db import Folded, db
from shared.models.tenant import LATER, Tenant

OPERATOR = "bailiwick:admin"
# Characters that a column for folded text holds: one letter may become eighteen when it is folded.
FOLDED = 320


def fold(text: str) -> str:
    """The form in which addresses and names are compared: Unicode twins and letter case fall together (UTS #46 uses the same)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.replace("\0", "")).casefold()).strip()


def same_address(one: str, other: str) -> bool:
    """Whether letters to both addresses go to one mailbox: ASCII case alone does not count.

    Of twins (`fold`) one account is made, but who reads the letters of one need not read those of the other: straße.de and
    strasse.de are two domains (RFC 5891). So what proves an address is compared by this.
    """
    return _ascii_lower(one) == _ascii_lower(other)


def _ascii_lower(address: str) -> bytes:
    return unicodedata.normalize("NFC", address).encode("utf-8", "surrogatepass").lower()


class User(db.Model):
    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email_folded", name="uq_users_email"),
        Index("ix_users_name", "tenant_id", "name_folded"),
        Index("ix_users_newest", "tenant_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    email: Mapped[str] = mapped_column(String(320))
    email_folded: Mapped[str] = mapped_column(Folded)
    email_verified_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(String(200), default="")
    name_folded: Mapped[str] = mapped_column(Folded, default="")
    password_hash: Mapped[str | None] = mapped_column(String(500))
    permissions: Mapped[list[str]] = mapped_column(default=list)
    # The standard claims besides name and e-mail address, by their names (OpenID Connect Core §5.1).
    claims: Mapped[dict[str, Any]] = mapped_column(default=dict)
    phone_verified_at: Mapped[datetime | None]
    # What the tenant asks of its people besides (its user fields), by their slugs.
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The kinds of second factor that the person has, kept with them so that no request asks another table.
    second_factors: Mapped[list[str]] = mapped_column(default=list)
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(String(500))
    last_login_at: Mapped[datetime | None]
    # The language that their browser asked for when they signed in.
    language: Mapped[str | None] = mapped_column(String(20))
    # When all sessions were last ended: those of an earlier generation are over, even if Redis still has them. And the ends of
    # single ones since, the latest few.
    sessions_valid_from: Mapped[datetime | None]
    ended_sids: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None

    def ended_since(self, moment: int) -> bool:
        """Whether all sessions were ended after `moment`, in seconds since 1970: a sign-in that was begun then comes to nothing.

        What was begun within the second of the end goes on: whoever has chosen a new password is led to the login page at once.
        """
        return self.sessions_valid_from is not None and moment < int(self.sessions_valid_from.timestamp())

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None

    def verification_due(self, tenant: Tenant) -> str:
        """Whether the person must verify their address before any application ("required"), is asked to ("asked"), or neither.

        Whoever had their account before the tenant's rule is asked, and never kept out.
        """
        if self.email_verified or tenant.email_verification == LATER:
            return ""
        since = tenant.verification_since
        return "required" if since is None or self.created_at >= since else "asked"

    @property
    def reads(self) -> str | None:
        """The language of letters to them: the one they chose, or else that of their browser; None where nobody knows."""
        return languages.choose(tag for tag in (self.claims.get("locale"), self.language) if tag)

    @property
    def display_name(self) -> str:
        """The name, or the e-mail address of someone who has not given one."""
        return self.name or self.email

    def has(self, permission: str) -> bool:
        """Whether the person holds `permission` now; a disabled one holds none."""
        return not self.disabled and permission in self.permissions
