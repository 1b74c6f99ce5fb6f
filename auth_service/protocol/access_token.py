"""Access tokens: signed JWTs that any resource server can check (RFC 9068)."""

from joserfc import jwt

from shared.kit import clock
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import authorizations, keys
from shared.web import tenancy


def audience(issuer: str) -> str:
    """The resource that tokens without a `resource` are for: the tenant's own API (RFC 9068 §3)."""
    return f"{issuer}/api"


def make(tenant: Tenant, client: Client, user: User, authorization: Authorization, *, scopes: list[str], acr: str) -> str:
    """A token of `typ: at+jwt` for these scopes; it lives `client.access_token_seconds`."""
    issuer, moment = tenancy.issuer_of(tenant), clock.timestamp()
    key = keys.signing_key(tenant, client.access_token_alg)
    claims = {
        "iss": issuer,
        "sub": str(user.id),
        "aud": [audience(issuer)],
        "client_id": client.client_id,
        # Fief's applications read azp, permissions and acr.
        "azp": client.client_id,
        "exp": moment + client.access_token_seconds,
        "iat": moment,
        # Names its authorization, so that whoever asks can see whether that still stands.
        "jti": authorizations.token_id(authorization),
        "auth_time": authorization.auth_time,
        "acr": acr,
        "amr": authorization.amr,
        "sid": authorization.sid,
        "scope": " ".join(scopes),
        "permissions": user.permissions,
    }
    header = {"typ": "at+jwt", "alg": client.access_token_alg, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[client.access_token_alg])
