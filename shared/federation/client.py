"""We as a client of a provider: the address to send people to, and their code turned into tokens (RFC 6749 §4.1, RFC 7636)."""

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.federation.asking import JSON, Session
from shared.federation.discovery import Metadata
from shared.federation.faults import Refused, Wrong
from shared.kit import clock
from shared.models.provider import Provider
from shared.services import providers
from shared.services.departures import Departure
from shared.services.provider_presets import BASIC, POST, SIGNED, Preset
from shared.services.provider_rules import NONE

SIGNED_SECONDS = 300
AUTH_TIME = '{"id_token":{"auth_time":{"essential":true}}}'
FORM = {"Content-Type": "application/x-www-form-urlencoded", **JSON}


def address(provider: Provider, metadata: Metadata, departure: Departure, *, state: str, redirect_uri: str) -> str:
    """Where the browser goes: the authorization request, with state, nonce and PKCE (RFC 9700 §2.1.1)."""
    preset = providers.preset_of(provider)
    asked: dict[str, str] = preset.extra | (preset.offline if provider.keeps_tokens else {})
    asked |= _freshness(preset, departure)
    if metadata.issuer and metadata.jwks_uri:
        asked["nonce"] = departure.nonce
    if preset.pkce:
        asked["code_verifier"] = departure.verifier
    client = _client(provider, metadata, redirect_uri)
    url, _ = client.create_authorization_url(metadata.authorization, state=state, **asked)
    return str(url)


def exchange(provider: Provider, metadata: Metadata, departure: Departure, *, code: str, redirect_uri: str) -> dict[str, Any]:
    """The tokens for a code (RFC 6749 §4.1.3). Raises Silent, Wrong, and Refused when the provider takes it for no good one."""
    proof = {"code_verifier": departure.verifier} if providers.preset_of(provider).pkce else {}
    client = _client(provider, metadata, redirect_uri)
    asked = {"code": code, "grant_type": "authorization_code", "headers": dict(FORM), **proof}
    return _tokens(provider, lambda: client.fetch_token(metadata.token, **asked))


def refresh(provider: Provider, metadata: Metadata, refresh_token: str) -> dict[str, Any]:
    """New tokens for a refresh token (RFC 6749 §6). Raises Silent, Wrong, and Refused when the provider does not take it."""
    client = _client(provider, metadata, "")
    # What was granted then: to name more than that is an error, and we asked for more perhaps.
    client.scope = None
    return _tokens(provider, lambda: client.refresh_token(metadata.token, refresh_token=refresh_token, headers=dict(FORM)))


def bearer(tokens: Mapping[str, Any]) -> dict[str, str]:
    """The header that brings the access token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def _tokens(provider: Provider, asked: Callable[[], Any]) -> dict[str, Any]:
    try:
        found = asked()
    except OAuth2Error as error:
        raise Refused(provider, error.error, error.description) from None
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Wrong(provider, f"the token endpoint answers what is no token: {type(error).__name__}") from None
    tokens = dict(found)
    if not _is_token(tokens.get("access_token")) or str(tokens.get("token_type", "bearer")).lower() != "bearer":
        raise Wrong(provider, "the token endpoint gives no bearer token")
    return tokens


def _freshness(preset: Preset, departure: Departure) -> dict[str, str]:
    """What makes the provider say since when it knows somebody, and ask them anew where that is too long ago (Core §3.1.2.1)."""
    asked = {"claims": AUTH_TIME} if preset.asks_claims else {}
    if departure.max_age is None or not preset.asks_again:
        return asked
    # Whoever is to prove that it is still them proves nothing by a session that somebody left open there. prompt=login alone
    # could be taken out of the address on the way, unseen; with max_age the answer has auth_time.
    prompt = {} if departure.max_age else {"prompt": "login"}
    return asked | prompt | {"max_age": str(departure.max_age)}


def _client(provider: Provider, metadata: Metadata, redirect_uri: str) -> OAuth2Client:
    method = _method(provider, metadata)
    client = OAuth2Client(
        Session(provider),
        client_id=provider.client_id,
        client_secret=_signed_secret(provider, metadata) if method == SIGNED else providers.secret_of(provider),
        token_endpoint_auth_method=POST if method == SIGNED else method,
        scope=" ".join(provider.scopes) or None,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    client.register_client_auth_method((BASIC, _basic))
    return client


def _method(provider: Provider, metadata: Metadata) -> str:
    """How we show who we are: as an operator said, as the preset knows, else in the first way that the provider takes."""
    said = provider.settings.get("authentication") or providers.preset_of(provider).authentication
    if said:
        return str(said)
    if not provider.secret_sealed:
        return NONE
    return BASIC if BASIC in metadata.authentication or not metadata.authentication else POST


def _basic(client: Any, method: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]:
    # Authlib's own leaves id and secret as they are; RFC 6749 §2.3.1 has them encoded first.
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret or '', safe='')}"
    return uri, headers | {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, body


def _signed_secret(provider: Provider, metadata: Metadata) -> str:
    """Apple takes a JWT for a secret, which the key that it gave out has signed."""
    now = clock.timestamp()
    claims = {
        "iss": provider.settings["team_id"],
        "sub": provider.client_id,
        "aud": metadata.issuer,
        "iat": now,
        "exp": now + SIGNED_SECONDS,
    }
    try:
        key = ECKey.import_key(providers.secret_of(provider) or "")
        return jwt.encode({"alg": "ES256", "kid": provider.settings["key_id"]}, claims, key, algorithms=["ES256"])
    except (JoseError, ValueError, KeyError):
        raise Wrong(provider, "the key that an operator gave for it cannot be read") from None


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable() and " " not in value
