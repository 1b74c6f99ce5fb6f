"""ID tokens of providers, believed after every rule (OpenID Connect Core §3.1.3.7, §3.3.2.11; RFC 8725 §3)."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64encode

from shared.federation import discovery
from shared.federation.discovery import Metadata
from shared.federation.faults import Wrong
from shared.kit import clock, ids
from shared.models.authorization import UNKNOWN
from shared.models.provider import Provider
from shared.services import client_keys, providers

FAST_CLOCK = 60  # seconds by which its clock and ours may differ
LONGEST = 32 * 1024  # characters
# They would let the sender choose the key, or ask for what we do not do (RFC 8725 §3.10).
REFUSED_HEADERS = ("jwk", "jku", "x5u", "crit", "zip", "b64")
# RFC 8725 §3.11: no other kind of JWT is an ID token.
TYPES = ("jwt", "id_token+jwt")


@dataclass(frozen=True)
class Expected:
    """What an ID token is judged by; `alg` is what it was signed with."""

    provider: Provider
    metadata: Metadata
    nonce: str
    access_token: str
    alg: str = ""


def verify(expected: Expected, unverified: object) -> dict[str, Any]:
    """The claims of an ID token. Raises Wrong, and Silent when the keys of the provider cannot be fetched."""
    header = _header(expected.provider, unverified)
    claims = _signed(expected, str(unverified), header)
    expected = replace(expected, alg=header["alg"])
    for rule in RULES:
        if fault := rule(expected, claims):
            raise Wrong(expected.provider, f"ID token: {fault}")
    return claims


def signed_in_at(provider: Provider, claims: Mapping[str, Any]) -> int:
    """When somebody signed in at the provider, in seconds since 1970; UNKNOWN when it does not say, or nothing believable."""
    told, now = _moment(claims.get("auth_time")), clock.timestamp()
    if told is None or not providers.preset_of(provider).tells_auth_time or not 0 < told <= now + FAST_CLOCK:
        return UNKNOWN
    return min(int(told), now)


def wrong_issuer(expected: Expected, claims: dict[str, Any]) -> str | None:
    """It is by this provider."""
    return None if discovery.is_issuer(expected.metadata, claims) else f"iss is {str(claims.get('iss'))[:100]!r}"


def wrong_audience(expected: Expected, claims: dict[str, Any]) -> str | None:
    """It is for us, and for others only when it was asked for by us."""
    us, aud, azp = expected.provider.client_id, claims.get("aud"), claims.get("azp")
    listed = aud if isinstance(aud, list) else [aud]
    if us not in listed:
        return f"aud is {str(aud)[:100]!r}"
    if (azp is not None or len(listed) > 1) and azp != us:
        return f"azp is {str(azp)[:100]!r}"
    return None


def wrong_times(expected: Expected, claims: dict[str, Any]) -> str | None:
    """It was made, not in the future, and has not ended."""
    now = clock.timestamp()
    made, ends = _moment(claims.get("iat")), _moment(claims.get("exp"))
    if ends is None or ends <= now - FAST_CLOCK:
        return "it has expired"
    return "iat is in the future, or missing" if made is None or made > now + FAST_CLOCK else None


def wrong_nonce(expected: Expected, claims: dict[str, Any]) -> str | None:
    """It was made for the request that this browser sent."""
    came = claims.get("nonce")
    if came is None and not providers.preset_of(expected.provider).nonce:
        return None
    return None if isinstance(came, str) and ids.same(came, expected.nonce) else "nonce is another or missing"


def wrong_access_token(expected: Expected, claims: dict[str, Any]) -> str | None:
    """The access token that came with it is the one it was made with, if it says so."""
    came = claims.get("at_hash")
    if came is None:
        return None
    # The hash of its algorithm; Ed25519 has SHA-512 inside.
    digest = hashlib.new("sha256" if expected.alg.endswith("256") else "sha512", expected.access_token.encode()).digest()
    half = urlsafe_b64encode(digest[: len(digest) // 2]).decode()
    return None if isinstance(came, str) and ids.same(came, half) else "at_hash is of another access token"


RULES: tuple[Callable[[Expected, dict[str, Any]], str | None], ...] = (
    wrong_issuer,
    wrong_audience,
    wrong_times,
    wrong_nonce,
    wrong_access_token,
)


def _signed(expected: Expected, unverified: str, header: dict[str, Any]) -> dict[str, Any]:
    """The claims, signed with a key of the provider."""
    alg, kid = header["alg"], header.get("kid")
    keys = client_keys.find_at(
        expected.provider.id, str(expected.metadata.jwks_uri), alg=alg, kid=None if kid is None else str(kid)
    )
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = LONGEST
    for key in keys:
        try:
            claims = orjson.loads(jws.deserialize_compact(unverified, key, registry=registry).payload)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        if isinstance(claims, dict):
            return claims
    raise Wrong(expected.provider, f"ID token: no key of the provider made the signature, kid {str(kid)[:60]!r}")


def _header(provider: Provider, unverified: object) -> dict[str, Any]:
    try:
        if not isinstance(unverified, str) or len(unverified) > LONGEST:
            raise ValueError
        header = jws.extract_compact(unverified.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Wrong(provider, "there is no ID token, or it cannot be read") from None
    kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    if kind not in TYPES or any(name in header for name in REFUSED_HEADERS):
        raise Wrong(provider, "ID token: its header asks for what no ID token has")
    if header.get("alg") not in client_keys.ALGORITHMS:
        raise Wrong(provider, f"ID token: alg is {str(header.get('alg'))[:20]!r}")
    return header


def _moment(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
