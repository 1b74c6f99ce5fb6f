"""Time zones: moments as they stand where a person is, written down with the name of the place (RFC 9557 §3.1)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_known(zone: str | None) -> bool:
    """Whether there is a zone with this name."""
    try:
        return bool(zone and ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def at(moment: datetime, zone: str | None) -> datetime:
    """`moment` in the zone with this name (IANA), or in UTC where there is none."""
    try:
        return moment.astimezone(ZoneInfo(zone) if zone else UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        # One that was known when it was chosen, or a day at the end of the calendar.
        return moment.astimezone(UTC)


def name_of(moment: datetime) -> str:
    """What the zone of a moment is called."""
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"


def written(moment: datetime) -> str:
    """A moment with its zone, as text."""
    name = name_of(moment)
    return moment.isoformat() if name == "UTC" else f"{moment.isoformat()}[{name}]"


def read(text: str) -> datetime:
    """What `written` wrote. Raises ValueError."""
    moment, _, name = text.partition("[")
    return at(datetime.fromisoformat(moment), name.removesuffix("]"))
