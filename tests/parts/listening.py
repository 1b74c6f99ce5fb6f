"""The lines that the program logs, caught on their way out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.kit import log


class Logs:
    """What was logged: `text`, and as `events` the lines that are JSON."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece)

    def flush(self) -> None:
        """There is nothing to wait for."""

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def named(self, event: str) -> list[dict[str, Any]]:
        """The events of this name."""
        return [line for line in self.events if line["event"] == event]


@contextmanager
def listening() -> Iterator[Logs]:
    """Catch every line from here on."""
    before, log.out.to = log.out.to, Logs()
    try:
        yield log.out.to
    finally:
        log.out.to = before
