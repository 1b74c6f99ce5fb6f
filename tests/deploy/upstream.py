"""Services to stand behind nginx: they answer with what reached them, and remember it."""

import json
import socket
import socketserver
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reached:
    """One request as the service saw it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def every(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        """The value of a header that came at most once."""
        values = self.every(name)
        assert len(values) < 2, f"{name}: {values}"
        return values[0] if values else None


@dataclass
class Answer:
    """What a service says; `seconds` is how long it thinks first."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 0.0


class Upstream:
    """A service of the given name, on a port of its own or on the unix socket `at`."""

    def __init__(self, name: str, at: Path | None = None) -> None:
        self.name = name
        self.answer = Answer()
        self.requests: list[Reached] = []
        self.connections = 0
        self._server = _UnixServer(str(at), self) if at else _TcpServer(("127.0.0.1", 0), self)
        self.address = f"unix:{at}" if at else f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Be gone: the port is closed, and so is every connection."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._server.open:
            with suppress(OSError):  # it was closed before
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer waits 40 ms for an acknowledgement
    server: "_TcpServer | _UnixServer"

    def setup(self) -> None:
        super().setup()
        self.server.upstream.connections += 1
        self.server.open.append(self.connection)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            """The other side has left, or this one was stopped."""

    def _answer(self) -> None:
        upstream = self.server.upstream
        length = int(self.headers.get("Content-Length") or 0)
        reached = Reached(self.command, self.path, tuple(self.headers.items()), self.rfile.read(length))
        upstream.requests.append(reached)
        answer = upstream.answer
        time.sleep(answer.seconds)
        body = answer.body
        if body is None:
            body = json.dumps({"service": upstream.name, "target": self.path, "count": len(upstream.requests)}).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def address_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], upstream: Upstream) -> None:
        self.upstream, self.open = upstream, list[socket.socket]()
        super().__init__(address, _Handler)


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, upstream: Upstream) -> None:
        self.upstream, self.open = upstream, list[socket.socket]()
        super().__init__(address, _Handler)
        Path(address).chmod(0o777)
