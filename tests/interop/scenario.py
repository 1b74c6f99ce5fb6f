"""Scenarios in other languages: programs that do what a client does, and ask the test for what only people and operators can."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).parent


def play(
    command: list[str], told: dict[str, Any], acts: dict[str, Callable[..., Any]], *, seconds: float = 60
) -> SimpleNamespace:
    """Run `command`, tell it what it needs, act when it asks. What it said in the end, its members as attributes."""
    with subprocess.Popen(
        command,
        cwd=HERE,
        env={**os.environ, "NO_PROXY": "*"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        said = _talk(program, told, acts)
        _, errors = program.communicate(timeout=seconds)
    assert program.returncode == 0 and said is not None, errors
    return SimpleNamespace(**said)


def _talk(program: subprocess.Popen[str], told: dict[str, Any], acts: dict[str, Callable[..., Any]]) -> dict[str, Any] | None:
    assert program.stdin and program.stdout
    answer: Any = told
    while True:
        program.stdin.write(json.dumps(answer) + "\n")
        program.stdin.flush()
        line = program.stdout.readline()
        if not line:
            return None
        heard = json.loads(line)
        if "said" in heard:
            return heard["said"]
        answer = acts[heard["ask"]](*heard["given"])
