"""gunicorn with our configuration: what it believes, how much it takes, and that it leaves in time."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.front_door import ROOT, FrontDoor, free_port

CONFIG = ROOT / "deploy/gunicorn.py"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    """gunicorn on a unix socket in a folder of its own; the socket's path."""
    at = tmp_path / "app.sock"
    bind = ["--bind", f"unix:{at}", "--bind", f"127.0.0.1:{free_port()}"]
    told = {**os.environ, "BAILIWICK_WORKERS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), *bind, "tests.deploy.echo:app"]
    gunicorn = subprocess.Popen(command, env=told, cwd=tmp_path)
    try:
        wait_for(at)
        yield at
        began = time.monotonic()
        gunicorn.send_signal(signal.SIGTERM)
        assert gunicorn.wait(10) == 0
        assert time.monotonic() - began < 8
    finally:
        gunicorn.kill()


def test_it_answers_on_its_socket_and_believes_no_header(server: Path) -> None:
    head, body = talk(server, "X-Forwarded-Proto: https", "Script-Name: /evil", "SCRIPT_NAME: /evil", "X_Forwarded_For: evil")
    assert head.startswith("HTTP/1.1 200")
    assert '"wsgi.url_scheme": "http"' in body
    assert '"SCRIPT_NAME": ""' in body
    assert '"HTTP_X_FORWARDED_FOR"' not in body


def test_too_many_or_too_large_headers_are_refused(server: Path) -> None:
    assert talk(server, *(f"X-{i}: a" for i in range(60)))[0].startswith("HTTP/1.1 200")
    assert talk(server, *(f"X-{i}: a" for i in range(80)))[0].startswith("HTTP/1.1 4")
    assert talk(server, "X-Long: " + "a" * 9000)[0].startswith("HTTP/1.1 4")


@pytest.mark.needs("nginx")
def test_behind_the_front_door_its_connections_are_kept_and_given_back(server: Path, tmp_path: Path) -> None:
    with FrontDoor(tmp_path, auth=f"unix:{server}", api=f"unix:{server}", upstreams="upstreams.conf") as door:
        for _ in range(5):
            assert door.get("/login").json()["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
        # The fixture sees to it that it still stops within seconds, although nginx holds a connection.


def test_it_lets_through_what_nginx_does_and_closes_later_than_nginx() -> None:
    # Read, not run: it would patch this very process.
    config = dict(re.findall(r"^(\w+) = (\w+)$", CONFIG.read_text(), re.MULTILINE))
    assert config["limit_request_line"] == config["limit_request_field_size"] == "8190"
    assert "large_client_header_buffers 4 8k;" in (ROOT / "nginx.conf").read_text()
    assert (ROOT / "deploy/nginx/upstreams.conf").read_text().count("keepalive_timeout 5s;") == 2
    assert int(config["keepalive"]) > 5
    assert config["accesslog"] == "None"


def talk(at: Path, *headers: str) -> tuple[str, str]:
    """Head and body of the answer to a request with these headers."""
    lines = ["GET /login HTTP/1.1", "Host: id", "Connection: close", *headers, "", ""]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(at))
        connection.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    return head, body


def wait_for(at: Path) -> None:
    for _ in range(200):
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(at)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("gunicorn did not start")
