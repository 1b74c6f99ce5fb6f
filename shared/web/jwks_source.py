"""The public keys of an issuer, fetched over HTTP like any stranger would and kept for a while (RFC 7517 §5)."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from shared.kit import clock, log
from shared.kit.errors import Unavailable

# The only signatures we believe, and the kind of key each needs (RFC 8725 §3.1). HMAC and "none" can never join this list.
ALGORITHMS = {"ES256": "EC", "RS256": "RSA"}

TIMEOUT = 2  # seconds
LARGEST_DOCUMENT = 256 * 1024  # bytes
DEFAULT_AGE = 300  # seconds, when the issuer says nothing
SHORTEST_AGE, LONGEST_AGE = 10, 3600  # seconds
ASK_AGAIN_AFTER = 10  # seconds between two fetches made for an unknown kid
RETRY_AFTER_FAILURE = 10  # seconds, while old keys serve
RETRY_WITHOUT_KEYS = 1  # second
LONGEST_STALE = 86400  # seconds that old keys serve while the issuer does not answer


@dataclass(frozen=True)
class Document:
    """A JWK Set as fetched, and for how many seconds it may be kept."""

    keys: list[dict[str, Any]]
    max_age: int


Fetch = Callable[[str], Document]


def fetch(url: str) -> Document:
    """The JWK Set at `url`. Raises OSError, HTTPException or ValueError; follows no redirect and asks no proxy."""
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path, headers={"Accept": "application/jwk-set+json, application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        return Document(_keys_in(_read(response)), _max_age(response.headers.get("Cache-Control", "")))
    finally:
        connection.close()


@dataclass(eq=False)
class JwksSource:
    """The keys of one issuer.

    They are fetched when first needed, again when their max-age has passed (the old ones serve meanwhile, and for up to a day
    if the issuer does not answer), and once in a while for a kid never seen. There is never more than one fetch at a time.
    """

    url: str
    fetch: Fetch = fetch
    _keys: dict[str, Key] = field(default_factory=dict, init=False)
    _raw: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _fetched_at: int = field(default=0, init=False)
    _due_at: int = field(default=0, init=False)
    _asked_again_at: int = field(default=0, init=False)

    def find(self, kid: str) -> Key | None:
        """The key called `kid`, or None when the issuer has no such key. Raises Unavailable when there are no keys to be had.

        As long as the issuer publishes a key unchanged, this returns one and the same object.
        """
        self.refresh()
        key = self._keys.get(kid)
        return key if key is not None else self._ask_again(kid)

    def refresh(self) -> None:
        """Fetch the keys if they are due. Raises Unavailable when there are none to be had."""
        if clock.timestamp() >= self._due_at:
            self._fetch_if_due()
        if not self._usable():
            raise Unavailable("The keys of the issuer cannot be fetched now. Try again in a moment.")

    def _fetch_if_due(self) -> None:
        # With keys in hand nobody waits: one asker fetches, the others go on with what is there.
        if not self._lock.acquire(blocking=not self._usable()):
            return
        try:
            if clock.timestamp() >= self._due_at:
                self._fetch()
        finally:
            self._lock.release()

    def _ask_again(self, kid: str) -> Key | None:
        """A key may be newer than our copy. Strangers can invent kids, so their number does not decide how often we ask."""
        if self._asked_lately():
            return None
        with self._lock:
            if kid not in self._keys and not self._asked_lately():
                self._fetch()
                self._asked_again_at = clock.timestamp()
        return self._keys.get(kid)

    def _fetch(self) -> None:
        try:
            document = self.fetch(self.url)
        except (OSError, HTTPException, ValueError) as error:
            log.get().warning("jwks.unreachable", url=self.url, error=f"{type(error).__name__}: {error}")
            self._due_at = clock.timestamp() + (RETRY_AFTER_FAILURE if self._usable() else RETRY_WITHOUT_KEYS)
            return
        raw = {kid: jwk for jwk in document.keys if isinstance(kid := jwk.get("kid"), str)}
        self._keys = {kid: key for kid, jwk in raw.items() if (key := self._same_or_new(kid, jwk))}
        self._raw = raw
        self._fetched_at = clock.timestamp()
        self._due_at = self._fetched_at + min(max(document.max_age, SHORTEST_AGE), LONGEST_AGE)

    def _same_or_new(self, kid: str, jwk: dict[str, Any]) -> Key | None:
        return self._keys.get(kid) if self._raw.get(kid) == jwk else _find_verifier(jwk)

    def _usable(self) -> bool:
        return bool(self._keys) and clock.timestamp() - self._fetched_at <= LONGEST_STALE

    def _asked_lately(self) -> bool:
        return clock.timestamp() - self._asked_again_at < ASK_AGAIN_AFTER


def _find_verifier(jwk: dict[str, Any]) -> Key | None:
    """The key in `jwk` if it is one that may verify signatures we believe."""
    if ALGORITHMS.get(str(jwk.get("alg"))) != jwk.get("kty") or jwk.get("use", "sig") != "sig":
        return None
    try:
        return import_key(jwk)
    except (JoseError, ValueError, TypeError):
        return None


def _read(response: HTTPResponse) -> bytes:
    # The timeout of a socket is per read; this one is for the whole body, however slowly it drips.
    deadline = clock.timestamp() + TIMEOUT
    body = b""
    while chunk := response.read1(65536):
        body += chunk
        if len(body) > LARGEST_DOCUMENT or clock.timestamp() > deadline:
            raise ValueError("too large or too slow")
    return body


def _keys_in(body: bytes) -> list[dict[str, Any]]:
    document = json.loads(body)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("not a JWK Set")
    return [jwk for jwk in keys if isinstance(jwk, dict)]


def _max_age(cache_control: str) -> int:
    if re.search(r"\bno-(store|cache)\b", cache_control, re.IGNORECASE):
        return 0
    found = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", cache_control, re.IGNORECASE)
    return int(found[1]) if found else DEFAULT_AGE
