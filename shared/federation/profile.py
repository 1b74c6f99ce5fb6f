"""What a provider says of somebody, made fit to be kept (OpenID Connect Core §2, §5.1, §5.3)."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson

from shared.federation import asking, client
from shared.federation.discovery import GUID, Metadata
from shared.federation.faults import Wrong
from shared.kit import names
from shared.kit.errors import Invalid
from shared.models.provider import Provider
from shared.services import kept_tokens, providers, users
from shared.services.arrivals import Told
from shared.services.provider_presets import MICROSOFT
from shared.services.provider_rules import PATHS

# OpenID Connect Core §2: at most 255 characters of ASCII.
SUBJECT = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")


def by_openid(provider: Provider, metadata: Metadata, claims: dict[str, Any], tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The claims about a person: those of the verified ID token, and those of userinfo where an address is missing.

    Raises Silent, and Wrong when userinfo speaks of another (OpenID Connect Core §5.3.2).
    """
    subject = _subject(provider, claims.get("sub"))
    if "email" not in claims and metadata.userinfo:
        more = asking.get(provider, metadata.userinfo, client.bearer(tokens))
        if not isinstance(more, dict) or more.get("sub") != subject:
            raise Wrong(provider, "userinfo speaks of another than the ID token")
        claims = {**more, **claims}
    # One directory must not speak for the people of another: their identifiers are unique in their directory only.
    if provider.preset == MICROSOFT:
        subject = f"{_directory(provider, claims)}:{subject}"
    return {**claims, "sub": subject}


def by_oauth2(provider: Provider, metadata: Metadata, tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The claims about a person as the paths of the provider find them in its profile answer. Raises Silent, Wrong."""
    found = asking.get(provider, str(metadata.userinfo), client.bearer(tokens))
    paths = provider.settings.get("paths") or providers.preset_of(provider).paths
    subject, email, verified, name = (_at(found, paths.get(path, "")) for path in PATHS)
    claims = {"sub": _subject(provider, subject), "email": email, "email_verified": verified, "name": name}
    emails = provider.endpoints.get("emails")
    if emails:
        claims |= _primary(asking.get(provider, emails, client.bearer(tokens)))
    return claims


def told(provider: Provider, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> Told:
    """The same as it is kept; whatever is no address or no name is left out."""
    email = _address(claims.get("email"))
    # Apple writes the boolean as text.
    said = claims.get("email_verified") in (True, "true")
    subject = str(claims["sub"])
    return Told(
        subject=subject,
        email=email,
        email_verified=email is not None and said and providers.trusts_email(provider),
        name=_name(claims.get("name")),
        tokens_sealed=kept_tokens.sealed(provider, subject, tokens),
    )


def posted_name(provider: Provider, unverified: str) -> str:
    """The name in the form that Apple posts, the first time that somebody comes: a text in one line, or nothing."""
    if not providers.preset_of(provider).posts_name or not unverified:
        return ""
    try:
        found = orjson.loads(unverified)
    except ValueError:
        return ""
    parts = (_name(_at(found, f"name.{part}")) for part in ("firstName", "lastName"))
    return _name(" ".join(part for part in parts if part))


def _subject(provider: Provider, value: object) -> str:
    """Who it is: a text, or a number that is one (OAuth 2 providers count)."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not SUBJECT.fullmatch(text):
        raise Wrong(provider, "it does not say who this is")
    return text


def _directory(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Microsoft's directory, which the issuer of a token names only where every directory is let in."""
    directory = claims.get("tid")
    if not isinstance(directory, str) or not re.fullmatch(GUID, directory):
        raise Wrong(provider, "it does not say of which directory this is")
    return directory


def _at(found: object, path: str) -> Any:
    for name in path.split(".") if path else ():
        found = found.get(name) if isinstance(found, dict) else None
    return found if path else None


def _primary(listed: object) -> dict[str, Any]:
    """The primary address of a list as GitHub gives it, if it is verified."""
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    row = next((row for row in rows if row.get("primary") is True and row.get("verified") is True), {})
    return {"email": row.get("email"), "email_verified": bool(row)}


def _address(value: object) -> str | None:
    """An e-mail address as we write it; None for what is none."""
    try:
        return users.checked_email(value) if isinstance(value, str) else None
    except Invalid:
        return None


def _name(value: object) -> str:
    """A name in one line; without what hides or turns letters, and not endless."""
    if not isinstance(value, str):
        return ""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in value[:5000])
    text = " ".join(kept.split())[: names.LONGEST]
    return text if text and names.is_name(text) else ""
