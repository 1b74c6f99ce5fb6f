"""ID tokens (OpenID Connect Core §2, §3.1.3.6)."""

import base64
import hashlib
from collections.abc import Sequence

from joserfc import jwt

from auth_service.protocol import claims_request
from shared.kit import clock
from shared.models import claims as claims_of
from shared.models.authorization import UNKNOWN, Authorization
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.models.user_field import UserField
from shared.services import keys, subjects, user_fields
from shared.web import tenancy

# ES256 and RS256 both hash with SHA-256.
HASH = hashlib.sha256


def make(
    tenant: Tenant,
    client: Client,
    user: User,
    authorization: Authorization,
    *,
    access_token: str | None,
    acr: str,
    nonce: str | None,
) -> str:
    """An ID token beside `access_token`, which it names by `at_hash`. `nonce` is that of the request, None on refresh.

    Without an access token userinfo cannot be asked, so it says itself what the scopes ask for (§5.4).
    """
    moment, fields = clock.timestamp(), user_fields.of(tenant)
    key = keys.signing_key(tenant, client.id_token_alg)
    claims = {
        **claims_of.about(user, _released(client, authorization, fields, alone=access_token is None), fields),
        "iss": tenancy.issuer_of(tenant),
        "sub": subjects.of(user, client),
        "aud": [client.client_id],
        "azp": client.client_id,
        "exp": moment + client.access_token_seconds,
        "iat": moment,
        # Left out where nobody knows it: a provider let them in, and did not say when they had signed in there.
        **({"auth_time": authorization.auth_time} if authorization.auth_time != UNKNOWN else {}),
        "acr": acr,
        "amr": authorization.amr,
        "sid": authorization.sid,
        **({"at_hash": half_hash(access_token)} if access_token else {}),
        **({"nonce": nonce} if nonce else {}),
    }
    header = {"alg": client.id_token_alg, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, key, algorithms=[client.id_token_alg])


def _released(client: Client, authorization: Authorization, fields: Sequence[UserField], *, alone: bool) -> set[str]:
    """The claims about the person that stand here: those asked for by name, and for a first-party application all, as in Fief."""
    named = set(authorization.details.get("claims", {}).get(claims_request.ID_TOKEN, ()))
    if client.first_party or alone:
        named |= claims_of.of_scopes(authorization.scopes, first_party=client.first_party, fields=fields)
    return named


def half_hash(text: str) -> str:
    """The left half of the SHA-256 of `text`, base64url (OpenID Connect Core §3.1.3.6)."""
    return base64.urlsafe_b64encode(HASH(text.encode("ascii")).digest()[:16]).rstrip(b"=").decode()
