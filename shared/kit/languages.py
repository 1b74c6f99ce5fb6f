"""The languages that people can read: which there are, their texts, and their ways with dates and numbers."""

import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

FOLDER = Path(__file__).parents[1] / "translations"
ENGLISH = "en"
# How many of the languages that somebody wants are looked at; people have a few, headers have room for hundreds.
MOST_WANTED = 20
# What stands for a blank between thousands.
_BLANKS = re.compile(r"[\u00a0\u2009\u202f]")


@dataclass(frozen=True)
class Language:
    """A language: its tag (BCP 47), how its readers call it, its direction, and the CLDR locale of its dates and numbers."""

    tag: str
    name: str
    cldr: str
    direction: str = "ltr"

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.cldr)


# In the order of their own names, as the menu shows them.
LANGUAGES = {
    language.tag: language
    for language in (
        Language("de", "Deutsch", "de"),
        # English for everybody: with the day before the month, which nobody reads the other way when the month is a word.
        Language("en", "English", "en_GB"),
        Language("es", "Español", "es"),
        Language("fr", "Français", "fr"),
        Language("it", "Italiano", "it"),
        Language("pt", "Português", "pt"),
        Language("ar", "العربية", "ar", direction="rtl"),
        Language("ja", "日本語", "ja"),
        Language("zh-Hans", "简体中文", "zh_Hans"),
    )
}
TRANSLATED = tuple(tag for tag in LANGUAGES if tag != ENGLISH)
# Chinese as it is written in Taiwan, Hong Kong and Macau, unless the tag says otherwise.
TRADITIONAL = {"hant", "tw", "hk", "mo"}

_reading: ContextVar[str | None] = ContextVar("reading", default=None)
_askers: list[Callable[[], str | None]] = []
_own_askers: list[Callable[[], str | None]] = []


def current() -> str:
    """The language of whoever will read what is being written; English where nobody knows."""
    asked = (found for asker in _askers if (found := asker()))
    return _reading.get() or next(asked, ENGLISH)


def own() -> str | None:
    """The language that whoever asks something of us says is theirs, whatever the page is in; None where nobody does."""
    return next((found for asker in _own_askers if (found := asker())), None)


@contextmanager
def reading(language: str) -> Iterator[None]:
    """What is written inside is for a reader of `language`."""
    token = _reading.set(language)
    try:
        yield
    finally:
        _reading.reset(token)


def ask(asker: Callable[[], str | None], *, own: Callable[[], str | None]) -> None:
    """Let `asker` say who reads, and `own` which language is theirs: a language, or None when it does not know."""
    if asker not in _askers:
        _askers.append(asker)
        _own_askers.append(own)


def choose(wanted: Iterable[str]) -> str | None:
    """The first of the tags in `wanted` (BCP 47, RFC 4647 §3.4) that we speak, or None.

    Traditional Chinese, which we have not, becomes Simplified when nothing else in `wanted` can be had.
    """
    tags = [tag.lower().replace("_", "-").split("-") for tag in list(wanted)[:MOST_WANTED]]
    found = (known for parts in tags if not _is_traditional(parts) and (known := _spoken_by(parts)))
    return next(found, None) or next((known for parts in tags if (known := _spoken_by(parts))), None)


def _spoken_by(parts: list[str]) -> str | None:
    return "zh-Hans" if parts[0] in ("zh", "cmn") else parts[0] if parts[0] in LANGUAGES else None


def _is_traditional(parts: list[str]) -> bool:
    return parts[0] in ("zh", "cmn") and "hans" not in parts and not TRADITIONAL.isdisjoint(parts)


def find(msgid: str, language: str) -> str:
    """The text of `msgid` in `language`, with its placeholders; `msgid` itself where it has no translation."""
    # An empty msgid is the head of the catalog.
    return _catalog(language).gettext(msgid) if msgid else ""


def find_many(one: str, many: str, num: int, language: str) -> str:
    """Like `find`, in the form that `language` has for `num` things."""
    return _catalog(language).ngettext(one, many, num)


def load() -> None:
    """Read every catalog now, so that no reader waits for it and the workers share it."""
    for tag in LANGUAGES:
        _catalog(tag)


@cache
def _catalog(language: str) -> NullTranslations:
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if language == ENGLISH or not file.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=LANGUAGES[language].cldr))
    compiled.seek(0)
    return GNUTranslations(compiled)


def day(moment: datetime, language: str) -> str:
    """The date of `moment`, such as 3 Feb 2027."""
    return format_date(moment, "medium", locale=LANGUAGES[language].locale)


def time(moment: datetime, language: str) -> str:
    """Date and time of `moment` to the minute, in the zone that it has, which is not named."""
    locale = LANGUAGES[language].locale
    whole = locale.datetime_formats["medium"]
    clock = format_datetime(moment, locale.time_formats["short"].pattern, tzinfo=moment.tzinfo, locale=locale)
    return str(whole).replace("{1}", day(moment, language)).replace("{0}", clock)


def either(values: Sequence[str], language: str) -> str:
    """Several of which one is meant, such as a, b or c."""
    return format_list(values, style="or", locale=LANGUAGES[language].locale)


def number(value: float, language: str) -> str:
    """A number with the separators of `language`."""
    return format_decimal(value, locale=LANGUAGES[language].locale)


def read_whole(text: str, language: str) -> str:
    """A whole number as machines write it, from how readers of `language` do: their digits, their separators of thousands.

    What is none comes back as it is.
    """
    plain = _BLANKS.sub(" ", text.strip()).replace("\u2212", "-")
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)
    separators = re.escape(LANGUAGES[language].locale.number_symbols["latn"]["group"])
    grouped = rf"[+-]?[1-9][0-9]{{0,2}}([{separators} '\u2019\u066c])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    return re.sub(r"[^0-9+-]", "", plain) if re.fullmatch(grouped, plain) else plain
