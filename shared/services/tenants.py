"""Tenants: find, create, change."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, email_addresses, ids, mail, names, page, settings
from shared.kit.db import after_commit, db, starts_with, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.languages import LANGUAGES
from shared.models.audit import Actor
from shared.models.tenant import (
    BEFORE,
    CLIENT_REGISTRATION,
    DOMAIN,
    EMAIL,
    EMAIL_VERIFICATION,
    LATER,
    OPEN,
    SIGN_UP,
    Tenant,
)
from shared.models.user import fold
from shared.services import audit, factor_rules

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?")
# RFC 3986 §2: what an address is written with.
HTTPS = re.compile(r"https://[A-Za-z0-9\[][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
MOST_DOMAINS = 100
# NIST SP 800-63B §3.1.1.2 has 8 beside a second factor; what a person must type has an end.
LEAST_LEAST, MOST_LEAST = 8, 64
# What a new row has before it is written, so that it can be checked.
_BEGINS: dict[str, Any] = {"sign_up": OPEN, "sign_up_domains": [], "email_verification": LATER}
# Every request names its tenant, so rows are kept for a moment, each worker its own.
KEPT_SECONDS = 2.0
_kept: dict[tuple[Engine, str | None], tuple[float, Tenant]] = {}
# Also when another service changed one.
event.listen(Tenant, "after_update", lambda *told: after_commit(_kept.clear))


def default() -> Tenant:
    """The tenant at the root. Raises NotFound before the first start made it."""
    tenant = find(None)
    if tenant is None:
        raise NotFound("There is no default tenant yet: run `bailiwick migrate` and `bailiwick create-admin`.")
    return tenant


def find(slug: str | None) -> Tenant | None:
    """The tenant with this slug, or the default one for None; None when there is none."""
    if slug is not None and not SLUG.fullmatch(slug):
        return None
    key = (db.engine, slug)
    moment, tenant = _kept.get(key, (0.0, None))
    if tenant is not None and clock.now().timestamp() - moment < KEPT_SECONDS:
        return tenant
    tenant = db.session.scalar(select(Tenant).where(Tenant.is_default if slug is None else Tenant.slug == slug))
    if tenant is not None:
        # Out of its session: a rollback there would empty the row for every request that it is kept for.
        db.session.expunge(tenant)
        _kept[key] = (clock.now().timestamp(), tenant)
    return tenant


def get(tenant_id: UUID | str) -> Tenant:
    """The tenant with this id. Raises NotFound."""
    identifier = ids.find_uuid(tenant_id)
    tenant = db.session.get(Tenant, identifier) if identifier else None
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def search(text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25) -> page.Page[Tenant]:
    """Tenants, newest first, whose slug begins with `text`."""
    query = select(Tenant)
    if fold(text):
        query = query.where(starts_with(Tenant.slug, fold(text)))
    return page.fetch(query, Tenant.id, after=after, before=before, limit=limit)


def address(tenant: Tenant, path: str, **query: str) -> str:
    """An address of ours for a letter: below the tenant's issuer, whatever Host the request had that asked for it."""
    return f"{settings.current().public_url}{tenant.path}{path}" + (f"?{urlencode(query)}" if query else "")


def create(*, name: str, slug: str | None = None, by: Actor, is_default: bool = False, **looks: Any) -> Tenant:
    """Make a tenant; the slug is made from the name unless given. Raises Invalid, Conflict.

    Where there is a mail server, an account opens after its code unless `looks` say otherwise.
    """
    tenant = Tenant(name="", slug=_valid_slug(slug or slug_from(name)), is_default=is_default, **_BEGINS)
    _change(tenant, {"name": name, "email_verification": BEFORE if settings.current().smtp_url else LATER, **looks})
    try:
        with transaction() as session:
            session.add(tenant)
            session.flush()
            audit.record("tenant.created", actor=by, subject=tenant, tenant=tenant, name=tenant.name, slug=tenant.slug)
    except IntegrityError:
        raise Conflict("There is a tenant with this slug already.", field="slug") from None
    return tenant


def update(tenant: Tenant, *, by: Actor, **changes: Any) -> Tenant:
    """Change any of the settings named in CHECKS. Raises Invalid."""
    with transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        before = {name: getattr(row, name) for name in changes}
        _change(row, changes)
        if changed := audit.changed(row, before):
            audit.record("tenant.updated", actor=by, subject=row, tenant=row, **changed)
    _kept.clear()
    return row


