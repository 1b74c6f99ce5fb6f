"""Every text that a person reads, found in the source; and the catalogs of their translations.

`python -m tests.house.words`, which is `make words`, brings the catalogs up to date: new texts come in without a translation,
those that are gone go out.
"""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from shared.kit.languages import FOLDER, LANGUAGES, TRANSLATED

ROOT = Path(__file__).parents[2]
TEMPLATES: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
SUFFIXES = (".py", ".html", ".txt")
# The dashboard and the command line are for operators, and English.
ENGLISH = ("auth_service/admin/", "auth_service/templates/admin/", "auth_service/cli", "shared/migrations/")
PLACES = re.compile(r"%\(\w+\)[sd]|%.?")
# What changes with every run, and says nothing.
RESTLESS = re.compile(
    r'^"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date'
    r"|Last-Translator|Language-Team|Generated-By): .*\n",
    re.MULTILINE,
)


def texts(root: Path = ROOT) -> Catalog:
    """The texts in the source of `root`, each with the files that it stands in."""
    catalog = Catalog(fuzzy=False)
    for path in sources(root):
        name = str(path.relative_to(root))
        for message in _said(path) if path.suffix == ".py" else _marked(path):
            catalog.add(message, locations=[(name, 0)])
    return catalog


def sources(root: Path) -> Iterator[Path]:
    """The files whose texts people read."""
    for room in ("auth_service", "shared"):
        for path in sorted((root / room).rglob("*")):
            if path.suffix in SUFFIXES and not str(path.relative_to(root)).startswith(ENGLISH):
                yield path


def _marked(path: Path) -> Iterator[Any]:
    """The texts of a template."""
    yield from (message for _, message, _, _ in extract_from_file("jinja2", path, TEMPLATES, (), OPTIONS))


def _said(path: Path) -> Iterator[Any]:
    """The texts of a module. Raises ValueError for one that is put together as the program runs: nobody could translate it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("said", "said_many"):
            words = node.args[: 1 if node.func.id == "said" else 2]
            texts = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            if len(texts) != len(words) or not texts:
                raise ValueError(f"{path.name}:{node.lineno}: what is said is no plain text")
            yield texts[0] if len(texts) == 1 else tuple(texts)


def file_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The catalog of `language`, an empty one where there is none yet."""
    file = file_of(language)
    if not file.is_file():
        return Catalog(locale=LANGUAGES[language].cldr, fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=LANGUAGES[language].cldr)


def written(language: str, found: Catalog) -> str:
    """The catalog of `language` for the texts that were `found`, as its file is written."""
    catalog = read(language)
    catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment, catalog.fuzzy = "", False
    out = BytesIO()
    write_po(out, catalog, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return RESTLESS.sub("", out.getvalue().decode()).lstrip("\n")


def missing(catalog: Catalog, found: Catalog) -> list[str]:
    """The texts that `catalog` has no translation of, or not in every number."""
    return [first(message) for message in found if message.id and not _is_whole(catalog.get(message.id))]


def faults(catalog: Catalog) -> list[str]:
    """What is wrong with the translations that are there."""
    told = [f"obsolete: {first(message)}" for message in catalog.obsolete.values()]
    for message in catalog:
        if message.id and message.fuzzy:
            told.append(f"fuzzy: {first(message)}")
        told += [f"other placeholders: {text}" for text in _strings(message) if message.id and not _fits(message, text)]
    return told


def first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def _strings(message: Message) -> list[str]:
    return [text for text in (message.string if isinstance(message.string, tuple | list) else [message.string]) if text]


def _is_whole(message: Message | None) -> bool:
    if message is None:
        return False
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _fits(message: Message, text: str) -> bool:
    """Whether `text` has the places of what it translates; for a number of its own ("one day") it may leave the number out."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    wanted, there = _places(ids[-1]), _places(text)
    return there == wanted or (len(ids) > 1 and there == wanted - {"%(num)s"})


def _places(text: str) -> set[str]:
    return set(PLACES.findall(text))


def main() -> None:
    found = texts()
    for language in TRANSLATED:
        text = written(language, found)
        file_of(language).parent.mkdir(parents=True, exist_ok=True)
        file_of(language).write_text(text)
        lacking = missing(read(language), found)
        print(f"{language}: {len(found) - len(lacking)} of {len(found)} texts", *(f"\n    {text}" for text in lacking), sep="")


if __name__ == "__main__":
    main()
