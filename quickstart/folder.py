"""The folder var/: what the quickstart keeps, readable by its owner only, and used by one instance at a time."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from quickstart.refusal import Refusal
from shared.kit import ids

# A socket's address holds 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Folder:
    """Where each thing lies."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "bailiwick.db"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def outbox(self) -> Path:
        return self.path / "outbox"

    @property
    def credentials(self) -> Path:
        return self.path / "quickstart.json"

    @property
    def settings(self) -> Path:
        """What the programs were told, so that `bailiwick …` in this folder speaks of the same installation."""
        return self.path / "settings.env"

    def secret_key(self) -> str:
        """The key that seals what is stored here; made at the first start and never changed."""
        path = self.path / "secret.key"
        if not path.exists():
            write_privately(path, ids.token())
        return path.read_text().strip()


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """The folder at `path`, made if need be and locked against a second instance. Raises Refusal."""
    folder = Folder(path)
    try:
        for directory in (path, folder.valkey, folder.outbox):
            directory.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)
        lock = (path / "lock").open("a+")
    except OSError as error:
        raise Refusal(f"Cannot write to {path}: {error.strerror}. Start it in a folder of your own.") from error
    with lock:
        _take(lock, path)
        yield folder


def _take(lock: IO[str], path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise Refusal(
            f"Bailiwick is already running on {path} (process {lock.read().strip()}). Stop it first, or start in another folder."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()


@contextmanager
def socket_in(directory: Path) -> Iterator[Path]:
    """A path for a Unix socket in `directory`, or, where that is too long for one, in a private folder of its own."""
    path = directory / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="bailiwick-") as elsewhere:
        yield Path(elsewhere) / "valkey.sock"


def read(path: Path) -> dict[str, str]:
    """What `write_json` wrote, or nothing when there is no such file or it is not whole."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def write_json(path: Path, content: dict[str, str]) -> None:
    """Keep `content` readably, for the owner's eyes only."""
    write_privately(path, json.dumps(content, indent=2) + "\n")


def write_settings(path: Path, environment: dict[str, str]) -> None:
    """Keep the settings in `environment` as a dotenv file."""
    ours = {name: value for name, value in sorted(environment.items()) if name.startswith("BAILIWICK_")}
    write_privately(path, "".join(f"{name}={_quoted(value)}\n" for name, value in ours.items()))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def write_privately(path: Path, text: str) -> None:
    """Write the whole of `text` or nothing of it, readable by the owner only (mode 600)."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
