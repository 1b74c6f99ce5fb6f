"""A crowd at the login page: what it does to the tokens of those who are signed in already."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import gevent

from bench.client import Client
from bench.load import Load, Operation
from bench.operations import Operations
from bench.stand import Stand

PEOPLE = 200
QUIET_SECONDS = 4.0
# So many applications ask at a time, each this long after its last answer: they are in no hurry, and fill no processor.
ASKERS, PAUSE = 4, 0.02


@dataclass(frozen=True)
class Beside:
    """How long an operation took alone, and beside the crowd."""

    name: str
    quiet: Load
    crowded: Load


@dataclass
class Crowd:
    """So many logins at once, whose pages were open before: how many were let in, in how many seconds."""

    logins: int = 0
    seconds: float = 0.0
    beside: list[Beside] = field(default_factory=list)


def run(stand: Stand, *, tell: Callable[[str], None]) -> Crowd:
    """Refresh and introspection alone, then while 200 people send their passwords at once."""
    port, of, crowd = stand.ports["auth"], Operations(stand.people), Crowd()
    _supply(of, port)
    for name, operation in (("refresh", of.refresh), ("introspection", of.introspection)):
        tell(f"a crowd beside {name}")
        _ask(operation, port, lambda began: time.perf_counter() - began < 0.5)
        quiet = _ask(operation, port, lambda began: time.perf_counter() - began < QUIET_SECONDS)
        forms = [_open_form(of, port) for _ in range(PEOPLE)]
        began = time.perf_counter()
        logins = [gevent.spawn(form) for form in forms]
        crowded = _ask(operation, port, lambda _, logins=logins: not all(login.dead for login in logins))
        gevent.joinall(logins, raise_error=True)
        crowd.logins += PEOPLE
        crowd.seconds += time.perf_counter() - began
        crowd.beside.append(Beside(name, quiet, crowded))
    return crowd


def _supply(of: Operations, port: int) -> None:
    """Tokens to refresh and to introspect."""
    client = Client(port)
    for _ in range(2 * ASKERS):
        of.login(client)
    while of.codes:
        of.exchange(client)
    client.close()


def _open_form(of: Operations, port: int) -> Callable[[], None]:
    client = Client(port)
    form = of.open_login(client)
    # Whoever types a password for a while comes back on a new connection: a worker keeps idle ones for some seconds only.
    client.close()
    return form


def _ask(operation: Operation, port: int, going_on: Callable[[float], bool]) -> Load:
    load, began = Load(), time.perf_counter()

    def one_asker() -> None:
        client = Client(port)
        while going_on(began):
            start = time.perf_counter()
            operation(client)
            load.latencies.append(time.perf_counter() - start)
            gevent.sleep(PAUSE)
        client.close()

    gevent.joinall([gevent.spawn(one_asker) for _ in range(ASKERS)], raise_error=True)
    load.seconds = time.perf_counter() - began
    return load
