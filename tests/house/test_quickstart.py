"""`make run`: one command starts everything, and stops everything."""

import json
import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import requests

from tests.house.running import House, answers, wait

KEYS = {"public_url", "admin_email", "admin_password", "client_id", "client_secret"}


def credentials(house: House) -> dict[str, str]:
    return json.loads((house.folder / "var/quickstart.json").read_text())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_tells_where_it_is_and_how_to_sign_in(house: House) -> None:
    told = credentials(house)
    assert set(told) == KEYS
    assert told["public_url"] == house.url
    for word in (house.url, told["admin_email"], told["admin_password"], told["client_id"]):
        assert word in house.output
    assert told["client_secret"] not in house.output
    assert "Traceback" not in house.output


def test_what_it_keeps_is_for_its_owner_only(house: House) -> None:
    var = house.folder / "var"
    assert mode(var) == 0o700
    assert {mode(var / name) for name in ("quickstart.json", "secret.key", "settings.env")} == {0o600}


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/login", 200, "Sign in"),
        ("/.well-known/openid-configuration", 200, "authorization_endpoint"),
        ("/docs", 200, "swagger"),
        ("/openapi.json", 200, '"openapi"'),
        ("/api/userinfo", 401, ""),
        ("/health/ready", 200, "ok"),
    ],
)
def test_both_services_answer_on_one_origin(house: House, path: str, status: int, word: str) -> None:
    answer = requests.get(house.url + path, timeout=10)
    assert answer.status_code == status
    assert word.lower() in answer.text.lower()


def test_a_second_instance_on_the_same_folder_is_refused_in_one_line(house: House) -> None:
    said = house.refuse(BAILIWICK_PORT="18000")
    assert f"already running on {house.folder}/var (process {house.process.pid})" in said
    assert len(said.splitlines()) == 1


def test_a_busy_port_is_refused_in_one_line(empty_house: House) -> None:
    with socket.create_server(("127.0.0.1", empty_house.port)):
        said = empty_house.refuse()
    assert f"Port {empty_house.port} cannot be used: Address already in use." in said
    assert len(said.splitlines()) == 1
    assert empty_house.programs() == {}


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(empty_house: House) -> None:
    (empty_house.folder / "var").write_text("in the way")
    said = empty_house.refuse()
    assert f"Cannot write to {empty_house.folder}/var" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("name", "value"), [("BAILIWICK_PORT", "http"), ("BAILIWICK_WORKERS", "0")])
def test_a_setting_that_is_no_number_is_refused_in_one_line(empty_house: House, name: str, value: str) -> None:
    said = empty_house.refuse(**{name: value})
    assert name in said
    assert len(said.splitlines()) == 1


def test_a_public_address_that_is_none_is_named(empty_house: House) -> None:
    assert "BAILIWICK_PUBLIC_URL: " in empty_house.refuse(BAILIWICK_PUBLIC_URL="http://id.example.com")


def test_a_restart_loses_nothing_and_tells_no_password(empty_house: House) -> None:
    before = credentials(empty_house.start())
    browser = sign_in(empty_house, before)
    assert empty_house.stop() == 0
    empty_house.start()
    assert credentials(empty_house) == before
    assert before["admin_password"] not in empty_house.output
    assert f"{empty_house.folder}/var/quickstart.json" in empty_house.output
    assert browser.get(f"{empty_house.url}/admin/clients", allow_redirects=False, timeout=10).status_code == 200


def test_under_a_new_public_address_the_documentation_works_too(empty_house: House) -> None:
    first = credentials(empty_house.start())
    empty_house.stop()
    empty_house.start(BAILIWICK_PUBLIC_URL=f"http://127.0.0.1:{empty_house.port}")
    now = credentials(empty_house)
    assert now == {**first, "public_url": f"http://127.0.0.1:{empty_house.port}"}
    shown = requests.get(
        f"{now['public_url']}/authorize",
        params={
            "client_id": now["client_id"],
            "redirect_uri": f"{now['public_url']}/docs/oauth2-redirect",
            "response_type": "code",
            "scope": "openid",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        },
        allow_redirects=False,
        timeout=10,
    )
    assert shown.is_redirect, shown.text


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_nothing_is_left_behind(empty_house: House, how: signal.Signals) -> None:
    empty_house.start()
    assert set(empty_house.programs()) == {"valkey-server", "gunicorn", "auth_service.worker"}
    assert empty_house.stop(how) == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    wait(lambda: not empty_house.programs(), seconds=10)
    with socket.create_server(("127.0.0.1", empty_house.port)):
        """The port is free."""


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
@pytest.mark.parametrize("name", ["valkey-server", "gunicorn", "auth_service.worker"])
def test_a_program_that_falls_is_started_again(house: House, name: str) -> None:
    fallen = house.programs()[name]
    os.kill(fallen, signal.SIGKILL)
    wait(lambda: house.programs().get(name, fallen) != fallen)
    wait(lambda: answers(house))


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_a_start_takes_little_processor_time(empty_house: House) -> None:
    empty_house.start()
    # An idle machine needs hardly longer than this until the first token, 3 s at most; beside other tests a processor is slower.
    assert processor_seconds(empty_house.process.pid) + processor_seconds(empty_house.programs()["gunicorn"]) < 6


def processor_seconds(pid: int) -> float:
    """What a process and its ended children have used so far."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(int(ticks) for ticks in used) / os.sysconf("SC_CLK_TCK")


def sign_in(house: House, told: dict[str, str]) -> requests.Session:
    browser = requests.Session()
    form = browser.get(f"{house.url}/login", timeout=10).text
    token = form.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    fields = {"csrf_token": token, "email": told["admin_email"], "password": told["admin_password"]}
    answer = browser.post(f"{house.url}/login", data=fields, timeout=10, allow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    return browser
