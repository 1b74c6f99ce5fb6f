"""Texts that people read: said in English, and remembered so that whoever reads them can have them in another language."""

from collections.abc import Callable
from html import escape
from typing import Any

from shared.kit import languages

# U+2068 and U+2069: the text between them finds its own direction (UAX #9).
ISOLATE, ISOLATED = "\u2068", "\u2069"


class Said(str):
    """English text that knows how it was made. As a `str` it is the English; put into a page it is in the reader's language."""

    msgid: str
    many: str | None
    values: dict[str, Any]

    def __new__(cls, msgid: str, many: str | None = None, values: dict[str, Any] | None = None) -> "Said":
        kept = values or {}
        made = super().__new__(cls, (many if many is not None and kept["num"] != 1 else msgid) % kept)
        made.msgid, made.many, made.values = msgid, many, kept
        return made

    def __reduce__(self) -> tuple[Callable[..., "Said"], tuple[Any, ...]]:
        return Said, (self.msgid, self.many, self.values)

    def __html__(self) -> str:
        # Whatever puts text into a page asks for this and escapes nothing more: templates, labels of forms, notices that wait
        # in the browser's cookie.
        return escape(self.in_language(languages.current()))

    def in_language(self, language: str) -> str:
        """The text in `language`, one of `languages.LANGUAGES`; in English where it has no translation."""
        if self.many is None:
            pattern = languages.find(self.msgid, language)
        else:
            pattern = languages.find_many(self.msgid, self.many, self.values["num"], language)
        return pattern % {name: spoken(value, language) for name, value in self.values.items()}


def said(msgid: str, /, **values: Any) -> Said:
    """The text `msgid`, which has `%(name)s` for each of `values`; a percent sign is written twice."""
    return Said(msgid, None, values)


def said_many(one: str, many: str, num: int, /, **values: Any) -> Said:
    """The text for `num` things: `one` if there is one, else `many`. Both may have `%(num)s` and `%(name)s` of `values`."""
    return Said(one, many, {**values, "num": num})


def translate(text: str, language: str) -> str:
    """`text` in `language`: what was said, or a msgid without values."""
    return text.in_language(language) if isinstance(text, Said) else languages.find(text, language)


def spoken(value: Any, language: str) -> Any:
    """A value as it stands in a text of that language: what was said is translated, whole numbers have its separators."""
    if isinstance(value, Said):
        return value.in_language(language)
    if isinstance(value, str) and languages.LANGUAGES[language].direction == "rtl":
        # A name in another script, or a bracket at its end, must not turn the words around it.
        return ISOLATE + value + ISOLATED
    if isinstance(value, int) and not isinstance(value, bool):
        return languages.number(value, language)
    return value
