"""JWTs that clients sign: read without trust, and verified with registered keys (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3)."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, OctKey
from joserfc.util import urlsafe_b64decode

from shared.models.client import Client
from shared.services import client_keys, clients

# They would let the sender choose the key, or ask for what we do not do (RFC 8725 §3.10, RFC 7515 §4.1.11).
REFUSED_HEADERS = ("jwk", "jku", "x5u", "crit", "zip", "b64")


@dataclass(frozen=True)
class SignedJwt:
    """A JWT as it came: nothing in it is verified."""

    compact: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def alg(self) -> str:
        return str(self.header.get("alg"))

    @property
    def signature(self) -> str:
        return self.compact.rpartition(".")[2]

    def moment(self, name: str) -> float | None:
        """The time that a claim says, in seconds since 1970; None when it is missing, or no time."""
        value = self.claims.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def parse(unverified: str) -> SignedJwt | None:
    """The JWT in its compact form of three parts; None when it is none."""
    try:
        head, body, _ = unverified.split(".")
        header, claims = (orjson.loads(urlsafe_b64decode(part.encode())) for part in (head, body))
    except (ValueError, RecursionError):
        return None
    return SignedJwt(unverified, header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None


def strange_headers(unverified: SignedJwt, types: Collection[str]) -> list[str]:
    """What no header may have, and its `typ` when it is that of another kind of JWT (RFC 8725 §3.10, §3.11)."""
    kind = str(unverified.header.get("typ", "JWT")).lower().removeprefix("application/")
    return [name for name in REFUSED_HEADERS if name in unverified.header] + ([] if kind in types else [f"typ {kind}"])


def keys_of(client: Client, unverified: SignedJwt) -> Sequence[Key]:
    """The keys of `client` that can have made this signature: its own, or for an HMAC the secret that we share with it."""
    if unverified.alg == client_keys.HMAC:
        secret = clients.sealed_secret(client)
        return [OctKey.import_key(secret)] if secret else []
    kid = unverified.header.get("kid")
    return client_keys.find(client, alg=unverified.alg, kid=None if kid is None else str(kid))


def is_signed(unverified: SignedJwt, keys: Sequence[Key]) -> bool:
    """Whether one of the keys made the signature, by the algorithm that the header names: one that was allowed before."""
    return any(_is_signed(unverified, key) for key in keys)


def _is_signed(unverified: SignedJwt, key: Key) -> bool:
    registry = jws.JWSRegistry(algorithms=[unverified.alg], strict_check_header=False)
    # A chain of certificates may be in it, which nobody reads.
    registry.max_header_length = len(unverified.compact)
    try:
        jws.deserialize_compact(unverified.compact, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        return False
    return True
