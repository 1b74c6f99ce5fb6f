"""The quickstart, started in an empty folder: how long until the first token, and how much memory it holds when idle."""

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import machine, programs
from bench.client import Client
from bench.operations import Operations
from bench.person import Person
from bench.programs import Programs
from bench.stand import ROOT

REST = 3.0  # seconds without requests before memory is counted


@dataclass(frozen=True)
class Start:
    """Seconds from the command to the first token, and the memory of each program after a rest (MiB)."""

    seconds: float
    memory: dict[str, float]


def run() -> list[Start]:
    """The first start, which makes the database and the keys, and the second one, which finds them."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return [_start(Path(name)) for _ in range(2)]


def _start(folder: Path) -> Start:
    port, credentials = programs.free_port(), folder / "var/quickstart.json"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT), "BAILIWICK_PORT": str(port)}
    began = time.perf_counter()
    with Programs(folder) as started:
        command = [sys.executable, "-m", "quickstart"]
        started.start("quickstart", command, until=lambda: programs.listening(port), cwd=folder, env=environment)
        _take_a_token(Client(port), json.loads(credentials.read_text()))
        seconds = time.perf_counter() - began
        time.sleep(REST)
        return Start(seconds, machine.memory(started.running["quickstart"].pid))


def _take_a_token(client: Client, made: dict[str, str]) -> None:
    admin = Person(
        path="",
        email=made["admin_email"],
        client_id=made["client_id"],
        secret=made["client_secret"],
        password=made["admin_password"],
        redirect_uri=f"{made['public_url']}/docs/oauth2-redirect",
    )
    flow = Operations([admin])
    flow.login(client)
    flow.exchange(client)
