"""A client of HTTP/1.1 that costs little itself: one connection, kept open, over gevent."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from gevent import socket

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LAST = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Unexpected(Exception):
    """The server answered something else than the benchmark counts on."""


@dataclass(frozen=True)
class Answer:
    """Status, head as text, and body."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        found = re.search(rf"^{name}: *(.*?)\r?$", self.head, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else ""

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def cookies(self) -> dict[str, str]:
        """The cookies that this answer sets."""
        pairs = re.findall(r"^set-cookie: *([^=]+)=([^;\r]*)", self.head, re.IGNORECASE | re.MULTILINE)
        return dict(pairs)


@dataclass
class Client:
    """One connection to a server at host:port."""

    port: int
    _socket: socket.socket | None = None
    _rest: bytes = field(default=b"", repr=False)

    def get(self, target: str, *, expect: int = 200, **headers: str) -> Answer:
        """GET `target` (a path, or an address of which the path is taken). Raises Unexpected."""
        return self._ask("GET", target, b"", headers, expect)

    def post(self, target: str, form: dict[str, str], *, expect: int = 200, **headers: str) -> Answer:
        """POST `form` to `target`. Raises Unexpected."""
        return self._ask("POST", target, urlencode(form).encode(), headers, expect)

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str], expect: int) -> Answer:
        lines = [f"{method} {_path(target)} HTTP/1.1", "Host: localhost"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        answer = self._exchange("\r\n".join([*lines, "\r\n"]).encode() + body)
        if answer.status != expect:
            came = f"{answer.head}\n\n{answer.body[:2000].decode()}"
            raise Unexpected(f"{method} {target[:100]}: {answer.status} instead of {expect}\n{came}")
        return answer

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, _, rest = self._until(lambda got: b"\r\n\r\n" in got).partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        length = int(found[1]) if found else 0
        self._rest = rest
        body = self._until(lambda got: len(got) >= length)
        self._rest = body[length:]
        if LAST.search(head):
            self.close()
        return Answer(int(head[9:12]), head.decode("latin-1"), body[:length])

    def _until(self, enough: Callable[[bytes], bool]) -> bytes:
        got = self._rest
        while not enough(got):
            more = self._socket.recv(65536)
            if not more:
                raise Unexpected("The server closed the connection.")
            got += more
        return got


def _path(target: str) -> str:
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
