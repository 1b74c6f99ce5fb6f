"""Addresses as they are compared: two spellings of one are one (RFC 3986 §6.2.2, §6.2.3)."""

import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_WRITTEN = re.compile(r"[!-~]+")


def same(left: str, right: str) -> bool:
    """Whether two addresses are one, whatever their query and fragment."""
    known = normal(left)
    return known is not None and known == normal(right)


def normal(url: str) -> str | None:
    """The address of http or https without query and fragment, in its normal form; None for what is no such address.

    Case of scheme and host, default port, percent-encoding, dots and the empty path make no difference; all else does.
    """
    try:
        parts = urlsplit(url) if _WRITTEN.fullmatch(url) else None
        if parts is None or parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
            return None
        port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else _unescaped(parts.hostname).lower()
    return f"{parts.scheme}://{host}{port}{_without_dots(_unescaped(parts.path))}"


def _unescaped(text: str) -> str:
    """Letters that need no escape are written plainly, and escapes in capitals (§6.2.2.1, §6.2.2.2)."""
    return _ENCODED.sub(lambda found: letter if (letter := chr(int(found[1], 16))) in UNRESERVED else found[0].upper(), text)


def _without_dots(path: str) -> str:
    """The path without `.` and `..` (§5.2.4); the empty one is `/`."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
