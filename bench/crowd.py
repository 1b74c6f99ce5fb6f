"""A crowd at the login page: what it does to the tokens of those who are signed in already."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import gevent
import gevent.os

from bench.client import Client
from bench.load import Load, Operation
from bench.operations import Operations
from bench.stand import Stand

PEOPLE = 200
QUIET_SECONDS = 4.0
# So many applications ask at a time, each this long after its last answer: they are in no hurry, and fill no processor.
ASKERS, PAUSE = 4, 0.02
# Where bench.only_hash does nothing but hash.
ONLY_HASH = "/only-hash"


@dataclass(frozen=True)
class Beside:
    """How long an operation took alone, beside as many hashes that nobody logs in with, and beside the crowd."""

    name: str
    quiet: Load
    hashes: Load
    logins: Load


def run(stand: Stand, *, tell: Callable[[str], None]) -> list[Beside]:
    """Refresh and introspection alone, then while 200 people send their passwords at once."""
    port, of, measured = stand.ports["only_hash"], Operations(stand.people), []
    _supply(of, port)
    for name, operation in (("refresh", of.refresh), ("introspection", of.introspection)):
        tell(f"a crowd beside {name}")
        _ask(operation, port, _for(0.5))
        quiet = _ask(operation, port, _for(QUIET_SECONDS))
        hashes = _ask(operation, port, _while([_only_hash(port)] * PEOPLE))
        logins = _ask(operation, port, _while([_open_form(of, port) for _ in range(PEOPLE)]))
        measured.append(Beside(name, quiet, hashes, logins))
    return measured


def _for(seconds: float) -> Callable[[], bool]:
    ends = time.perf_counter() + seconds
    return lambda: time.perf_counter() < ends


def _while(sendings: list[Callable[[], None]]) -> Callable[[], bool]:
    """Whether somebody still waits, who all send at once now. Asking raises RuntimeError when one of them was not served."""
    # From a process of its own: in this one the crowd would stand in the way of whoever measures.
    ended: list[int] = []
    if gevent.os.fork_and_watch(lambda watcher: ended.append(watcher.rstatus)) == 0:
        _send(sendings)

    def going_on() -> bool:
        if any(ended):
            raise RuntimeError("The crowd was not served.")
        return not ended

    return going_on


def _send(sendings: list[Callable[[], None]]) -> None:
    # Ends this process without what its parent is to do at its end: stopping every program.
    try:
        gevent.joinall([gevent.spawn(send) for send in sendings], raise_error=True)
        os._exit(0)
    except BaseException:
        os._exit(1)


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


def _only_hash(port: int) -> Callable[[], None]:
    def ask() -> None:
        client = Client(port)
        client.get(ONLY_HASH, expect=204)
        client.close()

    return ask


def _ask(operation: Operation, port: int, going_on: Callable[[], bool]) -> Load:
    load, began = Load(), time.perf_counter()

    def one_asker() -> None:
        client = Client(port)
        while going_on():
            start = time.perf_counter()
            operation(client)
            load.latencies.append(time.perf_counter() - start)
            gevent.sleep(PAUSE)
        client.close()

    gevent.joinall([gevent.spawn(one_asker) for _ in range(ASKERS)], raise_error=True)
    load.seconds = time.perf_counter() - began
    return load
