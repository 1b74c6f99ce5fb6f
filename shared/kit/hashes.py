"""Password hashing, off the request's loop."""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import gevent
from gevent import monkey, socket
from gevent.lock import Semaphore
from gevent.threadpool import ThreadPool

from shared.kit import argon2id, clock, ids, log

# Seconds that a hash may take in a process that gets what others leave, fifty times what it needs; on a busier processor it is
# worked out again with a fair share.
PATIENCE = 1.0
# Seconds without that process, after it has failed.
REST = 5.0


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
        self.rests_until = 0.0

    def work_out(self, work: Callable[..., Any], *given: str | None) -> Any:
        """What `work` of argon2id returns for `given`."""
        with self.turn:
            answer = self._helped(work.__name__, *given) if clock.ticks() >= self.rests_until else None
            return self.thread.apply(work, given) if answer is None else answer

    def _helped(self, *asked: str | None) -> Any:
        try:
            self.helper = self.helper or _Helper()
            return self.helper.answer(*asked)
        except (OSError, EOFError, TypeError, ValueError) as error:
            log.get().warning("hashing.helper_gone", error=repr(error))
            self.rests_until = clock.ticks() + REST
            if self.helper:
                self.helper.end()
                self.helper = None
            return None


class _Helper:
    """The program argon2id, which has the processor while nobody else wants it.

    A process, since a thread that nobody lets run would hold the interpreter's lock, and with it every request.
    """

    def __init__(self) -> None:
        self.line, theirs = socket.socketpair()
        self.asked, self.read, self.late = "", b"", False
        with theirs:
            os.set_blocking(theirs.fileno(), True)
            # Of the worker it has where its libraries are, and nothing else: no secret, no file, no signal from a terminal.
            # Its session stays the worker's: Linux gives each session the same share, however little its programs ask for.
            where = {"PYTHONPATH": os.pathsep.join(sys.path)}
            ends = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), end) for end in (0, 1)]
            # Not by fork, after which gevent would run in it for a moment.
            program = [sys.executable, "-P", argon2id.__file__]
            self.pid = os.posix_spawn(sys.executable, program, where, file_actions=ends, setpgroup=0)

    def answer(self, *asked: str | None) -> Any:
        """What it answers, or None where that is late or it failed.

        Raises OSError or EOFError when it is gone, and TypeError or ValueError when what it says is no answer to the question.
        """
        if self.late and self._next(0) is None:
            return None
        # No line that something else writes can have it by chance.
        self.asked = ids.token(12)
        self.line.sendall(json.dumps([self.asked, *asked]).encode() + b"\n")
        return self._next(PATIENCE)

    def end(self) -> None:
        """End it, and nothing of it is left."""
        self.line.close()
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def _next(self, seconds: float) -> Any:
        self.late = True
        with gevent.Timeout(seconds, False):
            while b"\n" not in self.read:
                self.read += self._more()
            line, _, self.read = self.read.partition(b"\n")
            question, answer = json.loads(line)
            if question != self.asked or self.read:
                raise ValueError("an answer to another question")
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
