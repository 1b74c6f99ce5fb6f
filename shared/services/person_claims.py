"""What is known of a person besides name and e-mail address: one check for each claim (OpenID Connect Core §5.1, §5.1.1)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from shared.kit import clock
from shared.kit.db import transaction
from shared.kit.errors import Invalid
from shared.kit.refusals import Refusals
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.claims import ADDRESS
from shared.models.user import User
from shared.services import audit

VERIFIED = "phone_number_verified"
LONGEST, LONGEST_URL = 200, 2000
LONGEST_LINES = 500
# E.164, and the extension of RFC 3966.
_PHONE = re.compile(r"\+[1-9]\d{6,14}(;ext=\d{1,10})?")
# What people put between the digits.
_BETWEEN = re.compile(r"[\s().\-/]")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# In the database of zones, but nowhere in the world: what a machine is set to, and what it is set to before anybody did so.
_NO_ZONES = {"localtime", "Factory"}
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
_BIRTHDATE = re.compile(r"\d{4}(-\d{2}-\d{2})?")
_VISIBLE_URL = re.compile(r"https://[A-Za-z0-9\[][!-~]*")


def change(user: User, claims: Mapping[str, Any], *, by: Actor) -> User:
    """Set the claims that `claims` names; an empty value takes one away. Raises Invalid.

    Another phone number is not verified, unless `phone_number_verified` says so in the same breath.
    """
    refused, checked = Refusals(), dict[str, Any]()
    for name in (name for name in claims if name != VERIFIED):
        with refused.noted():
            checked[name] = _check(name, claims[name])
    refused.tell()
    with transaction() as session:
        row = session.get_one(User, user.id)
        before = {**row.claims, VERIFIED: row.phone_verified_at is not None}
        put(row, checked)
        _verify(row, claims)
        after = {**row.claims, VERIFIED: row.phone_verified_at is not None}
        if names := sorted(name for name in {*before, *after} if before.get(name) != after.get(name)):
            # The names alone: what people are called or where they live has no place in a log that is kept for ever.
            audit.record("user.claims_set", actor=by, subject=row, claims=names)
    return row


def put(row: User, checked: Mapping[str, Any]) -> None:
    """Write claims that were checked into `row`, inside a transaction. Another phone number is not verified."""
    before = row.claims.get("phone_number")
    row.claims = {name: value for name, value in {**row.claims, **checked}.items() if value}
    if row.claims.get("phone_number") != before:
        row.phone_verified_at = None


def _verify(row: User, claims: Mapping[str, Any]) -> None:
    if claims.get(VERIFIED) and not row.claims.get("phone_number"):
        raise Invalid(said("There is no phone number to be verified."), field=VERIFIED)
    if claims.get(VERIFIED) is False:
        row.phone_verified_at = None
    if claims.get(VERIFIED) and row.phone_verified_at is None:
        row.phone_verified_at = clock.now()


def _check(name: str, value: Any) -> Any:
    if name not in CHECKS:
        raise Invalid(said("There is no claim %(name)s to be set.", name=name[:100]), field=name)
    return CHECKS[name](name, value) if value else None


def _text(name: str, value: Any) -> str:
    text = _written(name, value, LONGEST)
    if not text.isprintable():
        raise Invalid(said("It has a character that cannot be shown."), field=name)
    return text


def _url(name: str, value: Any) -> str:
    text = _written(name, value, LONGEST_URL)
    if not _VISIBLE_URL.fullmatch(text):
        raise Invalid(said("Write the whole address: it begins with https://."), field=name)
    return text


def _birthdate(name: str, value: Any) -> str:
    text = _written(name, value, LONGEST)
    try:
        # §5.1: the year 0000 stands for one that is not told; a leap year, for those born on its last day of February.
        day = "2000" + text[4:] if text.startswith("0000") else text
        right = _BIRTHDATE.fullmatch(text) and date.fromisoformat(day if len(day) > 4 else f"{day}-01-01")
    except ValueError:
        right = None
    if not right:
        raise Invalid(said("Write it as YYYY-MM-DD, with the year 0000 when it is not told, or the year alone."), field=name)
    return text


def _zoneinfo(name: str, value: Any) -> str:
    text = _written(name, value, LONGEST)
    known = available_timezones()
    if text in _NO_ZONES or not _ZONE.fullmatch(text) or (known and text not in known):
        raise Invalid(said("Write the name of a time zone, such as Europe/Paris."), field=name)
    return text


def _locale(name: str, value: Any) -> str:
    text = _written(name, value, 35)
    if not _LOCALE.fullmatch(text):
        raise Invalid(said("Write a language tag, such as en-GB or fr."), field=name)
    return text


def _phone_number(name: str, value: Any) -> str:
    number, ext, extension = _written(name, value, LONGEST).partition(";ext=")
    text = f"{_BETWEEN.sub('', number)}{ext}{extension}"
    if not _PHONE.fullmatch(text):
        raise Invalid(said("Write it with the country: +1 604 555 1234."), field=name)
    return text


def _address(name: str, value: Any) -> dict[str, str]:
    parts = ", ".join(ADDRESS)
    if not isinstance(value, Mapping):
        raise Invalid(said("An address has the parts %(parts)s.", parts=parts), field=name)
    if unknown := [member for member in value if member not in ADDRESS]:
        words = said("An address has the parts %(parts)s. There is no %(unknown)s.", parts=parts, unknown=unknown[0][:100])
        raise Invalid(words, field=name)
    return {member: lines for member in ADDRESS if (lines := _lines(member, value.get(member) or ""))}


def _lines(name: str, value: Any) -> str:
    """Text of several lines, as an envelope has it."""
    lines = _written(name, value, LONGEST_LINES).replace("\r\n", "\n").split("\n")
    if not all(line.isprintable() for line in lines):
        raise Invalid(said("It has a character that cannot be shown."), field=name)
    return "\n".join(stripped for line in lines if (stripped := line.strip()))


def _written(name: str, value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise Invalid(said("A text of at most %(most)s characters.", most=longest), field=name)
    return value.strip()


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "family_name": _text,
    "given_name": _text,
    "middle_name": _text,
    "nickname": _text,
    "preferred_username": _text,
    "profile": _url,
    "picture": _url,
    "website": _url,
    "gender": _text,
    "birthdate": _birthdate,
    "zoneinfo": _zoneinfo,
    "locale": _locale,
    "phone_number": _phone_number,
    "address": _address,
}
