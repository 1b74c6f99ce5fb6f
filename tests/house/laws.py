"""The laws that no linter keeps, as functions of a source tree: each returns what breaks it."""

import re
from pathlib import Path

PACKAGES = ("api_service", "auth_service", "quickstart", "shared")
ROOMS = (*PACKAGES, "bench", "deploy", "tests")
WRITTEN_BY_HAND = (".py", ".html", ".js")
LONGEST_FILE = 300
NAMES_A_SPEC = re.compile(r"RFC \d{4}|OpenID|OIDC|OAuth 2\.1|draft-[a-z-]+|FAPI")


def long_files(root: Path) -> list[str]:
    """Law 8: a file over 300 lines is two files."""
    return [
        f"{path.relative_to(root)}: {lines} lines"
        for room in ROOMS
        for path in sorted((root / room).rglob("*"))
        if path.suffix in WRITTEN_BY_HAND and not {"versions", "node_modules"} & {*path.parts}
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    ]


def type_checking_blocks(root: Path) -> list[str]:
    """Law 9: no `TYPE_CHECKING` block, also where the linter's bans are lifted."""
    return [str(path.relative_to(root)) for path in _modules(root, *PACKAGES) if "TYPE_CHECKING" in path.read_text()]


def nameless_protocol_modules(root: Path) -> list[str]:
    """Law 10: the first line of a protocol module names its spec."""
    return [str(path.relative_to(root)) for path in _protocol(root) if not NAMES_A_SPEC.search(_first_line(path))]


def protocol_modules_without_row(root: Path) -> list[str]:
    """Law 10: `docs/specs.md` has a row for each protocol module."""
    rows = [line for line in (root / "docs/specs.md").read_text().splitlines() if line.startswith("|")]
    modules = [str(path.relative_to(root / "auth_service")) for path in _protocol(root) if path.name != "__init__.py"]
    return [module for module in modules if not any(module in row for row in rows)]


def _protocol(root: Path) -> list[Path]:
    return [path for path in _modules(root, "auth_service/protocol") if path.read_text().strip()]


def _modules(root: Path, *rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((root / room).rglob("*.py"))]


def _first_line(path: Path) -> str:
    return path.read_text().split("\n", 1)[0]


def tests_that_are_not_there(root: Path) -> list[str]:
    """Each test that `docs/specs.md` names by its function is one; a file that it names is there."""
    page = (root / "docs/specs.md").read_text()
    named = re.findall(r"`((?:[a-z_0-9]+/)+test_\w+\.py)(?:::(test_\w+))?`", page)
    return [
        f"{file}::{function}" if function else file for file, function in named if not _is_there(root / "tests" / file, function)
    ]


def _is_there(file: Path, function: str) -> bool:
    return file.is_file() and (not function or re.search(rf"^def {function}\(", file.read_text(), re.MULTILINE) is not None)
