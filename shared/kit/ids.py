"""The one source of randomness: identifiers, tokens and the fingerprints they are kept as."""

import hashlib
import hmac
import secrets
from uuid import UUID

from uuid_utils import compat


def uuid7() -> UUID:
    """A time-ordered identifier (RFC 9562 §5.7)."""
    return compat.uuid7()


def token(nbytes: int = 32) -> str:
    """An unguessable URL-safe string of `nbytes` random bytes; 32 bytes are 256 bits.

    It never begins with a hyphen: a command line would take it for an option.
    """
    while (drawn := secrets.token_urlsafe(nbytes)).startswith("-"):
        pass
    return drawn


def random_bytes(length: int) -> bytes:
    """So many random bytes."""
    return secrets.token_bytes(length)


def pick(alphabet: str, length: int) -> str:
    """A random string of `length` letters of `alphabet`."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def fingerprint(secret: str) -> bytes:
    """The SHA-256 under which an unguessable secret is kept and looked up (32 bytes)."""
    return hashlib.sha256(secret.encode()).digest()


def same(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    left = left.encode() if isinstance(left, str) else left
    right = right.encode() if isinstance(right, str) else right
    return hmac.compare_digest(left, right)


def find_uuid(text: object) -> UUID | None:
    """The UUID that `text` spells, or None when it spells none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
