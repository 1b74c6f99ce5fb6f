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
from gevent.threadpool import ThreadPool

# Threads of a worker that hash; whoever comes while it is busy waits for it. More would only crowd the memory bus.
THREADS = 1
# What Linux calls niceness: of a busy processor such a thread gets a tenth, so that a crowd at the login page slows no token.
NICENESS = 10
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
        return _pool(os.getpid()).apply(_nicely, (work, *args))
    return work(*args)


@lru_cache(maxsize=1)
def _pool(pid: int) -> ThreadPool:
    # One for each process: threads do not outlive a fork.
    return ThreadPool(THREADS, hub=gevent.get_hub())


def _nicely(work: Callable[..., Any], *args: Any) -> Any:
    # On Linux this is about the calling thread alone (setpriority(2), notes); elsewhere it would be about the whole worker.
    if sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    return work(*args)
