"""Programs that tests start: they end with the tests, even when those are killed."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
# As gunicorn's configuration does before anything else is loaded.
PATCHED = "from gevent import monkey\nmonkey.patch_all(os=False, signal=False, subprocess=False)\n"
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: list[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` with its output added to `log`; when we are root, as `user`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **as_user(user),
        )


def in_a_worker(program: str, *given: str) -> str:
    """The last line that the Python `program` writes, in an interpreter like that of a worker. Fails where it complains."""
    command = [sys.executable, "-c", PATCHED + program, *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    # It ends quietly, and with it whatever it began.
    assert done.stdout and "Exception ignored" not in done.stderr and "BrokenPipe" not in done.stderr, done.stderr
    return done.stdout.splitlines()[-1]


def stop(process: subprocess.Popen[bytes], *, by: int = signal.SIGTERM, seconds: float = 10) -> int:
    """Ask `process` to stop and wait for it; end it if it does not. Its exit status."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def until(condition: Callable[[], object], *, seconds: float = 10, what: str = "it") -> None:
    """Wait until `condition` holds. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.02)


def as_user(user: str | None) -> dict[str, str | int | list[str]]:
    """What `subprocess` is told to run a program as `user`, which only root can ask for."""
    if user is None or os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
