"""Clients that register themselves, and look after their registration (RFC 7591, RFC 7592)."""

from dataclasses import dataclass
from typing import Any

from shared.kit import ids
from shared.kit.db import transaction
from shared.kit.errors import Denied
from shared.models.audit import Actor
from shared.models.client import BY_ITSELF, CLIENT_SECRET_JWT, CONFIDENTIAL, PAIRWISE, PUBLIC, Client
from shared.models.initial_access import InitialAccessToken
from shared.models.tenant import Tenant
from shared.services import authorizations, clients, initial_access, sectors, subjects

# Given once, and from then on the operator's to change.
AT_FIRST = ("profile", "require_pkce")


@dataclass(frozen=True)
class Wanted:
    """What a client says of itself, read: `settings` by their names in client_settings, and what is kept and shown back."""

    settings: dict[str, Any]
    kept: dict[str, str]

    @property
    def client_type(self) -> str:
        return PUBLIC if self.settings["token_endpoint_auth_method"] == "none" else CONFIDENTIAL


@dataclass(frozen=True)
class Registered:
    """A client with its secret, if a new one was made, and the token with which it looks after its registration."""

    client: Client
    secret: str | None
    token: str


def register(tenant: Tenant, wanted: Wanted, *, by: Actor, access: InitialAccessToken | None = None) -> Registered:
    """Make a client of what it says of itself, at the cost of one use of `access`. Raises Invalid, Denied."""
    check_sector(wanted)
    token = ids.token()
    with transaction() as session:
        if access is not None and not initial_access.spend(access):
            raise Denied("The initial access token was used up.")
        client, secret = clients.register(tenant, client_type=wanted.client_type, by=by, sector_checked=True, **wanted.settings)
        client.registered_by = BY_ITSELF
        client.metadata_kept = wanted.kept
        client.registration_fingerprint = ids.fingerprint(token)
        session.flush()
    return Registered(client, secret, token)


def find(tenant: Tenant, client_id: str, token: str) -> Client | None:
    """The client that registered itself and was given this token for that; None for every other pair."""
    client = clients.find(tenant, client_id)
    kept = client.registration_fingerprint if client else None
    return client if ids.same(kept or b"", ids.fingerprint(token)) else None


def replace(client: Client, wanted: Wanted, *, by: Actor) -> tuple[Client, str | None]:
    """Let its registration say this instead of what it said; with a secret, if it needs a new one. Raises Invalid."""
    check_sector(wanted)
    return rewrite(client, wanted, by=by)


def rewrite(client: Client, wanted: Wanted, *, by: Actor) -> tuple[Client, str | None]:
    """Like `replace`, of what has its sector checked. Raises Invalid."""
    secret = None
    with transaction() as session:
        row = session.get_one(Client, client.id)
        known_as = _known_as(row)
        row.client_type = wanted.client_type
        row.metadata_kept = wanted.kept
        said = {name: value for name, value in wanted.settings.items() if name not in AT_FIRST}
        clients.update(row, by=by, sector_checked=True, **said)
        if row.subject_type == PAIRWISE and _known_as(row) != known_as:
            # What was granted elsewhere would be renewed with the sub of people in a sector that it never was in.
            authorizations.revoke_client(row, reason="its sector changed", by=by)
        if not row.needs_secret:
            row.secret_fingerprint = row.secret_sealed = row.secret_hint = None
        elif _lacks_secret(row):
            secret = clients.rotate_secret(row, by=by)
    return row, secret


def delete(client: Client, *, by: Actor) -> None:
    """End the registration; its authorizations and tokens end with it."""
    clients.delete(client, by=by)


def check_sector(wanted: Wanted) -> None:
    """The sector that a client names is one that names it (OpenID Connect Registration §5). Raises Invalid."""
    # Before the transaction: it asks somebody else's server.
    said = wanted.settings
    sectors.check(said["subject_type"], said["sector_identifier_uri"], said["redirect_uris"])


def _known_as(client: Client) -> tuple[str, str]:
    return client.subject_type, subjects.sector_of(client)


def _lacks_secret(client: Client) -> bool:
    # To check an HMAC takes the secret itself, not its fingerprint.
    sealed = client.token_endpoint_auth_method != CLIENT_SECRET_JWT or client.secret_revealable
    return client.secret_fingerprint is None or not sealed