def slug_from(name: str) -> str:
    """A slug made from a name: small letters, digits and hyphens; accents fall off their letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")


def _valid_slug(slug: str) -> str:
    if not SLUG.fullmatch(slug):
        raise Invalid("A slug has small letters, digits and hyphens, and begins and ends with a letter or digit.", field="slug")
    return slug


def _change(tenant: Tenant, changes: dict[str, Any]) -> None:
    before, by_letter = tenant.email_verification, EMAIL in (tenant.factors or ())
    for name, value in changes.items():
        setattr(tenant, name, CHECKS[name](value))
    if any(name in changes for name in factor_rules.SETTINGS):
        factor_rules.check(tenant)
    if {"sign_up", "sign_up_domains", "email_verification"} & changes.keys():
        _check_sign_up(tenant, before)
    if "factors" in changes and EMAIL in tenant.factors and not by_letter and not mail.leaves():
        raise Invalid("No letter can leave here, so nobody could sign in by one. Set BAILIWICK_SMTP_URL first.", field="factors")


def _check_sign_up(tenant: Tenant, before: str) -> None:
    if tenant.email_verification == LATER and tenant.sign_up == DOMAIN:
        raise Invalid("Without a verification anybody could claim an address of these domains.", field="email_verification")
    if tenant.sign_up == DOMAIN and not tenant.sign_up_domains:
        raise Invalid("Name the domains whose addresses may have an account.", field="sign_up_domains")
    if before == LATER != tenant.email_verification:
        if not mail.leaves():
            words = "No letter can leave here, so nobody could verify an address. Set BAILIWICK_SMTP_URL first."
            raise Invalid(words, field="email_verification")
        # Whoever has an account already is asked, and never kept out.
        tenant.verification_since = clock.now()


def _name(value: str) -> str:
    if not names.is_name(value):
        raise Invalid("A tenant needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _is_https(value: str) -> bool:
    return len(value) <= 2000 and HTTPS.fullmatch(value) is not None


def _logo_url(value: str | None) -> str | None:
    if value and not _is_https(value):
        raise Invalid("A logo address begins with https://, and has only plain ASCII in it.", field="logo_url")
    return value or None


def _accent(value: str | None) -> str | None:
    if value and not ACCENT.fullmatch(value):
        raise Invalid("A colour is written as # and six hexadecimal digits, for example #2563eb.", field="accent")
    return value or None


def _language(value: str | None) -> str | None:
    if value and value not in LANGUAGES:
        raise Invalid(f"Choose one of {', '.join(LANGUAGES)}.", field="language")
    return value or None


def _mail_name(value: str | None) -> str | None:
    if value and not names.is_name(value):
        raise Invalid("A sender's name is one line of at most 200 characters.", field="mail_name")
    return (value or "").strip() or None


def _mail_from(value: str | None) -> str | None:
    address = (value or "").strip()
    if address and not mail.is_address(address):
        raise Invalid("This is not an e-mail address.", field="mail_from")
    return address or None


def _support_contact(value: str | None) -> str | None:
    contact = (value or "").strip()
    if contact and not mail.is_address(contact) and not _is_https(contact):
        raise Invalid("This is neither an address that begins with https:// nor an e-mail address.", field="support_contact")
    return contact or None


def _one_of(name: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in choices:
            raise Invalid(f"Choose one of {', '.join(choices)}.", field=name)
        return value

    return check


def _sign_up_domains(values: list[str]) -> list[str]:
    if len(values) > MOST_DOMAINS:
        raise Invalid(f"At most {MOST_DOMAINS} domains.", field="sign_up_domains")
    return list(dict.fromkeys(_domain(value.strip()) for value in values if value.strip()))


def _domain(value: str) -> str:
    dot = "." if value.startswith(".") else ""
    try:
        known = email_addresses.read(f"x@{value.removeprefix('.')}")
    except Invalid:
        raise Invalid(f"{value[:100]} is not a domain, such as example.com or .example.com.", field="sign_up_domains") from None
    return dot + known.ascii_domain.lower()


def _password_least(value: int) -> int:
    if not LEAST_LEAST <= value <= MOST_LEAST:
        raise Invalid(f"Between {LEAST_LEAST} and {MOST_LEAST} characters.", field="password_least")
    return value


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "logo_url": _logo_url,
    "accent": _accent,
    "sign_up": _one_of("sign_up", SIGN_UP),
    "sign_up_domains": _sign_up_domains,
    "email_verification": _one_of("email_verification", EMAIL_VERIFICATION),
    "password_least": _password_least,
    "language": _language,
    "mail_name": _mail_name,
    "mail_from": _mail_from,
    "support_contact": _support_contact,
    "client_registration": _one_of("client_registration", CLIENT_REGISTRATION),
    "client_documents": bool,
    "factors": factor_rules.kinds,
    "second_factor": factor_rules.rule,
    "require_par": bool,
    "implicit_allowed": bool,
}
