"""Password hashing: argon2id at OWASP's parameters, off the request's loop."""

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import monkey
from gevent.event import AsyncResult
from gevent.lock import Semaphore
from gevent.threadpool import ThreadPool

# What Linux calls niceness: such a thread gets what other work leaves, so that a crowd at the login page slows no token.
NICENESS = 19
# Seconds that a hash may take so, fifty times what it needs; on a busier processor it is worked out again with a fair share.
PATIENCE = 1.0
# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Verified when there is no account, so that the answer takes as long as for one that exists.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, in PHC string form."""
    return _off_the_loop(_hasher.hash, password)


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether `password` has the hash `hashed`. Takes the same time when `hashed` is None (and answers no)."""
    matches = _off_the_loop(_verify, hashed or _NOBODY, password)
    return bool(hashed) and matches


def needs_rehash(hashed: str) -> bool:
    """Whether `hashed` was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _off_the_loop(work: Callable[..., Any], *args: Any) -> Any:
    # argon2 releases the GIL for 20 ms but not the greenlet: under gevent it
    # would stall every other request of the worker.
    if monkey.is_module_patched("threading"):
        return _threads(os.getpid()).work_out(work, *args)
    return work(*args)


class _Threads:
    """What hashes in a worker: one hash at a time, as more would only crowd the memory bus; whoever comes meanwhile waits."""

    def __init__(self) -> None:
        hub = gevent.get_hub()
        self.turn = Semaphore()
        self.yielding, self.plain = ThreadPool(1, hub=hub), ThreadPool(1, hub=hub)
        self.left_behind: AsyncResult | None = None

    def work_out(self, work: Callable[..., Any], *args: Any) -> Any:
        """What `work` returns for `args`."""
        with self.turn:
            if self.left_behind is None or self.left_behind.ready():
                begun = self.yielding.spawn(_yielding, work, *args)
                if begun.wait(PATIENCE):
                    return begun.get()
                self.left_behind = begun
            return self.plain.apply(work, args)


@lru_cache(maxsize=1)
def _threads(pid: int) -> _Threads:
    # Their own for each process: threads do not outlive a fork.
    return _Threads()


def _yielding(work: Callable[..., Any], *args: Any) -> Any:
    # On Linux this is about the calling thread alone (setpriority(2), notes); elsewhere it would be about the whole worker.
    if sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    return work(*args)
