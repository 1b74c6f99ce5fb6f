"""What must never be in a log, taken out of every line: by the name of a field, and by the look of a value."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from structlog.typing import EventDict, WrappedLogger

GONE = "[redacted]"

_NAMES = frozenset(
    "code user_code device_code code_verifier code_challenge request request_uri session sid state nonce otp totp pin "
    "database_url redis_url smtp_url dpop payload form body".split()
)
# Any field of which a part is one of these: new_password, hashed_secret, xcsrftoken …
_PARTS = ("password", "passwd", "secret", "token", "cookie", "authorization", "verifier", "assertion", "credential", "private")
# Names with such a part that say what a secret is, and not the secret.
_HARMLESS = frozenset("token_type token_type_hint token_use secret_hint token_endpoint_auth_method authorization_id".split())

_IN_TEXT = "|".join(
    "password passwd secret token code code_verifier assertion id_token_hint request_uri state nonce session sid".split()
)
_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_PATTERNS = (
    # a query string or a form
    (re.compile(rf"\b(\w*(?:{_IN_TEXT}))=(?!{re.escape(GONE)})[^\s&\"'<>;,)]+", re.IGNORECASE), rf"\1={GONE}"),
    # JSON, or a dictionary as Python prints it
    (
        re.compile(
            rf"""(["'][\w-]*(?:{_IN_TEXT}|cookie|authorization)["']\s*:\s*|\(["']\w*(?:{_IN_TEXT})["'],\s*)b?{_QUOTED}""",
            re.IGNORECASE,
        ),
        rf'\1"{GONE}"',
    ),
    # headers
    (re.compile(r"\b((?i:Bearer|Basic|DPoP))\s+(?=\S*[0-9A-Z_=])(?!\w+=\")[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {GONE}"),
    (re.compile(r"\b((?:Set-)?Cookie|(?:Proxy-)?Authorization):[^\n]+", re.IGNORECASE), rf"\1: {GONE}"),
    # a signed or encrypted token
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,4}"), GONE),
    (re.compile(r"(urn:ietf:params:oauth:request_uri:)[\w.~%-]+", re.IGNORECASE), rf"\1{GONE}"),
    # an address with a password in it
    (re.compile(r"\b(\w+://[^\s:/@]*):[^\s@/]+@"), rf"\1:{GONE}@"),
)
_WORTH_READING = re.compile(r"[=:(]|eyJ|bearer|basic|dpop", re.IGNORECASE)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor: the second line of defence, the first being not to log such things at all."""
    return {key: _clean(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """`text` without passwords, codes, tokens, secrets and cookies, as far as their look gives them away."""
    if not _WORTH_READING.search(text):
        return text
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds something that must not be written."""
    name = name.lower().replace("-", "_")
    if name in _HARMLESS:
        return False
    return name in _NAMES or any(part in name for part in _PARTS)


def _clean(key: str, value: Any) -> Any:
    # A number or a flag gives nothing away: status codes and token lifetimes stay.
    if isinstance(value, bool | int | float) or value is None:
        return value
    if names_a_secret(key):
        return GONE
    return _clean_value(value)


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray):
        return redact_text(bytes(value).decode(errors="replace"))
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean_value(item) for item in value]
    return redact_text(str(value))
