"""A whole installation of real programs: gunicorn with two workers, the background worker, PostgreSQL and Redis of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from shared.kit.settings import Settings
from tests.parts import process
from tests.parts.postgres import Postgres
from tests.parts.valkey import Valkey
from tests.parts.world import Cast, populate, settings_for

ROOT = Path(__file__).parents[2]


class Installation:
    """Both services behind `url` on two workers, on PostgreSQL and Redis, which tests may stop and start."""

    def __init__(self, folder: Path, programs: Path, **told: object) -> None:
        self.folder = folder
        for part in ("pg", "redis"):
            (folder / part).mkdir()
        self.postgres = Postgres(folder / "pg", programs)
        self.valkey = Valkey(folder / "redis")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log, self.worker_log = folder / "gunicorn.log", folder / "worker.log"
        self.settings: Settings
        self.cast: Cast
        self._told = told
        self._server: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self, *, gunicorn: tuple[str, ...] = ()) -> None:
        """Start every part but the background worker, and wait for the first answer."""
        self.postgres.start()
        self.valkey.start()
        url = self.postgres.create("bailiwick")
        self.settings = settings_for(self.url, self.valkey.url, url, self.folder, **self._told)
        self.cast = populate(self.settings)
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            str(ROOT / "deploy/gunicorn.py"),
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        self._server = process.start(
            [*command, *gunicorn, "quickstart.wsgi:app"], log=self.log, env=environment(self.settings), cwd=ROOT
        )
        process.until(self.ready, seconds=60, what=f"gunicorn's start ({self.log})")

    def start_worker(self) -> None:
        """Start the background worker."""
        self._worker = process.start(
            [sys.executable, "-m", "auth_service.worker"], log=self.worker_log, env=environment(self.settings), cwd=ROOT
        )
        process.until(lambda: "worker.started" in self.worker_log.read_text(), seconds=30, what="the worker's start")

    def stop(self) -> None:
        """Stop every part."""
        for running in (self._worker, self._server):
            if running:
                process.stop(running)
        self.valkey.stop()
        self.postgres.stop()

    def ready(self) -> bool:
        """Whether it says that it can serve."""
        return self.health()[0] == 200

    def whole(self) -> bool:
        """Whether every worker can serve: after a restart of the database each finds its lost connections by one request."""
        with ThreadPoolExecutor(16) as pool:
            return all(pool.map(lambda _: self.ready(), range(64)))

    def health(self) -> tuple[int, dict[str, str]]:
        """The status of /health/ready and what it says of each part; (0, {}) without an answer."""
        try:
            answer = requests.get(f"{self.url}/health/ready", timeout=10)
        except requests.RequestException:
            return 0, {}
        return answer.status_code, answer.json()["parts"]

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        return [child.pid for child in psutil.Process(self._server.pid).children()] if self._server else []

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        """Redis is down inside, and back with nothing in it after."""
        self.valkey.stop()
        try:
            yield
        finally:
            self.valkey.start()

    @contextmanager
    def with_a_full_redis(self) -> Iterator[None]:
        """Redis takes nothing more inside, and says so."""
        before = {name: self.valkey.client.config_get(name)[name] for name in ("maxmemory", "maxmemory-policy")}
        self.valkey.client.config_set("maxmemory-policy", "noeviction")
        self.valkey.client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            for name, value in before.items():
                self.valkey.client.config_set(name, value)

    @contextmanager
    def without_postgres(self) -> Iterator[None]:
        """PostgreSQL is down inside, and back after."""
        self.postgres.stop()
        try:
            yield
        finally:
            self.postgres.start()

    def kill(self, pid: int) -> None:
        """End one of our own workers as the system does when memory runs out."""
        os.kill(pid, signal.SIGKILL)


def environment(told: Settings, *, workers: int = 2) -> dict[str, str]:
    """The environment in which a program is told these settings, and no others of ours."""
    values = {name: value for name, value in told.model_dump().items() if value is not None} | {"workers": workers}
    for name in ("secret_key", "smtp_url"):
        if name in values:
            values[name] = values[name].get_secret_value()
    others = {name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")}
    return others | {f"BAILIWICK_{name.upper()}": str(value) for name, value in values.items()}


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
