"""Texts for people that stand in the source without being marked: nobody could translate them.

A guess by how they look: words of HTML outside of tags, in attributes that are read out, and strings that begin like a sentence.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes

from tests.house.words import ENGLISH

READ_OUT = {"alt", "aria-description", "aria-label", "placeholder", "title"}
SILENT = {"script", "style", "svg"}
# Names, and what stands for itself in every language.
NO_WORDS = {"Bailiwick", "UTC"}
MARKS = {"_", "gettext", "ngettext", "said", "said_many"}
# Arguments of macros that become attributes nobody reads.
ATTRIBUTES = {"autocapitalize", "autocomplete", "class", "id", "inputmode", "kind", "pattern", "type"}
SENTENCE = re.compile(r"[A-Z][a-z]+($|[ .,:?!-])")
# Whoever makes one of these says something to a person.
TELLING = re.compile(
    r"(Invalid|Conflict|Denied|TooMany|NotFound|Unavailable|NotSignedIn|flash|\w*Field|\w*Required|ValidationError|Entry)$"
)
# What only operators, and applications, are told.
FOR_OPERATORS = {
    "checkup", "client_documents", "client_keys", "client_profiles", "client_settings", "clients", "field_rules", "granted",
    "initial_access", "invitations",
    "jwks_source", "keys", "letter_templates", "outbox",
    "provider_presets", "provider_rules", "providers", "redirects", "registrations", "resources", "sectors", "setup",
    "tenants", "trusted_issuers", "user_fields",
}  # fmt: skip


def in_templates(root: Path) -> list[str]:
    """Unmarked texts of the templates, each with its file."""
    return [f"{path.relative_to(root)}: {text}" for path in _templates(root) for text in (*_words(path), *_strings(path))]


def in_code(root: Path) -> list[str]:
    """Unmarked texts of pages, of services that people meet, and of what both stand on."""
    return [f"{path.relative_to(root)}:{line}: {text}" for path in _modules(root) for line, text in _told(path)]


def _templates(root: Path) -> list[Path]:
    found = sorted((root / "auth_service/templates").rglob("*.html"))
    return [path for path in found if not str(path.relative_to(root)).startswith(ENGLISH)]


def _modules(root: Path) -> Iterator[Path]:
    for room in ("auth_service/pages", "shared/services", "shared/web", "shared/models"):
        yield from (path for path in sorted((root / room).glob("*.py")) if path.stem not in FOR_OPERATORS)
    yield root / "auth_service/visitor.py"


def _words(path: Path) -> list[str]:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)
    # The classes of the body stand in a block, outside of any tag.
    source = re.sub(r"\{% block body_class %\}.*?\{% endblock %\}", "", source)
    seen = _Seen()
    seen.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL))
    return [text for text in seen.words if _is_text(text)]


def _is_text(text: str) -> bool:
    return re.search(r"[^\W\d_]{2}", text) is not None and text not in NO_WORDS


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [f'{name}="{value}"' for name, value in attrs if name in READ_OUT and _is_text(value or "")]
        if tag in SILENT:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words += [text for line in data.splitlines() if (text := line.strip())]


def _strings(path: Path) -> Iterator[str]:
    yield from _unmarked(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text()))


def _unmarked(node: Any) -> Iterator[str]:
    """The strings below `node` that look like texts."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        return
    if isinstance(node, nodes.Keyword) and node.key in ATTRIBUTES:
        return
    if (
        isinstance(node, nodes.Const)
        and isinstance(node.value, str)
        and SENTENCE.match(node.value)
        and node.value not in NO_WORDS
    ):
        yield node.value
    # The keys of a table are compared, not shown.
    for child in [node.value] if isinstance(node, nodes.Pair) else node.iter_child_nodes():
        yield from _unmarked(child)


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and SENTENCE.match(value) is not None and value not in NO_WORDS


def _told(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and TELLING.fullmatch(_name(node.func)):
            yield from _sentences([*node.args, *(keyword.value for keyword in node.keywords)])
        # Where one text of a table is marked, all of them are for people.
        if isinstance(node, ast.Dict) and any(_is_marked(value) for value in node.values):
            yield from _sentences(node.values)


def _is_marked(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and _name(value.func) in MARKS


def _sentences(values: list[ast.expr]) -> Iterator[tuple[int, str]]:
    yield from ((value.lineno, text) for value in values for text in _literal(value) if SENTENCE.match(text))


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else ""


def _literal(value: ast.expr) -> list[str]:
    if isinstance(value, ast.Constant):
        return [value.value] if isinstance(value.value, str) else []
    if isinstance(value, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in value.values)]
    if isinstance(value, ast.IfExp):
        return [*_literal(value.body), *_literal(value.orelse)]
    return []
