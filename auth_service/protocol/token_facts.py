"""What a token that comes back to us is (RFC 7009 §2.1, RFC 7662 §2.2): one of ours that stands, or nothing."""

from dataclasses import dataclass
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from shared.kit import clock
from shared.models.authorization import Authorization
from shared.models.client import ALGORITHMS, Client
from shared.models.tenant import Tenant
from shared.services import authorizations, keys, refresh_tokens
from shared.web import tenancy

LONGEST = 8192


@dataclass(frozen=True)
class Facts:
    """A token of ours, its authorization, and what may be said of it (RFC 7662 §2.2)."""

    authorization: Authorization
    said: dict[str, Any]


def find(tenant: Tenant, client: Client, unverified_token: str) -> Facts | None:
    """What this token of `client` is; None when it is not ours, another client's, expired, or what it was given for has ended."""
    if len(unverified_token) > LONGEST:
        return None
    facts = _access(tenant, unverified_token) or _refresh(client, unverified_token)
    return facts if facts and facts.authorization.client_id == client.id else None


def _access(tenant: Tenant, unverified_token: str) -> Facts | None:
    try:
        key_set = KeySet.import_key_set(cast(KeySetSerialization, keys.jwks(tenant)))
        decoded = jwt.decode(unverified_token, key_set, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    claims = decoded.claims
    if decoded.header.get("typ") != "at+jwt" or claims.get("iss") != tenancy.issuer_of(tenant):
        return None
    jti = str(claims.get("jti"))
    authorization = authorizations.find_of_token(jti)
    if authorization is None or claims["exp"] <= clock.timestamp() or not authorizations.stands(jti):
        return None
    return Facts(authorization, {**claims, "token_type": "Bearer"})


def _refresh(client: Client, unverified_token: str) -> Facts | None:
    found = refresh_tokens.find(unverified_token)
    if found is None:
        return None
    said = {
        "client_id": client.client_id,
        "scope": " ".join(found.token.scopes),
        "sub": str(found.authorization.user_id),
        "exp": int(found.token.expires_at.timestamp()),
        "iat": int(found.token.created_at.timestamp()),
        "iss": tenancy.issuer(),
    }
    return Facts(found.authorization, said)
