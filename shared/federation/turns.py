"""Turns: a provider that is slow holds a few of our threads and never all of them (a bulkhead)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from shared.federation.faults import Silent
from shared.models.provider import Provider

# For each process. One that answers within a fifth of a second lets forty people a second in.
MOST = 8
_busy: dict[UUID, int] = {}
_lock = threading.Lock()


@contextmanager
def turn(provider: Provider) -> Iterator[None]:
    """One of those who wait for `provider`. Raises Silent at once when there are too many."""
    with _lock:
        if _busy.get(provider.id, 0) >= MOST:
            raise Silent(provider, f"{MOST} others are waiting for it")
        _busy[provider.id] = _busy.get(provider.id, 0) + 1
    try:
        yield
    finally:
        with _lock:
            _busy[provider.id] -= 1
            if not _busy[provider.id]:
                del _busy[provider.id]
