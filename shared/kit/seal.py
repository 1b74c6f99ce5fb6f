"""Sealing: secrets that must be readable again are encrypted at rest with the server key (AES-256-GCM)."""

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kit import ids, settings
from shared.kit.errors import AppError


class CannotUnseal(AppError):
    """The sealed text was made with another server key, or for another purpose."""

    status = 500
    code = "cannot_unseal"


def seal(plain: str, purpose: str) -> str:
    """Encrypt `plain` so that only this server key and this `purpose` open it again."""
    nonce = ids.random_bytes(12)
    return base64.b64encode(nonce + _cipher(purpose).encrypt(nonce, plain.encode(), purpose.encode())).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The text that was sealed for `purpose`. Raises CannotUnseal."""
    raw = base64.b64decode(sealed)
    try:
        return _cipher(purpose).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
    except InvalidTag:
        raise CannotUnseal("A sealed value does not open: was BAILIWICK_SECRET_KEY changed?") from None


def derive(purpose: str, length: int = 32) -> bytes:
    """A key of `length` bytes for `purpose`, derived from the server key (HKDF, RFC 5869)."""
    secret = settings.current().secret_key.get_secret_value().encode()
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(secret)


def _cipher(purpose: str) -> AESGCM:
    return AESGCM(derive(f"seal:{purpose}"))
