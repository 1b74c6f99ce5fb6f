"""The programs that run under the quickstart: started, watched, started again when they fall, stopped together."""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from quickstart.refusal import Refusal

ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HEARD = (*ASKED_TO_STOP, signal.SIGCHLD)
PATIENCE = 10.0  # seconds that a child may take to stop
FALLS_IN_A_MINUTE = 5
PR_SET_PDEATHSIG = 1


class StopAsked(Exception):
    """The person pressed Ctrl-C, or the system asks us to stop."""


@dataclass
class Child:
    """One program: what it is called, how it is started, and where its output goes (the terminal unless said)."""

    name: str
    command: list[str]
    environment: dict[str, str]
    output: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the program. It has a session of its own, so that Ctrl-C reaches only us and we choose the order."""
        self.starts = [moment for moment in self.starts if moment > time.monotonic() - 60] + [time.monotonic()]
        output = self.output.open("ab") if self.output else None
        try:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_before_exec(),
            )
        except OSError as error:
            raise Refusal(f"{self.name} cannot be started: {error.strerror} ({self.command[0]}).") from error
        finally:
            if output:
                output.close()

    def stop(self) -> None:
        """Ask the program to stop, wait, and end it if it does not."""
        if self.process is None or not self.running:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Family:
    """All children, in the order in which they are started; they are stopped in the opposite one."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        # Signals are written into one end and waited for at the other, so that none arrives between two steps of ours.
        self._ear, self._mouth = socket.socketpair()

    def __enter__(self) -> "Family":
        self._ear.setblocking(False)
        self._mouth.setblocking(False)
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        for heard in HEARD:
            signal.signal(heard, _noted)
        return self

    def __exit__(self, *reason: object) -> None:
        # Whoever presses Ctrl-C again while they stop only hears what is going on already.
        for child in reversed(self._children):
            child.stop()

    def start(self, child: Child) -> Child:
        """Start a child and keep watch over it."""
        child.start()
        self._children.append(child)
        return child

    def pause(self, seconds: float) -> None:
        """Wait so long, or until a child ends. Raises StopAsked at Ctrl-C."""
        if not select.select([self._ear], [], [], seconds)[0]:
            return
        if set(self._ear.recv(512)) & set(ASKED_TO_STOP):
            raise StopAsked

    def watch(self) -> None:
        """Until we are asked to stop, start again what falls. Raises StopAsked, and Refusal when something keeps falling."""
        while True:
            self.pause(60)
            for child in self._children:
                if not child.running:
                    self._raise_again(child)

    def _raise_again(self, child: Child) -> None:
        if len(child.starts) >= FALLS_IN_A_MINUTE:
            raise Refusal(f"{child.name} fell {FALLS_IN_A_MINUTE} times within a minute. What it wrote last says why.")
        code = child.process.returncode if child.process else None
        print(f"bailiwick: {child.name} ended ({code}) and is started again.", file=sys.stderr, flush=True)
        self.pause(0.5)
        child.start()


def _noted(number: int, frame: FrameType | None) -> None:
    """The wake-up socket has told `pause` already."""


def _before_exec() -> Callable[[], None]:
    """What a child does between fork and exec: ask the system to end it with us, even if we are killed outright."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    parent = os.getpid()

    def act() -> None:
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return act
