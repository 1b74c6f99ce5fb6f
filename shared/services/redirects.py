"""What a redirect URI may be (RFC 9700 §2.1, RFC 8252 §7): exact, https, loopback http, or an application's own scheme."""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from shared.kit.errors import Invalid

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# RFC 3986 §2: what a URI is written with. No blank, quote, backslash, bracket outside an IPv6 host, or letter beyond ASCII.
WRITTEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
# RFC 8252 §7.1: a scheme of one's own is a domain name turned around, so it has a dot.
OWN_SCHEME = re.compile(r"[a-z][a-z0-9+\-]*(\.[a-z0-9+\-]+)+")
MOST = 50


def checked(uris: Sequence[str], *, public: bool, field: str = "redirect_uris") -> list[str]:
    """The addresses, each once, in the order given. Raises Invalid with the first that may not be."""
    listed = list(dict.fromkeys(uri.strip() for uri in uris if uri.strip()))
    if len(listed) > MOST:
        raise Invalid(f"An application has at most {MOST} addresses of this kind.", field=field)
    for uri in listed:
        if fault := _fault(uri, public):
            raise Invalid(fault, field=field, uri=uri)
    return listed


def check_frame(uri: str | None, redirect_uris: Sequence[str]) -> None:
    """The page that a sign-out loads in a frame is where a redirect URI is (Front-Channel Logout 1.0 §2). Raises Invalid."""
    if uri and _origin(uri) not in map(_origin, redirect_uris):
        raise Invalid("It has the scheme, host and port of one of the redirect URIs.", field="frontchannel_logout_uri", uri=uri)


def _origin(uri: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else None)


def _fault(uri: str, public: bool) -> str | None:
    """What is wrong with `uri`, in words that say the mend; None when nothing is."""
    if len(uri) > 2000 or not WRITTEN.fullmatch(uri):
        return "An address has at most 2000 letters, all of them plain ASCII; write others percent-encoded."
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "This is not an address."
    return next((words for is_so, words in _FAULTS if is_so(uri, parts)), None) or _scheme_fault(parts, public)


def _scheme_fault(parts: SplitResult, public: bool) -> str | None:
    if parts.scheme == "https":
        return None if parts.hostname else "An https address needs a host."
    if parts.scheme == "http":
        return None if parts.hostname in LOOPBACK else "Use https; plain http is only for localhost, 127.0.0.1 and [::1]."
    if not OWN_SCHEME.fullmatch(parts.scheme):
        return "Use https, or for an installed application a scheme of its own with a dot, such as com.example.app:/callback."
    return None if public else "Only public clients, which are installed applications, use a scheme of their own."


_FAULTS = (
    (lambda uri, parts: not parts.scheme, "Write the whole address, with its scheme: https://app.example.com/callback."),
    (lambda uri, parts: "#" in uri, "An address to return to has no fragment (#)."),
    (lambda uri, parts: "*" in uri, "Wildcards are not allowed: register each address."),
    (lambda uri, parts: "@" in parts.netloc, "An address to return to has no user name in it."),
    (lambda uri, parts: any(dots in parts.path.split("/") for dots in (".", "..")), "Write the path without . and .. parts."),
)
