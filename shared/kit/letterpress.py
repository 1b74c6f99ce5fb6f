"""The letterpress: letters from templates, in a language so small that no template can hurt the house.

Templates may be a tenant's own. They are Jinja, of which only what LANGUAGE lists is admitted, before anything is compiled: text,
values, `if`, texts to translate, a few filters, and our own page around it. Without loops, sums, attributes and assignments,
what a template costs grows with its length alone. The sandbox stands behind that.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

FOLDER = Path(__file__).parents[1] / "letters"
PAGE = "base.html"
# In characters: of a template, of one text in it with its values, of what comes out.
LONGEST_SOURCE, LONGEST_TEXT, LONGEST_LETTER = 32_000, 20_000, 400_000
LONGEST_SUBJECT = 200
LONGEST_VALUE = 200
DEEPEST = 50
LANGUAGE = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Filter, nodes.Call, nodes.Keyword, nodes.Extends,
    nodes.Block,
)  # fmt: skip
# None of them makes a text much longer than it was.
FILTERS = ("capitalize", "e", "escape", "lower", "title", "trim", "upper")
TEXTS = ("_", "gettext", "ngettext")
# Jinja's own names.
NO_VALUES = (*TEXTS, "self", "super", "caller", "loop", "varargs", "kwargs")
_PLACE = re.compile(r"%(?:%|\((\w+)\)s)")
# What would break a line, or hide or turn around what stands beside it (UAX #9 §2).
_MISLEADING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


class Broken(Exception):
    """A template that is no template of ours; `field` names the part: subject, text or html."""

    def __init__(self, why: str, field: str) -> None:
        super().__init__(why)
        self.why, self.field = why, field


@dataclass(frozen=True)
class Source:
    """The templates of one letter."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Printed:
    """A letter as it is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Reader:
    """Who reads: the tag of their language (BCP 47), its direction, and how our texts, moments and numbers stand in it."""

    tag: str
    direction: str
    find: Callable[[str], str]
    find_many: Callable[[str, str, int], str]
    moment: Callable[[datetime], str]
    number: Callable[[int], str]


def ours(kind: str) -> Source:
    """Our own templates of this kind; the first line of the text is the subject."""
    subject, _, text = (FOLDER / f"{kind}.txt").read_text().partition("\n\n")
    return Source(subject.removeprefix("Subject: "), text, (FOLDER / f"{kind}.html").read_text())


def check(source: Source, names: Collection[str]) -> None:
    """Raises Broken unless these are templates, in our small language, that use no other values than those of `names`."""
    known = {*names, *TEXTS}
    for field in ("subject", "text", "html"):
        text = getattr(source, field)
        with _blaming(field):
            unknown = meta.find_undeclared_variables(_press(field == "html").parse(text)) - known
        if unknown:
            raise Broken(f"There is no value {', '.join(sorted(unknown))[:200]} in this letter.", field)


def press(source: Source, values: Mapping[str, str | int], reader: Reader) -> Printed:
    """The letter that `source` makes of `values`, for `reader`. Raises Broken."""
    known = {**values, "language": reader.tag, "direction": reader.direction}
    return Printed(
        subject=one_line(_run(source.subject, known, reader, "subject"), LONGEST_SUBJECT),
        text=_run(source.text, known, reader, "text").strip() + "\n",
        html=_run(source.html, known, reader, "html"),
    )


def one_line(text: str, longest: int = LONGEST_VALUE) -> str:
    """`text` in one line in which nothing is hidden or turned around, cut after so many characters."""
    plain = " ".join(_MISLEADING.sub(" ", text).encode(errors="replace").decode().split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _run(source: str, values: Mapping[str, str | int], reader: Reader, field: str) -> str:
    with _blaming(field):
        template = _press(field == "html").from_string(source)
        return "".join(_measured(template.generate({**values, **_texts(reader, markup=field == "html")})))


def _measured(parts: Iterator[str]) -> Iterator[str]:
    length = 0
    for part in parts:
        length += len(part)
        if length > LONGEST_LETTER:
            raise ValueError("This makes too long a letter.")
        yield part


class _blaming:
    """Whatever goes wrong inside is the fault of the template in this field: in a tenant's, anything may."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TemplateSyntaxError):
            raise Broken(f"Line {error.lineno}: {error.message}", self._field) from error
        if isinstance(error, Exception):
            raise Broken(str(error)[:300] or type(error).__name__, self._field) from error


