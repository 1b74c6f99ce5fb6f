"""The one source of time, so that a test can move it."""

import time
from datetime import UTC, datetime, timedelta

_shift = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _shift


def timestamp() -> int:
    """The present moment in whole seconds since 1970 (the NumericDate of RFC 7519 §2)."""
    return int(now().timestamp())


def ticks() -> float:
    """Seconds from an unknown start, never going back: for measuring how long something took."""
    return time.perf_counter()


def shift(seconds: float) -> None:
    """Move the clock of this process by so many seconds, on top of earlier moves."""
    global _shift
    _shift += timedelta(seconds=seconds)


def reset() -> None:
    """Put the clock of this process back to the true time."""
    global _shift
    _shift = timedelta(0)
