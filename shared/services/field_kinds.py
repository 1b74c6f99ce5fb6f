"""The kinds of user fields: how what was typed is read and checked, and how what is kept is typed again."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers

from shared.kit import names
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.user_field import UserField
from shared.services import person_claims

LONGEST, LONGEST_LINES = 200, 2000
# What JavaScript and JSON hold exactly.
LARGEST = 2**53 - 1
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
_INTEGER = re.compile(r"[+-]?[0-9]{1,200}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# As inputs of type datetime-local send it, or whole (RFC 3339 §5.6).
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.IGNORECASE
)
# Marks of direction that turn text around (UAX #9 §2), and breaks that are no line feeds.
_MISLEADING = re.compile(r"[\u2028\u2029\u202a-\u202e\u2066-\u2069]")
NOT_SHOWN = said("It has a character that cannot be shown.")


@dataclass(frozen=True)
class Kind:
    """`words`: how operators call it, and what is `meant` by it.

    `read` makes of something typed what is kept, and raises Invalid; `typed` goes back.
    """

    words: str
    meant: str
    read: Callable[[UserField, Any], Any]
    typed: Callable[[Any], Any] = str


def read(field: UserField, typed: Any) -> Any:
    """The value as it is kept, which JSON can hold; None when nothing was typed. Raises Invalid, which names the field.

    `typed` is text as forms and the command line have it, or what JSON has for this kind.
    """
    if typed is None or typed in ("", [], {}) or (isinstance(typed, str) and not typed.strip()):
        return None
    try:
        value = KINDS[field.kind].read(field, typed)
    except Invalid as refused:
        raise Invalid(refused.message, field=field.input_name) from None
    return None if value in ("", [], {}) else value


def typed(field: UserField, value: Any) -> Any:
    """A value that is kept, as a form holds it: text, truth for a box, a list for choices, parts for an address."""
    return None if value is None else KINDS[field.kind].typed(value)


def _string(field: UserField, typed: Any) -> str:
    text = _written(typed, LONGEST)
    if "\n" in text or "\t" in text:
        raise Invalid(said("Write it in one line."))
    return text


def _long_text(field: UserField, typed: Any) -> str:
    return _written(typed, LONGEST_LINES)


def _integer(field: UserField, typed: Any) -> int:
    # A truth value is an int too, to Python.
    whole = type(typed) is int or (isinstance(typed, float) and typed.is_integer())
    if not whole and not (isinstance(typed, str) and _INTEGER.fullmatch(typed.strip())):
        raise Invalid(said("Write a whole number."))
    number = int(typed)
    if abs(number) > LARGEST:
        raise Invalid(said("Write a smaller number."))
    return number


def _boolean(field: UserField, typed: Any) -> bool:
    word = typed.strip().lower() if isinstance(typed, str) else typed
    if isinstance(word, bool):
        return word
    if word not in (*YES, *NO):
        raise Invalid(said("Say yes or no."))
    return word in YES


def _date(field: UserField, typed: Any) -> str:
    text = _written(typed, LONGEST)
    if not is_date(text):
        raise Invalid(said("Write a day as YYYY-MM-DD."))
    return text


def is_date(text: str) -> bool:
    """Whether `text` is a day of the calendar, as YYYY-MM-DD."""
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _datetime(field: UserField, typed: Any) -> str:
    """In UTC, to the second; so is what has no zone."""
    found = _DATETIME.fullmatch(_written(typed, LONGEST))
    try:
        day, minute, second, zone = found.groups() if found else ("", "", "", "")
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{(zone or '+00:00').upper()}")
        return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    except (ValueError, OverflowError):
        raise Invalid(said("Write a day and a time as YYYY-MM-DD HH:MM.")) from None


def wall_time(text: str) -> datetime | None:
    """The day and time that somebody typed without saying in which zone; None where it is none, or says one."""
    found = _DATETIME.fullmatch(text.strip())
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ':00'}") if found and not found[4] else None
    except ValueError:
        return None


def _choice(field: UserField, typed: Any) -> str:
    (chosen,) = _choices(field, [typed])
    return chosen


def _choices(field: UserField, typed: Any) -> list[str]:
    """In the order in which they are offered."""
    chosen = typed.split("\n") if isinstance(typed, str) else typed
    offered = [value for value, _ in field.choices]
    if not isinstance(chosen, list) or not all(isinstance(each, str) and each.strip() in offered for each in chosen):
        raise Invalid(said("Choose from what is offered."))
    return [value for value in offered if value in {each.strip() for each in chosen}]


def _phone(field: UserField, typed: Any) -> str:
    """E.164, without an extension, which that does not have."""
    text = _written(typed, LONGEST)
    try:
        number = phonenumbers.parse(text, None)
        right = text.startswith("+") and phonenumbers.is_possible_number(number) and not number.extension
    except phonenumbers.NumberParseException:
        right = False
    if not right:
        raise Invalid(said("Write it with the country: +1 604 555 1234."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _as_claim(name: str) -> Callable[[UserField, Any], Any]:
    """Checked as the standard claim of this name is."""
    return lambda field, typed: person_claims.CHECKS[name](name, typed)


def _written(typed: Any, longest: int) -> str:
    if not isinstance(typed, str):
        raise Invalid(said("A text of at most %(most)s characters.", most=longest))
    if len(typed) > 2 * longest:
        raise Invalid(said("Use at most %(most)s characters.", most=longest))
    # One form for letters that can be written in several, so that equal texts are equal.
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").strip())
    if len(text) > longest:
        raise Invalid(said("Use at most %(most)s characters.", most=longest))
    controls = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text if letter not in "\n\t")
    if controls or _MISLEADING.search(text) or (text and not names.shows(text)):
        raise Invalid(NOT_SHOWN)
    return text


def _same(value: Any) -> Any:
    return value


KINDS: dict[str, Kind] = {
    "string": Kind("Text in one line", "A company, a job title, a user name elsewhere. At most 200 characters.", _string),
    "long_text": Kind("Text of several lines", "A note, something about oneself. At most 2,000 characters.", _long_text),
    "integer": Kind("Whole number", "A size, an age, a count.", _integer),
    "boolean": Kind("Box to tick", "The consent to your terms, a newsletter. When required it must be ticked.", _boolean, _same),
    "date": Kind("Date", "A birthday, a first day.", _date),
    "datetime": Kind("Date and time", "An appointment. It is kept in UTC.", _datetime, lambda value: value.removesuffix("Z")),
    "choice": Kind("One of several choices", "A country, a plan.", _choice),
    "choices": Kind("Any of several choices", "Interests, teams.", _choices, list),
    "phone": Kind("Phone number", "With its country, kept as +16045551234 (E.164).", _phone),
    "address": Kind("Postal address", "Street, code, city, region and country.", _as_claim("address"), dict),
    "timezone": Kind("Time zone", "Such as Europe/Paris.", _as_claim("zoneinfo")),
    "locale": Kind("Language", "Such as en-GB, as a tag (BCP 47).", _as_claim("locale")),
}
