"""Logos of clients: fetched for people's browsers, so that no client learns who looks at its consent page."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from shared.kit import clock, fetch
from shared.models.client import Client
from shared.services import documents

# By what a picture begins with, whatever its server says: nothing that can hold a script.
PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))
ACCEPTS = "image/png, image/jpeg, image/webp, image/gif"
SHORTEST, LONGEST = 600, 86400  # seconds that a logo is kept
ASK_AGAIN_AFTER = 60  # seconds after a fetch that failed
MOST = 200


@dataclass(frozen=True)
class Logo:
    """A picture and its media type."""

    picture: bytes
    media_type: str


_kept: OrderedDict[str, tuple[int, Logo | None]] = OrderedDict()
_lock = threading.Lock()


def find(client: Client) -> Logo | None:
    """The client's logo, fetched now or a while ago; None when there is no picture at its address."""
    if not client.logo_url:
        return None
    with _lock:
        until, logo = _kept.get(client.logo_url, (0, None))
    return logo if clock.timestamp() < until else _fetch(client.logo_url)


def edition(client: Client) -> str:
    """Ten characters that change with the address of the logo."""
    return hashlib.sha256((client.logo_url or "").encode()).hexdigest()[:10]


def _fetch(url: str) -> Logo | None:
    logo, seconds = None, ASK_AGAIN_AFTER
    try:
        found = documents.get(url, accept=ACCEPTS)
    except fetch.FetchFailed:
        pass
    else:
        logo, seconds = _read(found.body), min(max(found.fresh_seconds, SHORTEST), LONGEST)
    with _lock:
        _kept[url] = (clock.timestamp() + seconds, logo)
        _kept.move_to_end(url)
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return logo


def _read(body: bytes) -> Logo | None:
    kind = next((kind for begin, kind in PICTURES if body.startswith(begin)), None)
    if kind is None or (kind == "image/webp" and body[8:12] != b"WEBP"):
        return None
    return Logo(body, kind)
