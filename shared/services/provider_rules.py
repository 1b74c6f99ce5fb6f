"""What may be set of a provider: one check a setting, and what a provider must have as a whole."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.kit import names
from shared.kit.errors import Invalid
from shared.models.provider import Provider
from shared.services.provider_presets import APPLE, BASIC, DISCOVERY, GITHUB, OAUTH2, OPENID, POST, PRESETS, Preset

LONGEST_URL = 2000
LARGEST_SECRET = 8192
MOST_SCOPES = 50
NONE = "none"
AUTHENTICATION = (BASIC, POST, NONE)
ENDPOINTS = ("authorization", "token", "userinfo", "emails", "issuer")
NEEDED = ("authorization", "token", "userinfo")
PATHS = ("subject", "email", "email_verified", "name")
GITHUB_COM = "https://github.com"
_VISIBLE = re.compile(r"[!-~]+")
# RFC 6749 §3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
_PATH = re.compile(r"[A-Za-z0-9_:/.@-]{1,200}")
_DIRECTORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?")
_APPLE_ID = re.compile(r"[A-Z0-9]{10}")


def change(row: Provider, changes: Mapping[str, Any]) -> None:
    """Set what `changes` name of a provider, each checked. Raises Invalid."""
    for name, value in changes.items():
        if name in COLUMNS:
            setattr(row, name, COLUMNS[name](value))
        else:
            # A new object: a change inside of one is not seen by the database.
            row.settings = {**row.settings, name: SETTINGS[name](value)}
    _fill(row, PRESETS[row.preset])


def check_whole(row: Provider) -> None:
    """It has all that signing in with it takes. Raises Invalid."""
    preset = PRESETS[row.preset]
    if missing := next((name for name in preset.asks if not row.settings.get(name)), None):
        raise Invalid("This provider needs it.", field=missing)
    if preset.kind == OPENID and not row.discovery_url:
        raise Invalid("Give the address of the provider, as its iss has it: https://id.example.com.", field="discovery_url")
    if preset.kind == OAUTH2 and (missing := next((name for name in NEEDED if not row.endpoints.get(name)), None)):
        raise Invalid("Give the address of this endpoint.", field=f"{missing}_endpoint")
    if not row.secret_sealed and row.settings.get("authentication") != NONE:
        raise Invalid("Paste the secret that the provider gave you.", field="secret")


def secret(preset: str, value: str) -> str:
    """A client secret as it is kept; for Apple the text of a private key. Raises Invalid."""
    text = value.strip()
    if not text or len(text) > LARGEST_SECRET or "\0" in text:
        raise Invalid(f"A secret has 1 to {LARGEST_SECRET} characters.", field="secret")
    if preset == APPLE:
        _check_private_key(text)
    elif not text.isprintable():
        raise Invalid("A secret is one line without control characters.", field="secret")
    return text


def https(value: str | None, *, field: str) -> str | None:
    """An https address without user, fragment and odd characters, or None for none. Raises Invalid."""
    text = (value or "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
        plain = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and "#" not in text
    except ValueError:
        plain = False
    if not plain or "\\" in text or len(text) > LONGEST_URL or not _VISIBLE.fullmatch(text):
        raise Invalid("Give an https address, without user, password and fragment.", field=field)
    return text


def _fill(row: Provider, preset: Preset) -> None:
    """Addresses of a preset follow from its settings."""
    said = {**preset.defaults, **{name: value for name, value in row.settings.items() if isinstance(value, str)}}
    if row.preset == GITHUB:
        # Where a server of one's own has its API.
        said["api"] = "https://api.github.com" if said["origin"] == GITHUB_COM else f"{said['origin']}/api/v3"
    if preset.discovery_url:
        row.discovery_url = preset.discovery_url.format_map(said)
    if preset.endpoints:
        row.endpoints = {name: url.format_map(said) for name, url in preset.endpoints.items()}


def _name(value: str) -> str:
    if not names.is_name(value):
        raise Invalid("A provider needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _client_id(value: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= 500 or not _VISIBLE.fullmatch(text):
        raise Invalid("Paste the client ID that the provider gave you.", field="client_id")
    return text


def _scopes(value: Sequence[str]) -> list[str]:
    listed = list(dict.fromkeys(each.strip() for each in value if each.strip()))
    if len(listed) > MOST_SCOPES or not all(_SCOPE.fullmatch(each) for each in listed):
        raise Invalid(f"At most {MOST_SCOPES} scopes, in plain ASCII without blanks and quotes.", field="scopes")
    return listed


def _discovery_url(value: str | None) -> str | None:
    url = https(value, field="discovery_url")
    if url and "?" in url:
        raise Invalid("The address of a provider has no query.", field="discovery_url")
    return url if url is None or url.endswith(DISCOVERY) else url.rstrip("/") + DISCOVERY


def _endpoints(value: Mapping[str, str | None]) -> dict[str, str]:
    if unknown := set(value) - set(ENDPOINTS):
        raise Invalid(f"There is no endpoint {', '.join(sorted(unknown))[:200]}.", field="endpoints")
    checked = {name: https(url, field=f"{name}_endpoint") for name, url in value.items()}
    return {name: url for name, url in checked.items() if url}


def _paths(value: Mapping[str, str]) -> dict[str, str]:
    for name, path in value.items():
        if name not in PATHS or (path and not _PATH.fullmatch(path)):
            raise Invalid("Write where it stands, names joined by dots: data.user.id.", field=f"{name}_path")
    if not value.get("subject"):
        raise Invalid("Say where the id of a person stands: without it nobody can be recognised.", field="subject_path")
    return {name: value.get(name) or "" for name in PATHS}


def _authentication(value: str) -> str:
    # Empty: as the provider says, or the preset knows.
    if value and value not in AUTHENTICATION:
        raise Invalid(f"Choose one of {', '.join(AUTHENTICATION)}.", field="authentication")
    return value


def _directory(value: str) -> str:
    if not _DIRECTORY.fullmatch(value.strip()):
        raise Invalid("Write common, organizations, consumers, or the ID or a domain of one directory.", field="directory")
    return value.strip().lower()


def _origin(value: str) -> str:
    text = (https(value, field="origin") or "").rstrip("/")
    if not text or urlsplit(text).query:
        raise Invalid("Give the https address at which it runs.", field="origin")
    return text


def _apple_id(field: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not _APPLE_ID.fullmatch(value.strip()):
            raise Invalid("Ten capital letters and digits, as Apple shows it.", field=field)
        return value.strip()

    return check


def _check_private_key(text: str) -> None:
    try:
        key = ECKey.import_key(text)
    except (JoseError, ValueError, TypeError):
        key = None
    if key is None or not key.is_private or key.curve_name != "P-256":
        raise Invalid("Paste the whole text of the .p8 file, from BEGIN PRIVATE KEY to END PRIVATE KEY.", field="secret")


COLUMNS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "client_id": _client_id,
    "scopes": _scopes,
    "discovery_url": _discovery_url,
    "endpoints": _endpoints,
    "enabled": bool,
    "keeps_tokens": bool,
}
SETTINGS: dict[str, Callable[[Any], Any]] = {
    "directory": _directory,
    "team_id": _apple_id("team_id"),
    "key_id": _apple_id("key_id"),
    "origin": _origin,
    "authentication": _authentication,
    "paths": _paths,
    "trusts_email": bool,
}
