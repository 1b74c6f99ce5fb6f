"""What a test needs of the machine: where it is missing the test is skipped in plain words, unless nothing may be skipped."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.parts import postgres

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def found(*programs: str) -> str | None:
    """Where the first of `programs` that is installed is; nginx lives where only root looks."""
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    return next((where for program in programs if (where := shutil.which(program, path=path))), None)


def _docker() -> bool:
    return bool(found("docker")) and subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0


AXE = ROOT / "tests/browser/axe/node_modules/axe-core/axe.min.js"


def _openid_client() -> bool:
    return (ROOT / "tests/interop/openid_client/node_modules/made.stamp").exists() and _node() >= 20


def _node() -> int:
    """The major version of Node.js, 0 without one."""
    program = found("node")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout if program else ""
    return int(said.lstrip("v").partition(".")[0] or 0)


PRESENT: dict[str, Callable[[], object]] = {
    "chromium": lambda: found(*CHROMIUM),
    "nginx": lambda: found("nginx"),
    "redis-server": lambda: found("redis-server"),
    "postgresql": postgres.system_programs,
    "docker": _docker,
    "apache2 with mod_auth_openidc": lambda: found("apache2") and Path("/usr/lib/apache2/modules/mod_auth_openidc.so").exists(),
    "openid-client (Node.js 20 and npm)": _openid_client,
    "axe-core (npm)": AXE.exists,
}


@cache
def present(part: str) -> bool:
    """Whether `part` is on this machine; for a part without a check of its own, whether such a program is."""
    check = PRESENT.get(part)
    return bool(check() if check else found(part))


def check(item: pytest.Item) -> None:
    """Skip a test whose needs are not met, or fail it where nothing may be skipped."""
    parts = [part for mark in item.iter_markers("needs") for part in mark.args]
    missing = [part for part in parts if not present(part)]
    if not missing:
        return
    words = f"{' and '.join(missing)} not installed"
    if strict(item.config):
        pytest.fail(f"{words}, and nothing may be skipped here", pytrace=False)
    pytest.skip(words)


def strict(config: pytest.Config) -> bool:
    """Whether nothing may be skipped: asked for, or on a CI machine."""
    return bool(config.getoption("--nothing-skipped")) or os.environ.get("CI", "").lower() in ("1", "true", "yes")


def tell(reporter: pytest.TerminalReporter) -> None:
    """Say at the end what could not run here, and why."""
    reasons = Counter(_reason(report) for report in reporter.stats.get("skipped", []))
    if not reasons:
        return
    reporter.section("what could not run here")
    for reason, count in reasons.most_common():
        reporter.line(f"{count} test{'s' if count > 1 else ''}: {reason}")
    if strict(reporter.config):
        reporter.line("Nothing may be skipped here, so this run has failed.", red=True)


def skipped(config: pytest.Config) -> bool:
    """Whether any test was skipped in this run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return bool(reporter and reporter.stats.get("skipped"))


def _reason(report: object) -> str:
    longrepr = getattr(report, "longrepr", "")
    words = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(words).removeprefix("Skipped: ")
