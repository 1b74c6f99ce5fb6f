"""The deployment without its containers: nginx, gunicorn for each service on a unix socket, a database and Redis."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.deploy.front_door import ROOT, FrontDoor
from tests.parts import process
from tests.parts.browsing import Browser
from tests.parts.installation import environment
from tests.parts.valkey import Valkey
from tests.parts.world import Application, Cast, Person, populate, settings_for
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.needs("nginx")


@dataclass(frozen=True)
class Deployed:
    """What was started, who is in it, and where the services write their lines."""

    door: FrontDoor
    cast: Cast
    logs: tuple[Path, ...]

    def visitor(self, application: Application, person: Person) -> RelyingParty:
        return RelyingParty(self.door.url, application, person)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, valkey_server: Valkey) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("whole")
    sockets = {name: folder / f"{name}.sock" for name in ("auth", "api")}
    valkey_server.client.flushall()
    with FrontDoor(folder, auth=f"unix:{sockets['auth']}", api=f"unix:{sockets['api']}", upstreams="upstreams.conf") as door:
        told = settings_for(door.url, valkey_server.url, f"sqlite:///{folder}/bailiwick.db", folder, trusted_proxies=1)
        cast = populate(told)
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.py"), "--bind"]
        logs = tuple(folder / f"{name}.log" for name in sockets)
        servers = [
            process.start(
                [*command, f"unix:{at}", f"{name}_service.wsgi:app"], log=log, env=environment(told, workers=1), cwd=ROOT
            )
            for (name, at), log in zip(sockets.items(), logs, strict=True)
        ]
        process.until(lambda: door.get("/health/ready").status_code == 200, seconds=60, what=f"the start of auth ({logs[0]})")
        process.until(lambda: door.get("/openapi.json").status_code == 200, seconds=60, what=f"the start of api ({logs[1]})")
        yield Deployed(door, cast, logs)
        for server in servers:
            process.stop(server)


def test_the_code_flow_passes_the_front_door(deployed: Deployed) -> None:
    rp = deployed.visitor(deployed.cast.web, deployed.cast.ada)
    assert rp.metadata["issuer"] == deployed.door.url
    tokens = rp.tokens()
    assert rp.userinfo(tokens.access_token).email == "ada@example.com"
    fresh = rp.refresh(tokens.refresh_token)
    assert rp.userinfo(fresh.access_token, method="POST").name == "Ada Lovelace"


def test_no_header_a_stranger_sends_changes_an_address_that_we_send(deployed: Deployed) -> None:
    claims = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Forwarded-Proto": "https",
    }
    for path in ("/.well-known/openid-configuration", "/openapi.json", "/admin/clients", "/api/me", "/login", "/docs/"):
        answer = deployed.door.get(path, headers=claims)
        assert answer.status_code < 500
        assert "evil.example" not in answer.text + str(answer.headers)


def test_the_services_see_the_person_s_address_and_nginx_s_request_id(deployed: Deployed) -> None:
    answer = deployed.door.get("/login", headers={"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "from-a-stranger"})
    request_id = answer.headers["X-Request-Id"]
    assert f'"request_id":"{request_id}"' in deployed.door.log()
    assert request_id in deployed.logs[0].read_text()
    assert "from-a-stranger" not in deployed.logs[0].read_text()


def test_each_header_comes_once(deployed: Deployed) -> None:
    for path in ("/login", "/api/me", "/docs", "/static/css/base.css", "/.well-known/jwks.json", "/nowhere", "/metrics"):
        head = deployed.door.raw(f"GET {path} HTTP/1.1\r\nHost: id\r\nConnection: close\r\n\r\n".encode()).partition(b"\r\n\r\n")[
            0
        ]
        names = [line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
        # Each way to authenticate has a challenge of its own (RFC 9110 §11.6.1).
        once = [name for name in names if name != b"www-authenticate"]
        assert len(once) == len(set(once)), (path, names)
        assert {b"content-security-policy", b"x-content-type-options", b"x-frame-options", b"cache-control"} <= set(names)


def test_keys_and_discovery_are_kept_and_pages_are_not(deployed: Deployed) -> None:
    for path in ("/.well-known/jwks.json", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        first, second = deployed.door.get(path), deployed.door.get(path)
        assert first.headers["Cache-Control"].startswith("public, max-age=")
        assert first.headers["X-Request-Id"] == second.headers["X-Request-Id"]
    assert deployed.door.get("/login").headers["X-Request-Id"] != deployed.door.get("/login").headers["X-Request-Id"]


def test_no_code_token_or_password_is_in_any_line(deployed: Deployed) -> None:
    rp = deployed.visitor(deployed.cast.web, deployed.cast.admin)
    code = rp.sign_in_and_allow()
    tokens = rp.exchange(code)
    rp.userinfo(tokens.access_token)
    lines = deployed.door.log() + "".join(log.read_text() for log in deployed.logs)
    secrets = (
        rp.person.password,
        rp.application.client_secret,
        code,
        *(tokens.json[f"{kind}_token"] for kind in ("access", "refresh", "id")),
    )
    assert [secret for secret in secrets if not secret or secret in lines] == []
    assert "request_uri=" not in lines and "code=" not in lines


# The last one: whoever comes from this address must wait after it.
def test_a_password_that_is_tried_too_often_is_stopped_at_the_door(deployed: Deployed) -> None:
    statuses = set()
    for _ in range(40):
        visitor = Browser(deployed.door.url)
        visitor.get(deployed.door.url + "/login")
        statuses.add(visitor.submit(email="ada@example.com", password="wrong again and again").status)
    assert 429 in statuses and 500 not in statuses


@pytest.mark.parametrize("state", ["ä" * 4096, "🐢" * 4096, '"' * 4096, "x" * 60_000])
def test_no_answer_is_too_large_for_the_front_door(deployed: Deployed, state: str) -> None:
    """Whatever is to go back to the client fits into a header: else nginx would make a 502 of it."""
    rp = deployed.visitor(deployed.cast.web, deployed.cast.ada)
    asked = {"client_id": rp.application.client_id, "redirect_uri": rp.application.redirect_uri, "state": state}
    whole = dict(parse_qsl(urlsplit(rp.authorize_url(state=None, redirect_uri="https://x.example")).query)) | asked
    for wrong in ({}, {"scope": "unknown"}, {"prompt": "none"}):
        answer = rp.http.post(f"{deployed.door.url}/authorize", data=whole | wrong, allow_redirects=False, timeout=30)
        assert answer.status_code in (302, 303), answer.status_code
    for path, params in (("par", whole), ("token", whole), ("revoke", {"token": state}), ("logout", asked), ("login", asked)):
        assert rp.http.post(f"{deployed.door.url}/{path}", data=params, allow_redirects=False, timeout=30).status_code < 500
