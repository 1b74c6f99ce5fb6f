"""The laws of the house hold, and a broken one is caught."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from auth_service.cli import main
from tests.house import laws

ROOT = Path(__file__).parents[2]

BROKEN_IMPORTS = {
    "Law 1: the services": ("api_service/resources/__init__.py", "import auth_service.visitor"),
    "Law 1: nothing imports": ("shared/web/errors.py", "import auth_service.cli"),
    "Law 2": ("shared/kit/ids.py", "import shared.models.user"),
    "Law 3": ("auth_service/pages/__init__.py", "import auth_service.admin"),
    "Law 4": ("shared/services/users.py", "import flask"),
    "Law 5": ("auth_service/admin/__init__.py", "import shared.kit.db"),
    "Law 6": ("shared/services/audit.py", "import shared.services.users"),
}
BROKEN_LINES = {
    "law 7, time": ("TID251", "import time\n\nNOW = time.time()\n"),
    "law 7, dates": ("TID251", "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n"),
    "law 7, randomness": ("TID251", "import secrets\n\nTOKEN = secrets.token_bytes()\n"),
    "law 7, ids": ("TID251", "from uuid import uuid4\n\nID = uuid4()\n"),
    "law 7, environment": ("TID251", "import os\n\nHOME = os.environ['HOME']\n"),
    "law 8, complexity": (
        "C901",
        "def judge(n: int) -> int:\n"
        + "".join(f"    if n == {i}:\n        return {i * i}\n" for i in range(6))
        + "    return n\n",
    ),
    "law 9, import in a function": ("PLC0415", "def load() -> None:\n    import json\n    json.loads('{}')\n"),
    "law 9, TYPE_CHECKING": ("TID251", "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import json\n"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source, to break laws in."""
    for room in laws.PACKAGES:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_no_file_is_longer_than_300_lines() -> None:
    assert laws.long_files(ROOT) == []


def test_no_module_has_a_type_checking_block() -> None:
    assert laws.type_checking_blocks(ROOT) == []


def test_each_protocol_module_names_its_spec_in_its_first_line() -> None:
    assert laws.nameless_protocol_modules(ROOT) == []


def test_each_protocol_module_has_a_row_in_the_page_of_specs() -> None:
    assert laws.protocol_modules_without_row(ROOT) == []


def test_each_test_that_the_page_of_specs_names_is_there() -> None:
    assert laws.tests_that_are_not_there(ROOT) == []


def test_each_setting_is_in_the_page_of_settings() -> None:
    page = CliRunner().invoke(main, ["settings"]).output
    assert (ROOT / "docs/settings.md").read_text() == page, "run: make docs"


def test_every_broken_law_about_imports_is_caught(copy: Path) -> None:
    assert "0 broken" in lint_imports(copy)
    for file, line in BROKEN_IMPORTS.values():
        with (copy / file).open("a") as module:
            module.write(f"\n{line}\n")
    caught = re.findall(r"^(Law .*?) ?BROKEN", lint_imports(copy), re.MULTILINE)
    assert [law for law in BROKEN_IMPORTS if not any(name.startswith(law) for name in caught)] == []


@pytest.mark.parametrize("law", BROKEN_LINES)
def test_a_broken_law_about_lines_is_caught(copy: Path, law: str) -> None:
    rule, lines = BROKEN_LINES[law]
    (copy / "shared/services/breaks_a_law.py").write_text(lines)
    assert rule in ruff(copy / "shared/services/breaks_a_law.py")


def test_a_broken_law_about_files_is_caught(copy: Path) -> None:
    (copy / "shared/services/long.py").write_text("LINE = 1\n" * 301)
    (copy / "quickstart/lazy.py").write_text("from typing import TYPE_CHECKING\n")
    (copy / "auth_service/protocol/magic.py").write_text('"""Magic."""\n')
    (copy / "docs").mkdir()
    (copy / "docs/specs.md").write_text("| RFC 6749 | protocol/token.py |\n")
    (copy / "docs/specs.md").open("a").write("`flows/test_made_up.py`, `flows/test_par.py::test_made_up`\n")
    assert laws.tests_that_are_not_there(copy) == ["flows/test_made_up.py", "flows/test_par.py::test_made_up"]
    assert laws.long_files(copy) == ["shared/services/long.py: 301 lines"]
    assert laws.type_checking_blocks(copy) == ["quickstart/lazy.py"]
    assert "auth_service/protocol/magic.py" in laws.nameless_protocol_modules(copy)
    assert "protocol/magic.py" in laws.protocol_modules_without_row(copy)
    assert "protocol/token.py" not in laws.protocol_modules_without_row(copy)


def lint_imports(tree: Path) -> str:
    lint = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", lint, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False
    ).stdout


def ruff(path: Path) -> set[str]:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json", path.name]
    found = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False).stdout
    return {finding["code"] for finding in json.loads(found)}
