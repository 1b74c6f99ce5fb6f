"""A tenant: a population of users with its own issuer, keys, clients and look."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db

CLIENT_REGISTRATION = ("off", "token", "open")
SIGN_UP = OPEN, INVITATION, DOMAIN, OFF = ("open", "invitation", "domain", "off")
# Before: the account opens only after the code, and nobody learns who has one. Required: it opens at once, and the code is due
# before any application. Later: it is asked for, and never due.
EMAIL_VERIFICATION = BEFORE, REQUIRED, LATER = ("before", "required", "later")
SECOND_FACTOR = ("never", "enrolled", "operators", "always")
PASSWORD, PASSKEY, TOTP, EMAIL = "password", "passkey", "totp", "email"
FACTORS = (PASSWORD, PASSKEY, TOTP, EMAIL)


class Tenant(db.Model):
    __tablename__ = "tenants"
    __table_args__ = (
        Index(
            "uq_tenants_default", "is_default", unique=True, postgresql_where=text("is_default"), sqlite_where=text("is_default")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    slug: Mapped[str] = mapped_column(Folded, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    is_default: Mapped[bool] = mapped_column(default=False)
    logo_url: Mapped[str | None] = mapped_column(String(2000))
    accent: Mapped[str | None] = mapped_column(String(7))
    # Who may make an account: anybody, whoever was invited, whoever has an address at one of these domains, or nobody.
    sign_up: Mapped[str] = mapped_column(String(20), default="open")
    sign_up_domains: Mapped[list[str]] = mapped_column(default=list)
    email_verification: Mapped[str] = mapped_column(String(20), default="later")
    # Accounts that are older than the rule are asked, and never kept out by it.
    verification_since: Mapped[datetime | None]
    # How people may prove who they are, and when one way is not enough.
    factors: Mapped[list[str]] = mapped_column(default=lambda: [PASSWORD, PASSKEY, TOTP])
    second_factor: Mapped[str] = mapped_column(String(20), default="enrolled")
    password_least: Mapped[int] = mapped_column(default=12)
    # What people read who have not said, nor their browser; and who writes to them.
    language: Mapped[str | None] = mapped_column(String(20))
    mail_name: Mapped[str | None] = mapped_column(String(200))
    mail_from: Mapped[str | None] = mapped_column(String(320))
    # Whom people can ask for help: an address of a page, or of e-mail.
    support_contact: Mapped[str | None] = mapped_column(String(2000))
    # How often its user fields have changed; none ever, and no request asks for them.
    user_fields_version: Mapped[int] = mapped_column(default=0)
    # Who may register a client (RFC 7591): nobody, whoever has an initial access token, or anybody.
    client_registration: Mapped[str] = mapped_column(String(20), default="off")
    # Whether a client_id may be the address of the client's own document.
    client_documents: Mapped[bool] = mapped_column(default=False)
    require_par: Mapped[bool] = mapped_column(default=False)
    # Whether clients that registered it may have ID tokens and access tokens straight from the authorization endpoint.
    implicit_allowed: Mapped[bool] = mapped_column(default=False)
    # What pairwise identifiers of people are made with: it must never change, or applications lose their users.
    subject_salt: Mapped[bytes] = mapped_column(LargeBinary(32), default=lambda: ids.random_bytes(32))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    @property
    def takes_sign_ups(self) -> bool:
        """Whether somebody can make an account who was not invited."""
        return self.sign_up in (OPEN, DOMAIN)

    def takes_domain(self, domain: str) -> bool:
        """Whether addresses at `domain` (in ASCII, small letters) may have new accounts.

        An entry stands for itself alone; with a leading dot for everything below it, and not for itself.
        """
        below = (domain[place:] for place, letter in enumerate(domain) if letter == ".")
        return self.sign_up == OPEN or domain in self.sign_up_domains or any(part in self.sign_up_domains for part in below)

    @property
    def domains_told(self) -> list[str]:
        """The domains whose addresses may have new accounts, for people to read: one with all that is below it is told once."""
        told = [entry for entry in self.sign_up_domains if not (entry.startswith(".") and entry[1:] in self.sign_up_domains)]
        return [f"*{entry}" if entry.startswith(".") else entry for entry in told]

    @property
    def support_url(self) -> str:
        """Where a link to its help leads; nothing where there is none."""
        contact = self.support_contact or ""
        return contact if not contact or contact.startswith("https://") else f"mailto:{quote(contact, safe='@')}"

    @property
    def path(self) -> str:
        """Where the tenant's addresses begin: nothing for the default tenant, `/t/<slug>` for the others."""
        return "" if self.is_default else f"/t/{self.slug}"
