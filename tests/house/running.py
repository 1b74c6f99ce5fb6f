"""A quickstart that is really started, in a folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
SECONDS = 30.0
PROGRAMS = re.compile(r"valkey-server|gunicorn|auth_service\.worker")


@dataclass
class House:
    """A folder in which `python -m quickstart` is started and stopped."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def start(self, **settings: str) -> "House":
        """Start it and wait until it has said where it is."""
        with (self.folder / "output").open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "quickstart"],
                cwd=self.folder,
                env=self._environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait(lambda: "Stop with Ctrl-C" in self.output or self.process.poll() is not None)
        assert self.process.poll() is None, self.output
        return self

    def refuse(self, **settings: str) -> str:
        """Start it where it must not start; what it says."""
        command = [sys.executable, "-m", "quickstart"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(settings),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.stderr

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop it; its exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def programs(self) -> dict[str, int]:
        """The programs under the quickstart, which all run in its folder, and their process ids."""
        found: dict[str, int] = {}
        for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
            folder, command = _told(process)
            name = PROGRAMS.search(command) if folder.is_relative_to(self.folder) else None
            if name:
                found.setdefault(name[0], int(process.name))
        return found

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")}
        ours = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "BAILIWICK_PORT": str(self.port)}
        return {**inherited, **ours, **self.environment, **settings}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait(until: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until `until()` is true."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def answers(house: House) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{house.port}/health/ready", timeout=2).ok
    except requests.RequestException:
        return False


def _told(process: Path) -> tuple[Path, str]:
    try:
        return (process / "cwd").readlink(), (process / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return Path("/"), ""
