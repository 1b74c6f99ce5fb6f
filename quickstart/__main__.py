"""`make run`: start what Bailiwick needs in this folder, keep it running, stop it together."""

import http.client
import os
import socket
import sys
import time
from pathlib import Path

from quickstart import announce, folder
from quickstart.children import Child, Family, StopAsked
from quickstart.environment import complete
from quickstart.refusal import Refusal
from quickstart.valkey import valkey

BOOT_SECONDS = 60.0


def main() -> int:
    """Run until stopped; 0 after a stop that was asked for, 1 when it cannot start or go on."""
    try:
        _run(Path.cwd() / "var")
    except Refusal as reason:
        print(f"bailiwick: {reason}", file=sys.stderr)
        return 1
    except (StopAsked, KeyboardInterrupt):
        print("\nbailiwick: stopped.")
    return 0


def _run(path: Path) -> None:
    with folder.opened(path) as var, folder.socket_in(var.valkey) as redis_socket, Family() as family:
        environment = complete(os.environ, var, redis_socket)
        _check_port(environment["BAILIWICK_HOST"], int(environment["BAILIWICK_PORT"]))
        folder.write_settings(var.settings, environment)
        before = folder.read(var.credentials)
        if environment["BAILIWICK_REDIS_URL"].endswith(str(redis_socket)):
            family.start(valkey(var.valkey, redis_socket, environment))
        server = family.start(_server(environment))
        _wait_until_ready(family, server, environment)
        family.start(Child("The worker", [sys.executable, "-m", "auth_service.worker"], environment))
        announce.running(before, folder.read(var.credentials), environment["BAILIWICK_PUBLIC_URL"].rstrip("/"), var.credentials)
        family.watch()


def _server(environment: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:quickstart.serving", "quickstart.wsgi:app"]
    return Child("The server", command, environment)


def _check_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Refusal(f"Port {port} cannot be used: {why}. Choose another one: BAILIWICK_PORT={port + 1} make run") from error


def _wait_until_ready(family: Family, server: Child, environment: dict[str, str]) -> None:
    """Return when a request is answered. Raises Refusal; what is wrong was written by the server itself."""
    deadline = time.monotonic() + BOOT_SECONDS
    while not _answers(environment["BAILIWICK_HOST"], int(environment["BAILIWICK_PORT"])):
        if not server.running:
            raise Refusal("The server did not start; the line above says why.")
        if time.monotonic() > deadline:
            raise Refusal(f"The server did not answer within {BOOT_SECONDS:.0f} seconds.")
        family.pause(0.05)


def _answers(host: str, port: int) -> bool:
    # An address that means all of them, such as 0.0.0.0, is answered too.
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
