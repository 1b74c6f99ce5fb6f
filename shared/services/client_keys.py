"""Public keys of clients and trusted issuers: given by value, or fetched from a `jwks_uri` and kept for a while (RFC 7591 §2)."""

import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, import_key

from shared.kit import clock, fetch
from shared.kit.db import release
from shared.kit.errors import Invalid
from shared.models.client import CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, Client
from shared.models.trusted_issuer import TrustedIssuer
from shared.services import documents

# What a client may sign with, and the key that each needs (RFC 7518 §3.1, RFC 8037, RFC 9864). HMAC can never join this list.
ALGORITHMS: dict[str, dict[str, str]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "RS256": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
    "Ed25519": {"kty": "OKP", "crv": "Ed25519"},
}
# Those that FAPI 2.0 Security Profile §5.4.1 allows.
STRICT = tuple(alg for alg in ALGORITHMS if alg != "RS256")
HMAC = "HS256"
# Clients call Ed25519 by its older name for a while yet (RFC 9864 §4.1.2), and the log is for our own lines.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
SIGNED_WITH: dict[str, tuple[str, ...]] = {CLIENT_SECRET_JWT: (HMAC,), PRIVATE_KEY_JWT: tuple(ALGORITHMS)}
PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
NAMES = ("kty", "kid", "use", "alg", "crv", "x", "y", "n", "e")
MOST_KEYS = 20
LARGEST = 32 * 1024  # bytes
# A signature by a larger key is longer than the JOSE library reads.
RSA_BITS = range(2048, 4097)
ASK_AGAIN_AFTER = 10  # seconds between two fetches for a kid never seen, and after one that failed
SHORTEST_AGE, LONGEST_AGE = 10, 3600  # seconds
LONGEST_STALE = 3600  # seconds that keys serve while their address does not answer
MOST_SOURCES = 1000


@dataclass(eq=False)
class _Source:
    """What was last found at one `jwks_uri`."""

    url: str
    keys: list[dict[str, Any]] = field(default_factory=list)
    fetched_at: int = -LONGEST_STALE
    due_at: int = 0
    asked_again_at: int = -ASK_AGAIN_AFTER
    lock: threading.Lock = field(default_factory=threading.Lock)

    def kept(self) -> list[dict[str, Any]]:
        if clock.timestamp() >= self.due_at:
            with self._turn():
                if clock.timestamp() >= self.due_at:
                    self._fetch()
        return self.keys

    def newer(self) -> list[dict[str, Any]]:
        """The keys, fetched once more unless that was done for another unknown kid a moment ago: strangers can invent kids."""
        if clock.timestamp() - self.asked_again_at >= ASK_AGAIN_AFTER or self.lock.locked():
            with self._turn():
                if clock.timestamp() - self.asked_again_at >= ASK_AGAIN_AFTER:
                    self.asked_again_at = clock.timestamp()
                    self._fetch()
        return self.keys

    def anew(self) -> bool:
        """Fetch the keys, whenever that was done last. Whether that went well."""
        with self._turn():
            return self._fetch()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Whoever waits for another's fetch holds no connection meanwhile: one slow address would hold them all.
        release()
        with self.lock:
            yield

    def _fetch(self) -> bool:
        try:
            found = documents.get(self.url, accept="application/jwk-set+json, application/json")
            self.keys = _keys_in(orjson.loads(found.body))
        except (fetch.FetchFailed, ValueError):
            self.asked_again_at = clock.timestamp()
            self.due_at = self.asked_again_at + ASK_AGAIN_AFTER
            if clock.timestamp() - self.fetched_at >= LONGEST_STALE:
                self.keys = []
            return False
        self.fetched_at = clock.timestamp()
        self.due_at = self.fetched_at + min(max(found.fresh_seconds, SHORTEST_AGE), LONGEST_AGE)
        return True


_sources: OrderedDict[tuple[UUID, str], _Source] = OrderedDict()
_lock = threading.Lock()


def find(holder: Client | TrustedIssuer, *, alg: str, kid: str | None) -> list[Key]:
    """The keys of `holder` that can have made a signature with `alg`: the one called `kid`, or all when it has no name."""
    if not holder.jwks_uri:
        return _fitting((holder.jwks or {}).get("keys", ()), alg, kid)
    return find_at(holder.id, holder.jwks_uri, alg=alg, kid=kid)


def find_at(holder_id: UUID, jwks_uri: str, *, alg: str, kid: str | None) -> list[Key]:
    """Like `find`, for a holder that is known only by where it publishes its keys."""
    source = _source(holder_id, jwks_uri)
    return _fitting(source.kept(), alg, kid) or _fitting(source.newer(), alg, kid)


def public_key(jwk: dict[str, Any], alg: str) -> Key | None:
    """The key in `jwk`, when it is a public one, strong enough, that can have made a signature with `alg`."""
    public = _is_sane(jwk) and not PRIVATE_PARTS & set(jwk)
    return _imported(jwk) if public and _fits(jwk, alg) else None


@dataclass(frozen=True)
class Published:
    """The public keys of a client as this process knows them; `fetched_at` in seconds since 1970, None without an address."""

    keys: list[dict[str, Any]]
    fetched_at: int | None


def published(client: Client) -> Published:
    """The keys that a client registered, or those last found at its address; nothing is fetched for that."""
    if not client.jwks_uri:
        return Published((client.jwks or {}).get("keys", []), None)
    source = _source(client.id, client.jwks_uri)
    return Published(source.keys, max(source.fetched_at, 0) or None)


