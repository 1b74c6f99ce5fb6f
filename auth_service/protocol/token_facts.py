"""What a token that comes back to us is (RFC 7009 §2.1, RFC 7662 §2.2): one of ours that stands, or nothing."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from auth_service.protocol import dpop
from shared.kit import clock
from shared.models.client import ALGORITHMS, Client
from shared.models.resource import Resource
from shared.models.scope import parse
from shared.models.tenant import Tenant
from shared.services import authorizations, exchanges, keys, refresh_tokens, resources, subjects
from shared.web import tenancy

LONGEST = 8192
_ready: dict[UUID, tuple[dict[str, Any], KeySet]] = {}


@dataclass(frozen=True)
class Facts:
    """A token of ours and what may be said of it (RFC 7662 §2.2).

    `authorization_id` is what ends with it; None for one that ends alone: in a client's own name, or exchanged (RFC 8693).
    """

    authorization_id: UUID | None
    said: dict[str, Any]


def find(tenant: Tenant, client: Client, unverified_token: str) -> Facts | None:
    """What this token of `client` is; None when it is not ours, another client's, expired, or what it was given for has ended."""
    facts = _access(tenant, unverified_token) or _refresh(client, unverified_token)
    return facts if facts and facts.said["client_id"] == client.client_id else None


def find_shown(tenant: Tenant, client: Client, unverified_token: str) -> Facts | None:
    """Like `find`; and a resource's own client is shown what an access token for that resource may do there (§2.1, §2.2)."""
    return find_access(tenant, client, unverified_token) or _refresh(client, unverified_token)


def find_access(tenant: Tenant, client: Client, unverified_token: str) -> Facts | None:
    """An access token that was given to `client`; or what of one is meant for a resource that is this client's own."""
    facts = _access(tenant, unverified_token)
    if facts is None or facts.said["client_id"] == client.client_id:
        return facts
    own = [resource for resource in resources.named(tenant, facts.said["aud"]) if resource.shows(client)]
    return _seen_at(own, facts) if own else None


def find_id_token(tenant: Tenant, client: Client, unverified_token: str) -> Facts | None:
    """An ID token of `client` that has not expired (OpenID Connect Core §2): it stands for the newest run of its session."""
    claims, kid = _signed(tenant, unverified_token, "JWT") or ({}, None)
    # Other JWTs that we sign for a client have no azp, or no session, or never expire.
    if claims.get("azp") != client.client_id or claims.get("exp", 0) <= clock.timestamp():
        return None
    of = authorizations.find_of_session(client, str(claims.get("sid")))
    return Facts(of.id, claims) if of and authorizations.stands(authorizations.token_id(of), kid=kid) else None


def _access(tenant: Tenant, unverified_token: str) -> Facts | None:
    claims, kid = _signed(tenant, unverified_token, "at+jwt") or ({"exp": 0}, None)
    jti = str(claims.get("jti"))
    if claims["exp"] <= clock.timestamp() or not authorizations.stands(jti, kid=kid):
        return None
    ends = None if exchanges.count(jti) else authorizations.id_of_token(jti)
    return Facts(ends, {**claims, "token_type": dpop.type_of(claims)})


def _signed(tenant: Tenant, unverified_token: str, typ: str) -> tuple[dict[str, Any], str] | None:
    """What a JWT of this type says that we signed for this tenant, and the `kid` of the key; None for any other text."""
    if len(unverified_token) > LONGEST:
        return None
    try:
        decoded = jwt.decode(unverified_token, key_set(tenant), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):  # joserfc trusts the shape of a header
        return None
    right = decoded.header.get("typ") == typ and decoded.claims.get("iss") == tenancy.issuer_of(tenant)
    return (decoded.claims, str(decoded.header.get("kid"))) if right else None


def key_set(tenant: Tenant) -> KeySet:
    """The tenant's public keys, made ready once for each reading of them."""
    jwks = keys.jwks(tenant)
    known, ready = _ready.get(tenant.id, (None, None))
    if ready is None or known is not jwks:
        ready = KeySet.import_key_set(cast(KeySetSerialization, jwks))
        _ready[tenant.id] = (jwks, ready)
    return ready


def _seen_at(own: list[Resource], facts: Facts) -> Facts:
    """What of a token is meant for these resources: it may be for others too, which is no business of theirs."""
    scopes = [scope for scope in parse(facts.said["scope"]) if any(scope in resource.scopes for resource in own)]
    about = {"aud": [resource.identifier for resource in own], "scope": " ".join(scopes)}
    return Facts(facts.authorization_id, facts.said | about)


def _refresh(client: Client, unverified_token: str) -> Facts | None:
    found = refresh_tokens.find(unverified_token)
    if found is None or found.authorization.client_id != client.id:
        return None
    said = {
        "client_id": client.client_id,
        "scope": " ".join(found.token.scopes),
        "sub": subjects.of(found.user, client),
        "exp": int(found.token.expires_at.timestamp()),
        "iat": int(found.token.created_at.timestamp()),
        "iss": tenancy.issuer(),
    }
    return Facts(found.authorization.id, said)
