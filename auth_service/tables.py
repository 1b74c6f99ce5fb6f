"""What the command line prints: rows as tables or JSON, and the page of settings."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from shared.kit.settings import Settings
from shared.models import claims as claims_of
from shared.models.client import Client
from shared.models.initial_access import InitialAccessToken
from shared.models.invitation import Invitation
from shared.models.key import SigningKey
from shared.models.letter import Kind
from shared.models.outbox import OutboxMessage
from shared.models.provider import Provider
from shared.models.resource import Resource
from shared.models.tenant import Tenant
from shared.models.trusted_issuer import TrustedIssuer
from shared.models.user import User
from shared.models.user_field import UserField
from shared.services import checkup
from shared.services.client_profiles import Finding
from shared.services.client_settings import CHECKS
from shared.services.letters import Posted

# What is shown of a client beside what can be set.
BESIDE = ("registered_by", "disabled_at", "disabled_reason", "created_at", "updated_at")
HEAD = """# Settings

Each is an environment variable, or a file of its name under `/run/secrets`. This page is made by `make docs`.

| variable | default | meaning |
|---|---|---|
"""


def client(row: Client) -> dict[str, Any]:
    """A client in one line."""
    return {"client_id": row.client_id, "name": row.name, "type": row.client_type, "redirect_uris": row.redirect_uris}


def whole_client(row: Client) -> dict[str, Any]:
    """A client with all that is known of it but its secret."""
    return client(row) | {name: getattr(row, name) for name in (*CHECKS, *BESIDE)}


def finding(row: Client, found: Finding) -> dict[str, Any]:
    """What the linter says of one setting of a client."""
    told = {"client_id": row.client_id, "profile": row.profile, "setting": found.setting, "is": found.found}
    return told | {"should": found.should, "why": found.why, "mend": found.mend, "applied_by_profile": found.change is not None}


def tenant(row: Tenant) -> dict[str, Any]:
    """A tenant in one line."""
    return {"slug": row.slug, "name": row.name, "default": row.is_default}


def whole_tenant(row: Tenant) -> dict[str, Any]:
    """A tenant with all that is known of it."""
    people = ("sign_up", "sign_up_domains", "email_verification", "password_least", "factors", "second_factor")
    rules = (*people, "client_registration", "client_documents", "require_par", "implicit_allowed")
    looks = ("logo_url", "accent", "language", "mail_name", "mail_from", "support_contact")
    return tenant(row) | {name: getattr(row, name) for name in (*rules, *looks, "created_at")}


def letter(row: Kind, own: list[str]) -> dict[str, Any]:
    """A kind of letter in one line."""
    return {"kind": row.name, "title": row.title, "own": own}


def message(row: OutboxMessage, letter: Posted | None) -> dict[str, Any]:
    """A message of the outbox in one line, without what it says."""
    told = {"id": str(row.id), "kind": letter.kind.name if letter else row.kind, "to": letter.to if letter else None}
    return told | {"since": row.created_at, "tries": row.attempts, "why": row.last_error}


def initial_access(row: InitialAccessToken) -> dict[str, Any]:
    """An initial access token in one line, without what it is."""
    return {"id": str(row.id), "name": row.name, "hint": row.hint, "uses_left": row.uses_left, "expires_at": row.expires_at}


def resource(row: Resource) -> dict[str, Any]:
    """A resource in one line."""
    return {"identifier": row.identifier, "name": row.name, "scopes": sorted(row.scopes)}


def whole_resource(row: Resource) -> dict[str, Any]:
    """A resource with all that is known of it."""
    names = ("clients", "introspectors", "token_seconds", "created_at")
    words = {"words": [f"{scope}: {words}" for scope, words in sorted(row.scopes.items())]}
    return resource(row) | words | {name: getattr(row, name) for name in names}


def field(row: UserField) -> dict[str, Any]:
    """A user field in one line."""
    return {"slug": row.slug, "kind": row.kind, "name": row.name, "required": row.required, "claim": row.claim}


def whole_field(row: UserField) -> dict[str, Any]:
    """A user field with all that is known of it."""
    names = ("hint", "at_sign_up", "editable", "default", "scope", "position", "created_at")
    choices = {"choices": [f"{value}={label}" for value, label in row.choices]} if row.choices else {}
    return field(row) | choices | {name: getattr(row, name) for name in names}


def issuer(row: TrustedIssuer) -> dict[str, Any]:
    """A trusted issuer in one line."""
    return {"issuer": row.issuer, "name": row.name, "scopes": row.scopes}


def whole_issuer(row: TrustedIssuer) -> dict[str, Any]:
    """A trusted issuer with all that is known of it."""
    kids = [str(jwk.get("kid", "")) for jwk in (row.jwks or {}).get("keys", ())]
    names = ("subject_is", "clients", "jwks_uri", "created_at")
    return issuer(row) | {name: getattr(row, name) for name in names} | {"kids": kids}


def provider(row: Provider) -> dict[str, Any]:
    """A provider in one line."""
    return {"slug": row.slug, "name": row.name, "preset": row.preset, "enabled": row.enabled}


def whole_provider(row: Provider) -> dict[str, Any]:
    """A provider with all that is known of it but its secret."""
    endpoints = {f"{name}_endpoint": url for name, url in row.endpoints.items()}
    names = ("client_id", "discovery_url", "scopes", "keeps_tokens", "created_at")
    kept = {name: value for name, value in row.settings.items() if not isinstance(value, dict)}
    return provider(row) | {name: getattr(row, name) for name in names} | endpoints | kept


def user(row: User) -> dict[str, Any]:
    """A person in one line."""
    return {
        "id": str(row.id),
        "email": row.email,
        "name": row.name,
        "permissions": row.permissions,
        "disabled": row.disabled,
        "last_login_at": row.last_login_at,
    }


def invitation(row: Invitation) -> dict[str, Any]:
    """An invitation in one line, without what its link has."""
    return {"id": str(row.id), "email": row.email, "state": row.state, "invited_by": row.invited_by, "expires_at": row.expires_at}


def claims(row: User) -> dict[str, Any]:
    """What applications may be told of a person, parts of the address by their own names."""
    told = claims_of.about(row, claims_of.STANDARD)
    address = told.pop("address", {})
    return told | {f"address.{part}": text for part, text in address.items()}


def key(row: SigningKey) -> dict[str, Any]:
    """A signing key in one line."""
    return {"kid": row.kid, "alg": row.alg, "state": row.state, "signs_from": row.signs_from, "retires_at": row.retires_at}


def rows(items: Sequence[dict[str, Any]], *, empty: str, as_json: bool) -> None:
    """Print a list: as columns, or as a JSON array."""
    if as_json:
        click.echo(_json(items))
    elif not items:
        click.echo(empty)
    else:
        _columns([list(items[0]), *([_cell(value) for value in item.values()] for item in items)])


def one(item: dict[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line for each of its parts, or a JSON object."""
    if as_json:
        click.echo(_json(item))
    else:
        _columns([[name, _cell(value)] for name, value in item.items()])


def findings(found: Sequence[checkup.Finding], *, as_json: bool) -> None:
    """Print what `doctor` found."""
    if as_json:
        click.echo(_json([vars(finding) for finding in found]))
        return
    width = max(len(finding.name) for finding in found)
    for finding in found:
        mark = click.style("ok  ", fg="green") if finding.ok else click.style("FAIL", fg="red", bold=True)
        mend = f"\n      {' ' * width} {finding.mend}" if finding.mend else ""
        click.echo(f"{mark}  {finding.name.ljust(width)} {finding.words}{mend}")


def complaints(error: ValidationError) -> list[str]:
    """What is wrong with the settings, a line for each, without their values."""
    return [f"{_variable(str(wrong['loc'][0]))}: {wrong['msg']}." for wrong in error.errors(include_input=False)]


def settings_page() -> str:
    """The page docs/settings.md."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        lines.append(f"| `{_variable(name)}` | {default} | {field.description} |\n")
    return HEAD + "".join(lines)


def _variable(name: str) -> str:
    return f"BAILIWICK_{name.upper()}"


def _columns(table: list[list[str]]) -> None:
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return {None: "", True: "yes", False: "no"}.get(value, str(value))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, default=lambda other: other.isoformat())
