"""Access tokens: signed JWTs that any resource server can check (RFC 9068)."""

from dataclasses import dataclass
from typing import Any

from joserfc import jwt

from auth_service.protocol import dpop
from shared.kit import clock
from shared.models.authorization import UNKNOWN, Authorization
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import authorizations, keys, subjects
from shared.web import tenancy


@dataclass(frozen=True)
class Target:
    """What an access token is for: its `aud`, the scopes that have a meaning there, and the seconds that it lives."""

    audience: list[str]
    scopes: list[str]
    seconds: int


def audience(issuer: str) -> str:
    """The resource that tokens without a `resource` are for: the tenant's own API (RFC 9068 §3)."""
    return f"{issuer}/api"


def make(tenant: Tenant, client: Client, user: User, authorization: Authorization, *, target: Target, acr: str) -> str:
    """A token of what a person let a client do."""
    said = {
        "sub": subjects.of(user, client),
        # Names its authorization, so that whoever asks can see whether that still stands.
        "jti": authorizations.token_id(authorization),
        # Where nobody signed in, as with an issuer's word for them, nothing may look like a login of now (RFC 9068 §2.2.1).
        **({"auth_time": authorization.auth_time} if authorization.amr and authorization.auth_time != UNKNOWN else {}),
        "acr": acr,
        "amr": authorization.amr,
        "sid": authorization.sid,
        # Third parties need not know who is an operator.
        "permissions": user.permissions if client.first_party else [],
    }
    return _signed(tenant, client, target, said)


def make_for_client(tenant: Tenant, client: Client, *, target: Target) -> str:
    """A token of a client that acts in its own name (RFC 6749 §4.4, RFC 9068 §2.2: `sub` is the client)."""
    return _signed(tenant, client, target, {"sub": client.client_id, "jti": authorizations.client_token_id(client)})


def make_in_exchange(tenant: Tenant, client: Client, *, target: Target, said: dict[str, Any]) -> str:
    """A token that `client` is given for another one (RFC 8693 §2.2.1): `said` is of whom that one spoke, and who acts."""
    return _signed(tenant, client, target, said)


def _signed(tenant: Tenant, client: Client, target: Target, said: dict[str, Any]) -> str:
    key, moment = keys.signing_key(tenant, client.access_token_alg), clock.timestamp()
    claims = {
        "iss": tenancy.issuer_of(tenant),
        "aud": target.audience,
        "client_id": client.client_id,
        # Fief's applications read azp, permissions and acr.
        "azp": client.client_id,
        "exp": moment + target.seconds,
        "iat": moment,
        "scope": " ".join(target.scopes),
        **dpop.confirmation(),
        **said,
    }
    header = {"typ": "at+jwt", "alg": client.access_token_alg, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[client.access_token_alg])
