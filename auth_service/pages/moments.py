"""Times for templates, whichever way they are kept."""

from datetime import UTC, datetime


def moment(value: datetime | int | float) -> datetime:
    """An aware datetime in UTC, from one or from seconds since 1970."""
    return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
