"""Drives an operation over several connections at once, and counts."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import gevent

from bench.client import Client

CONNECTIONS = 8
Operation = Callable[[Client], None]


class Exhausted(Exception):
    """What the operation uses up, codes for example, is used up: the measurement ends early."""


@dataclass
class Load:
    """What was driven: how many operations in how many seconds, and how long each took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: int) -> float:
        """Milliseconds that `share` percent of the operations took at most."""
        if len(self.latencies) < 2:
            return self.latencies[0] * 1000
        return statistics.quantiles(self.latencies, n=100)[share - 1] * 1000


def drive(operation: Operation, port: int, seconds: float) -> Load:
    """Do `operation` again and again for so long, each connection waiting for its answer before it asks again."""
    load, began = Load(), time.perf_counter()
    deadline = began + seconds

    def one_connection() -> None:
        client = Client(port)
        try:
            while (start := time.perf_counter()) < deadline:
                operation(client)
                load.latencies.append(time.perf_counter() - start)
        except Exhausted:
            return
        finally:
            client.close()

    gevent.joinall([gevent.spawn(one_connection) for _ in range(CONNECTIONS)], raise_error=True)
    load.seconds = time.perf_counter() - began
    return load