class _Press(ImmutableSandboxedEnvironment):
    """Jinja that admits no more than our small language, wherever a template comes from."""

    def __init__(self, *, markup: bool) -> None:
        super().__init__(
            loader=FileSystemLoader(FOLDER),
            autoescape=markup,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.newstyle_gettext = True
        self.globals.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > LONGEST_SOURCE:
            raise TemplateSyntaxError(f"A template has at most {LONGEST_SOURCE} characters.", 1)
        tree = super()._parse(source, name, filename)
        # Before it is compiled: the compiler works out what is constant, and 'a' * 10**9 is.
        _admit(tree, DEEPEST)
        return tree


@cache
def _press(markup: bool) -> _Press:
    return _Press(markup=markup)


def _admit(node: nodes.Node, deepest: int) -> None:
    if not isinstance(node, LANGUAGE) or not deepest:
        raise TemplateSyntaxError(f"{type(node).__name__} is more than a letter needs.", node.lineno)
    if (wrong := _RULES.get(type(node), lambda node: None)(node)) is not None:
        raise TemplateSyntaxError(wrong, node.lineno)
    # What is called has been looked at; anywhere else its name is refused.
    for child in node.iter_child_nodes(exclude=("node",) if isinstance(node, nodes.Call) else None):
        _admit(child, deepest - 1)


def _call(node: Any) -> str | None:
    if not (isinstance(node.node, nodes.Name) and node.node.name in TEXTS) or node.dyn_args or node.dyn_kwargs:
        return 'Nothing can be called but _("…"), gettext and ngettext.'
    texts = node.args[:2] if node.node.name == "ngettext" else node.args[:1]
    # A text is markup of the template: a value in its place would not be escaped.
    if not texts or not all(isinstance(text, nodes.Const) for text in texts):
        return "A text to translate stands in quotes."
    return None


def _name(node: Any) -> str | None:
    return f"{node.name} is not a value." if node.name in NO_VALUES else None


def _filter(node: Any) -> str | None:
    if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return f"The filters of a letter are {', '.join(FILTERS)}."
    return None


def _extends(node: Any) -> str | None:
    if not (isinstance(node.template, nodes.Const) and node.template.value == PAGE):
        return f'A letter can extend "{PAGE}" alone.'
    return None


_RULES: dict[type[nodes.Node], Callable[[Any], str | None]] = {
    nodes.Call: _call,
    nodes.Extends: _extends,
    nodes.Filter: _filter,
    nodes.Name: _name,
}


def _texts(reader: Reader, *, markup: bool) -> dict[str, Any]:
    def gettext(msgid: str, /, **values: object) -> str:
        return _filled(reader.find(msgid), values, reader, markup)

    def ngettext(one: str, many: str, num: object, /, **values: object) -> str:
        # Newer and older ways of Jinja's {% trans %} give it twice.
        count = num if isinstance(num, int) else 0
        return _filled(reader.find_many(one, many, count), {**values, "num": count}, reader, markup)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _spoken(value: object, reader: Reader) -> str:
    if isinstance(value, int):
        return reader.number(value)
    # What is written in another direction is kept apart (UAX #9 §6.3), or "<Shop>" ends as "<Shop<".
    return f"\u2068{value}\u2069" if reader.direction == "rtl" else str(value)


def _filled(pattern: str, values: Mapping[str, object], reader: Reader, markup: bool) -> str:
    """`pattern` with its values. Not by Python's own %, which takes widths: %(x)999999999s is a gigabyte."""

    def value(place: re.Match[str]) -> str:
        if not place[1]:
            return "%"
        spoken = _spoken(values[place[1]], reader)
        return str(escape(spoken)) if markup else spoken

    text = _PLACE.sub(value, pattern)
    if len(text) > LONGEST_TEXT:
        raise ValueError("This makes too long a text.")
    return Markup(text) if markup else text  # noqa: S704  # the text of a template, its values escaped