def fetch_now(client: Client) -> bool:
    """Fetch the keys of a client that publishes them; False when its address does not answer with a JWK Set, or it has none."""
    return bool(client.jwks_uri) and _source(client.id, client.jwks_uri or "").anew()


def checked(value: Mapping[str, Any] | str | None) -> dict[str, Any] | None:
    """A JWK Set (RFC 7517 §5), given as an object or as its JSON, that may be registered. Raises Invalid."""
    if not value:
        return None
    found = _parsed(value)
    if not 1 <= len(found) <= MOST_KEYS:
        raise _invalid(f"A set has 1 to {MOST_KEYS} keys.")
    for jwk in found:
        _check_key(jwk)
    return {"keys": found}


def checked_uri(value: str | None) -> str | None:
    """An address where keys are published. Raises Invalid."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        plain = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        plain = False
    if not plain or len(value) > fetch.LONGEST_URL or not value.isascii() or not value.isprintable() or " " in value:
        raise Invalid("The address of keys is an https address, without a name or a fragment in it.", field="jwks_uri")
    return value


def check_together(client: Client) -> None:
    """What a client registered about its authentication fits together (RFC 7591 §2). Raises Invalid."""
    method, alg = client.token_endpoint_auth_method, client.token_endpoint_auth_signing_alg
    if client.public != (method == "none"):
        raise Invalid("A public client proves nothing, and every other client does.", field="token_endpoint_auth_method")
    if client.jwks and client.jwks_uri:
        raise Invalid("Keys are given here or by their address, not both.", field="jwks_uri")
    if method == PRIVATE_KEY_JWT and not (client.jwks or client.jwks_uri):
        raise Invalid("To sign with its own key, the client needs public keys here, or the address where they are.", field="jwks")
    if alg and alg not in SIGNED_WITH.get(method, (alg,)):
        raise Invalid(
            f"With this method it signs with one of {', '.join(SIGNED_WITH[method])}.", field="token_endpoint_auth_signing_alg"
        )


def _source(holder_id: UUID, url: str) -> _Source:
    with _lock:
        source = _sources.setdefault((holder_id, url), _Source(url))
        _sources.move_to_end((holder_id, url))
        if len(_sources) > MOST_SOURCES:
            _sources.popitem(last=False)
    return source


def names_of(alg: str) -> tuple[str, ...]:
    """The names of an algorithm that a client registered: that of Ed25519 has two (RFC 9864 §4.1.2)."""
    return ("EdDSA", "Ed25519") if ALGORITHMS.get(alg, {}).get("kty") == "OKP" else (alg,)


def _fitting(jwks: Iterable[dict[str, Any]], alg: str, kid: str | None) -> list[Key]:
    # A key without a name may be the one that is meant.
    named = [jwk for jwk in jwks if kid is None or jwk.get("kid", kid) == kid]
    return [key for jwk in named if _fits(jwk, alg) and (key := _imported(jwk)) is not None]


def _fits(jwk: dict[str, Any], alg: str) -> bool:
    """Whether a key is of the kind that `alg` needs, and says nothing against it (RFC 7517 §4, RFC 8725 §3.1)."""
    return (
        all(jwk.get(name) == value for name, value in ALGORITHMS[alg].items())
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", alg) in names_of(alg)
        and "verify" in jwk.get("key_ops", ["verify"])
    )


def _imported(jwk: dict[str, Any]) -> Key | None:
    """The public key in `jwk`, when it is one and strong enough."""
    try:
        # Its value alone: what it says of itself was read by `_fits`.
        key = import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk})
        strong = jwk["kty"] != "RSA" or key.public_key.key_size in RSA_BITS  # type: ignore[union-attr]  # the RSA key of cryptography
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if strong else None


def _parsed(value: Mapping[str, Any] | str) -> list[dict[str, Any]]:
    try:
        raw = value if isinstance(value, str) else orjson.dumps(dict(value)).decode()
        if len(raw) > LARGEST or "\\u0000" in raw:
            raise _invalid(f"At most {LARGEST // 1024} KiB, and no NUL, which no database takes.")
        return _keys_in(orjson.loads(raw))
    except (ValueError, TypeError):
        raise _invalid('This is not a JWK Set: an object {"keys": [ … ]}.') from None


def _keys_in(document: Any) -> list[dict[str, Any]]:
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not all(isinstance(jwk, dict) and _is_sane(jwk) for jwk in keys):
        raise ValueError("not a JWK Set")
    return keys[: MOST_KEYS + 1]


def _is_sane(jwk: dict[str, Any]) -> bool:
    return all(isinstance(jwk.get(name, ""), str) for name in NAMES) and isinstance(jwk.get("key_ops", []), list)


def _check_key(jwk: dict[str, Any]) -> None:
    if PRIVATE_PARTS & set(jwk):
        raise _invalid("A private or secret key is in it. Register public keys only, and make this one anew: it was shown.")
    if jwk.get("kty") not in {"RSA", "EC", "OKP"} or _imported(jwk) is None:
        raise _invalid(f"The key {str(jwk.get('kid', 'without a kid'))[:100]} cannot be read, or is too weak or too large.")


def _invalid(words: str) -> Invalid:
    return Invalid(words, field="jwks")
