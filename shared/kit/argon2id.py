"""argon2id at OWASP's parameters; run as a program, it hashes beside a worker whenever nobody else wants the processor.

The program reads a line of JSON for each hash, a mark, the name of a function and what it is given, and answers with one: the
mark, and what the function returns or null where it fails. It ends with its worker. It runs alone: it imports nothing of ours.
"""

import json
import os
import sys
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Verified when there is no account, so that the answer takes as long as for one that exists.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, in PHC string form."""
    return _hasher.hash(password)


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether `password` has the hash `hashed`. Takes the same time when `hashed` is None (and answers no)."""
    try:
        return _hasher.verify(hashed or _NOBODY, password) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Whether `hashed` was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


def main() -> None:
    """Answer what is asked on the standard input, until it ends."""
    _give_way()
    # Whatever else writes to the standard output of a program is no answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    with suppress(BrokenPipeError):
        for line in sys.stdin.buffer:
            mark, name, *given = json.loads(line)
            os.write(answers, json.dumps([mark, _answer(name, *given)]).encode() + b"\n")


def _give_way() -> None:
    os.nice(19)
    if sys.platform == "linux":
        # Its idle class gives way at once. Some sandboxes have none.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _answer(name: str, *given: str) -> str | bool | None:
    try:
        return hash_password(*given) if name == "hash_password" else verify_password(*given)
    except Exception:
        # The worker tries it for itself then, and meets the error.
        return None


if __name__ == "__main__":
    main()
