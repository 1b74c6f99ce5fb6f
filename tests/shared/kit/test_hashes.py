"""Password hashing (OWASP Password Storage, RFC 9106)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kit import hashes
from tests.parts import process

ON_ONE_PROCESSOR = """
import os, sys, time
from shared.kit import hashes
os.sched_setaffinity(0, {int(sys.argv[1])})
hashed, began = hashes.hash_password("correct horse"), time.monotonic()
assert all([hashes.verify_password(hashed, "correct horse") for _ in range(5)])
assert not hashes.verify_password(hashed, "wrong horse")
print(time.monotonic() - began, flush=True)
os._exit(0)  # without waiting for what was left behind
"""
WITH_A_HELPER = """
import os, sys
import gevent
from shared.kit import hashes
monkey.patch_all()  # as gunicorn's workers do, after what they share is loaded
os.environ["CANARY"] = "a secret of the worker"
hashes.REST, hashes.PATIENCE = 0, 60
def pid():
    return hashes._place(os.getpid()).helper.pid
hashed = hashes.hash_password("correct horse")
first = pid()
assert b"CANARY" not in open(f"/proc/{first}/environ", "rb").read()
assert os.sched_getscheduler(first) == os.SCHED_IDLE and os.getsid(first) == os.getsid(0)
gevent.sleep(0.2)
assert hashes.verify_password(hashed, "correct horse") and pid() == first, "one serves for many"
os.kill(first, 9)
assert hashes.verify_password(hashed, "correct horse") and not hashes.verify_password(hashed, "wrong horse")
assert pid() != first and not os.path.exists(f"/proc/{first}")
assert not hashes.verify_password(None, "nobody has this password")
print(pid(), flush=True)
os._exit(0)
"""
HALF_A_LETTER = """
import os
from shared.kit import hashes
try:
    hashes.hash_password("\\ud800")
except UnicodeEncodeError:
    print("done", flush=True)
os._exit(0)
"""
LATE = """
import os, signal
import gevent
from shared.kit import hashes
hashes.PATIENCE = 0.2
hashed = hashes.hash_password("correct horse")
helper = hashes._place(os.getpid()).helper
for _ in range(3):
    os.kill(helper.pid, signal.SIGSTOP)
    asked = [gevent.spawn(hashes.verify_password, hashed, each) for each in ("correct horse", "wrong horse") * 2]
    gevent.sleep(0.1)
    asked[0].kill()  # whoever asked went away, in the middle of it
    gevent.joinall(asked)
    assert [each.value for each in asked[1:]] == [False, True, False], [each.value for each in asked]
    os.kill(helper.pid, signal.SIGCONT)
    gevent.sleep(0.2)
    answers = [hashes.verify_password(hashed, each) for each in ("wrong horse", "correct horse") * 3]
    assert answers == [False, True] * 3, answers
assert hashes._place(os.getpid()).helper is helper
print("done", flush=True)
os._exit(0)
"""
TALKATIVE = """
import os, sys
from shared.kit import argon2id, hashes
hashed = argon2id.hash_password("correct horse")
sys.path.append(sys.argv[1])  # what is loaded from there writes a line to the standard output
answers = [hashes.verify_password(hashed, each) for each in ("wrong horse", "correct horse") * 3]
assert answers == [False, True] * 3, answers
assert hashes.hash_password("correct horse").startswith("$argon2id$")
print("done", flush=True)
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
    command = [sys.executable, "-c", process.PATCHED + ON_ONE_PROCESSOR, str(one_busy_processor)]
    # What is starved keeps the standard error open: only what the worker says is waited for.
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=100)
    assert float(done.stdout) < 10


def test_who_hashes_for_a_worker_knows_nothing_of_it_is_replaced_and_ends_with_it() -> None:
    pid = process.in_a_worker(WITH_A_HELPER)
    process.until(lambda: not Path(f"/proc/{pid}").exists(), what="the end of a program whose worker has ended")


def test_what_cannot_be_hashed_is_an_error_here_as_there() -> None:
    assert process.in_a_worker(HALF_A_LETTER) == "done"


def test_a_late_answer_is_no_answer_to_another_question() -> None:
    assert process.in_a_worker(LATE) == "done"


@pytest.mark.parametrize("said", ["true", "hello", "5", "[1, true]", "[1, true]\n[2, true]\n[3, true]", ""])
def test_what_else_the_program_writes_is_no_answer(tmp_path: Path, said: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"print({said!r}, flush=True)")
    assert process.in_a_worker(TALKATIVE, str(tmp_path)) == "done"
