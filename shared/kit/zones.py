"""Time zones: moments as they stand where a person is, written down with the name of the place (RFC 9557 §3.1)."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location

from shared.kit.languages import LANGUAGES
from shared.kit.words import said, translate

# The regions of the zones' names, by their codes (UN M49, ISO 3166-1), or in our own words where there is none.
REGIONS = {
    "Africa": "002",
    "America": "019",
    "Antarctica": "AQ",
    "Arctic": "150",
    "Asia": "142",
    "Atlantic": said("Atlantic Ocean"),
    "Australia": "009",
    "Europe": "150",
    "Indian": said("Indian Ocean"),
    "Pacific": "009",
}


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


def place(zone: str, language: str) -> str:
    """What readers of `language` call the city that stands for the zone with this name (IANA), or UTC."""
    return get_timezone_location(zone, locale=LANGUAGES[language].locale, return_city=True) if "/" in zone else zone


def with_place(text: str, moment: datetime, language: str) -> str:
    """`text`, which tells the time of `moment`, with the place where it is that time."""
    where = place(name_of(moment), language)
    return f"{text} {where}" if where == "UTC" else f"{text} ({where})"


@cache
def listed(language: str) -> dict[str, list[tuple[str, str]]]:
    """Every zone by the name that it has today, with its place, in the order of the places, by region; UTC before them."""
    territories, groups = LANGUAGES[language].locale.territories, dict[str, list[tuple[str, str]]]()
    for zone in get_global("zone_territories").keys() & available_timezones():
        region = REGIONS.get(zone.partition("/")[0])
        if region:
            group = territories.get(region) or translate(region, language)
            groups.setdefault(group, []).append((zone, place(zone, language)))
    ordered = {group: sorted(groups[group], key=lambda pair: (pair[1].casefold(), pair[0])) for group in sorted(groups)}
    return {"": [("UTC", "UTC")], **ordered}


def written(moment: datetime) -> str:
    """A moment with its zone, as text."""
    name = name_of(moment)
    return moment.isoformat() if name == "UTC" else f"{moment.isoformat()}[{name}]"


def read(text: str) -> datetime:
    """What `written` wrote. Raises ValueError."""
    moment, _, name = text.partition("[")
    return at(datetime.fromisoformat(moment), name.removesuffix("]"))
