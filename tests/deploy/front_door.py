"""The real nginx with our real configuration, in a folder of its own and on ports of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.parts import needs

ROOT = Path(__file__).parents[2]


class FrontDoor:
    """nginx before two services. `edits` are further changes of the configuration, text for text."""

    def __init__(
        self, folder: Path, *, auth: str, api: str, upstreams: str = "upstreams-network.conf", edits: Mapping[str, str] = {}
    ) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self.url, self.tls_url = f"http://127.0.0.1:{self.port}", f"https://localhost:{self.tls_port}"
        self._folder = folder / "nginx"
        shutil.copytree(ROOT / "deploy/nginx", self._folder / "deploy/nginx")
        shutil.copy(ROOT / "nginx.conf", self._folder)
        (self._folder / "cache").mkdir()
        self._edit(
            {
                "/var/cache/nginx": str(self._folder / "cache"),
                "/tmp/nginx.pid": str(self._folder / "nginx.pid"),
                "include deploy/nginx/upstreams.conf": f"include deploy/nginx/{upstreams}",
                "listen 8080": f"listen 127.0.0.1:{self.port}",
                "listen 8443": f"listen 127.0.0.1:{self.tls_port}",
                "server auth:8000": f"server {auth}",
                "server api:8000": f"server {api}",
                "server unix:/run/bailiwick/auth.sock": f"server {auth}",
                "server unix:/run/bailiwick/api.sock": f"server {api}",
                **edits,
            }
        )
        self._out = (self._folder / "out").open("ab")
        self._nginx = subprocess.Popen(self._command(), stdout=self._out, stderr=self._out)
        self._wait()

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.send("POST", path, **options)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request to the front door; redirects are not followed."""
        return requests.request(method, self.url + path, timeout=10, allow_redirects=False, **options)

    def raw(self, request: bytes) -> bytes:
        """The whole answer to these bytes, sent as they are, which must end the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def log(self) -> str:
        """Everything that nginx has written so far, to either stream."""
        time.sleep(0.1)  # a line is written after its answer
        return (self._folder / "out").read_text()

    def stop(self) -> None:
        self._nginx.send_signal(signal.SIGTERM)
        self._nginx.wait(10)
        self._out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _command(self) -> list[str]:
        # The workers of a master that runs as root would be another user, who cannot enter this folder.
        user = " user root;" if os.geteuid() == 0 else ""
        config = str(self._folder / "nginx.conf")
        return [needs.found("nginx") or "nginx", "-p", str(self._folder), "-c", config, "-g", f"daemon off;{user}"]

    def _edit(self, edits: Mapping[str, str]) -> None:
        for file in (self._folder / "nginx.conf", *(self._folder / "deploy/nginx").iterdir()):
            text = file.read_text()
            for old, new in edits.items():
                text = text.replace(old, new)
            file.write_text(text)

    def _wait(self) -> None:
        for _ in range(200):
            if self._nginx.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"nginx did not start: {self.log()}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
