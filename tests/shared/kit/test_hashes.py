"""Password hashing (OWASP Password Storage, RFC 9106)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kit import hashes
from tests.parts import process

IN_A_WORKER = """
from gevent import monkey
monkey.patch_all()
import os, sys, time
from shared.kit import hashes
os.sched_setaffinity(0, {int(sys.argv[1])})
hashed, began = hashes.hash_password("correct horse"), time.monotonic()
assert all([hashes.verify_password(hashed, "correct horse") for _ in range(5)])
assert not hashes.verify_password(hashed, "wrong horse")
print(time.monotonic() - began, flush=True)
os._exit(0)  # without waiting for what was left behind
"""
ALSO_IN_A_WORKER = """
from gevent import monkey
monkey.patch_all()
import os, sys
from shared.kit import hashes
os.environ["CANARY"] = "a secret of the worker"
hashed = hashes.hash_password("correct horse")
first = hashes._place(os.getpid()).helper.process
assert b"CANARY" not in open(f"/proc/{first.pid}/environ", "rb").read()
assert os.sched_getscheduler(first.pid) == os.SCHED_IDLE and os.getsid(first.pid) == os.getsid(0)
first.kill()
assert hashes.verify_password(hashed, "correct horse") and not hashes.verify_password(hashed, "wrong horse")
second = hashes._place(os.getpid()).helper.process
assert second.pid != first.pid and first.poll() is not None
try:
    hashes.hash_password("\\ud800")
    raise SystemExit("half of a letter has a hash")
except UnicodeEncodeError:
    pass
assert not hashes.verify_password(None, "nobody has this password")
assert hashes._place(os.getpid()).helper.process is second
print(second.pid, flush=True)
os._exit(0)
"""
BUSY = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
while True:
    pass
"""


@pytest.fixture
def one_busy_processor() -> Iterator[int]:
    """A processor that four other programs have no rest on."""
    processor = max(os.sched_getaffinity(0))
    busy = [subprocess.Popen([sys.executable, "-c", BUSY, str(processor)]) for _ in range(4)]
    yield processor
    for each in busy:
        each.kill()
        each.wait()


def test_a_hash_is_argon2id_at_owasps_parameters() -> None:
    assert hashes.hash_password("correct horse battery staple").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_has_its_own_hash_and_no_other() -> None:
    hashed = hashes.hash_password("correct horse battery staple")
    assert hashes.verify_password(hashed, "correct horse battery staple")
    assert not hashes.verify_password(hashed, "correct horse battery stapler")


def test_passwords_that_agree_in_72_bytes_differ() -> None:
    start = "x" * 72
    assert not hashes.verify_password(hashes.hash_password(start + "a"), start + "b")


def test_nobody_has_no_password() -> None:
    assert not hashes.verify_password(None, "nobody has this password")


def test_what_is_no_hash_verifies_nothing() -> None:
    assert not hashes.verify_password("not a hash", "anything")


def test_older_parameters_are_hashed_again() -> None:
    older = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$8sSfR9mH3kQx5fQ9xq3y0n8kQJ2hVdX0m1mM0l0hK5c"
    assert hashes.needs_rehash(older)
    assert not hashes.needs_rehash(hashes.hash_password("correct horse battery staple"))


def test_a_busy_processor_does_not_starve_who_signs_in(one_busy_processor: int) -> None:
    # A thread that only gets what others leave would take half a minute for these.
    command = [sys.executable, "-c", IN_A_WORKER, str(one_busy_processor)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=100)
    assert float(done.stdout) < 10


def test_who_hashes_for_a_worker_knows_nothing_of_it_is_replaced_and_ends_with_it() -> None:
    done = subprocess.run([sys.executable, "-c", ALSO_IN_A_WORKER], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout, done.stderr
    process.until(lambda: not _runs(int(done.stdout)), what="the end of a program whose worker has ended")


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
