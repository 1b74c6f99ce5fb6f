"""What cannot run here is said plainly, and fails a run in which nothing may be skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDY = """
import pytest

@pytest.mark.needs("no-such-program")
def test_needy():
    raise AssertionError("never run")
"""
SHY = """
import pytest

def test_shy():
    pytest.skip("not today")
"""


def run(folder: Path, test: str, *told: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(test)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(folder),
    ]
    others = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *told, str(folder / "test_it.py")],
        cwd=ROOT,
        env={**others, **environment},
        capture_output=True,
        text=True,
    )


def test_a_missing_program_is_said_plainly_at_the_end(tmp_path):
    done = run(tmp_path, NEEDY)
    assert done.returncode == 0, done.stdout
    assert "what could not run here" in done.stdout
    assert "1 test: no-such-program not installed" in done.stdout


@pytest.mark.parametrize(("told", "environment"), [(["--nothing-skipped"], {}), ([], {"CI": "true"})])
def test_a_missing_program_fails_a_run_in_which_nothing_may_be_skipped(tmp_path, told, environment):
    done = run(tmp_path, NEEDY, *told, **environment)
    assert done.returncode == 1
    assert "no-such-program not installed, and nothing may be skipped here" in done.stdout


def test_so_does_any_other_skip(tmp_path):
    done = run(tmp_path, SHY, "--nothing-skipped")
    assert done.returncode == 1
    assert "1 test: not today" in done.stdout
    assert "Nothing may be skipped here, so this run has failed." in done.stdout
