"""Password hashing, off the request's loop."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gevent
from gevent import monkey, socket
from gevent.lock import Semaphore
from gevent.threadpool import ThreadPool

from shared.kit import argon2id

# Seconds that a hash may take in a process that gets what others leave, fifty times what it needs; on a busier processor it is
# worked out again with a fair share.
PATIENCE = 1.0


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, in PHC string form."""
    return str(_off_the_loop(argon2id.hash_password, password))


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether `password` has the hash `hashed`. Takes the same time when `hashed` is None (and answers no)."""
    return bool(_off_the_loop(argon2id.verify_password, hashed, password))


def needs_rehash(hashed: str) -> bool:
    """Whether `hashed` was made with other parameters than today's."""
    return argon2id.needs_rehash(hashed)


def _off_the_loop(work: Callable[..., Any], *given: str | None) -> Any:
    # argon2 releases the GIL for 20 ms but not the greenlet: under gevent it
    # would stall every other request of the worker.
    if monkey.is_module_patched("threading"):
        return _place(os.getpid()).work_out(work, *given)
    return work(*given)


class _Place:
    """Where a worker hashes: one hash at a time, as more would only crowd the memory bus; whoever comes meanwhile waits."""

    def __init__(self) -> None:
        self.turn = Semaphore()
        self.thread = ThreadPool(1, hub=gevent.get_hub())
        self.helper: _Helper | None = None

    def work_out(self, work: Callable[..., Any], *given: str | None) -> Any:
        """What `work` of argon2id returns for `given`."""
        with self.turn:
            answer = self._helped(work.__name__, *given)
            return self.thread.apply(work, given) if answer is None else answer

    def _helped(self, *asked: str | None) -> Any:
        try:
            self.helper = self.helper or _Helper()
            return self.helper.answer(*asked)
        except (OSError, EOFError):
            # The next hash starts another.
            self.helper = None
            return None


class _Helper:
    """The program argon2id, which has the processor while nobody else wants it.

    A process, since a thread that nobody lets run would hold the interpreter's lock, and with it every request.
    """

    def __init__(self) -> None:
        self.line, theirs = socket.socketpair()
        self.read, self.late = b"", False
        with theirs:
            # Of the worker it has where its libraries are, and nothing else: no secret, no file, no signal from a terminal.
            # Its session stays the worker's: Linux gives each session the same share, however little its programs ask for.
            where = {"PYTHONPATH": os.pathsep.join(sys.path)}
            self.process = subprocess.Popen(  # noqa: S603  # a program of ours
                [sys.executable, "-P", argon2id.__file__], stdin=theirs, stdout=theirs, env=where, process_group=0
            )

    def answer(self, *asked: str | None) -> Any:
        """What it answers, or None where that is late or it failed. Raises OSError or EOFError when it is gone."""
        if self.late and self._next(0) is None:
            return None
        self.line.sendall(json.dumps(asked).encode() + b"\n")
        answer = self._next(PATIENCE)
        return None if answer is None else json.loads(answer)

    def _next(self, seconds: float) -> bytes | None:
        self.late = True
        with gevent.Timeout(seconds, False):
            while b"\n" not in self.read:
                self.read += self._more()
            answer, _, self.read = self.read.partition(b"\n")
            self.late = False
            return answer
        return None

    def _more(self) -> bytes:
        more: bytes = self.line.recv(4096)
        if not more:
            raise EOFError
        return more


@lru_cache(maxsize=1)
def _place(pid: int) -> _Place:
    # Its own for each process: what was before a fork belongs to the other.
    return _Place()
