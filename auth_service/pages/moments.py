"""Times for templates, whichever way they are kept, where whoever reads them lives."""

from datetime import UTC, datetime

from flask import request

from auth_service import visitor
from auth_service.pages import fields
from shared.kit import languages, zones


def moment(value: datetime | int | float) -> datetime:
    """An aware datetime, from one or from seconds since 1970: in the zone of whoever looks at their own pages, else in UTC."""
    at = value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    reader = visitor.user() if request.blueprint == "pages" else None
    return zones.at(at, fields.zone_of(reader)) if reader else at


def in_words(at: datetime) -> str:
    """The day and time, and where it is that time."""
    language = languages.current()
    return zones.with_place(languages.time(at, language), at, language)
