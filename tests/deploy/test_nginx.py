"""The front door, as the real nginx keeps it: what goes where, what is believed, what is refused."""

import json
from pathlib import Path

import pytest

from tests.deploy.front_door import FrontDoor
from tests.deploy.upstream import Answer, Upstream

pytestmark = pytest.mark.needs("nginx")

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SPOOFED = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"),
    *("X-Real-IP", "X-Request-Id", "X-Original-URL", "X-Rewrite-URL", "Proxy", "Client-IP", "True-Client-IP"),
)
OURS = "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "X-Request-Id", "Cache-Control"


@pytest.mark.parametrize(
    "path",
    ["/api/userinfo", "/api/", "/docs", "/docs/", "/docs/oauth2-redirect", "/docs/assets/swagger-ui.css", "/openapi.json"]
    + ["/t/acme/api/me", "/t/acme/docs", "/t/acme/openapi.json", "/.well-known/oauth-protected-resource/elsewhere"]
    + [f"/.well-known/oauth-protected-resource{rest}" for rest in ("", "/api", "/t/acme/api")]
    + [f"/t/acme/.well-known/oauth-protected-resource{rest}" for rest in ("", "/api")],
)
def test_the_api_and_its_documentation_go_to_the_api_service(door: FrontDoor, path: str) -> None:
    assert door.get(path).json() == {"service": "api", "target": path, "count": 1}


@pytest.mark.parametrize(
    "path",
    ["/", "/authorize?client_id=a&request_uri=b%2Fc", "/login", "/token", "/admin/clients", "/static/auth.css", "/health/ready"]
    + ["/t/acme/authorize", "/t/acme/login", "/.well-known/jwks.json"]
    + ["/api", "/apiary", "/docsy", "/openapi.json.bak", "/x/api/"],
)
def test_everything_else_goes_to_the_authorization_server(door: FrontDoor, path: str) -> None:
    assert door.get(path).json() == {"service": "auth", "target": path, "count": 1}


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/t/acme/metrics", "//metrics", "/api/../metrics", "/%6detrics", "/x/..%2fmetrics"]
)
def test_the_figures_are_never_reachable(door: FrontDoor, auth: Upstream, api: Upstream, path: str) -> None:
    assert door.raw(f"GET {path} HTTP/1.1\r\nHost: id\r\nConnection: close\r\n\r\n".encode()).startswith(b"HTTP/1.1 404")
    assert auth.requests == api.requests == []


def test_what_the_sender_claims_about_itself_is_overwritten(door: FrontDoor, auth: Upstream) -> None:
    spoofed = dict.fromkeys(SPOOFED, "evil")
    door.get("/login", headers=spoofed | {"Host": "id.example.com", "Script_Name": "/evil", "Connection": "keep-alive, evil"})
    seen = auth.requests[0]
    assert seen.one("X-Forwarded-For") == seen.one("X-Real-IP") == "127.0.0.1"
    assert seen.one("X-Forwarded-Host") == seen.one("Host") == "id.example.com"
    assert seen.one("X-Forwarded-Proto") == "http"
    assert "evil" not in str(seen)


def test_a_proxy_in_front_is_believed_when_it_is_named(tmp_path: Path, auth: Upstream, api: Upstream) -> None:
    named = {"# Which proxies": "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n# Which proxies"}
    with FrontDoor(tmp_path, auth=auth.address, api=api.address, edits=named) as door:
        door.get("/login", headers={"X-Forwarded-For": "203.0.113.7"})
    assert auth.requests[0].one("X-Forwarded-For") == "203.0.113.7"


def test_each_request_has_an_id_of_ours_that_the_service_and_the_log_share(door: FrontDoor, auth: Upstream) -> None:
    for _ in range(2):
        door.get("/login", headers={"X-Request-Id": "chosen-by-a-stranger"})
    ids = [seen.one("X-Request-Id") for seen in auth.requests]
    assert len(set(ids)) == 2
    assert [line["request_id"] for line in log_lines(door)] == ids


def test_connections_to_the_services_are_kept(door: FrontDoor, auth: Upstream, api: Upstream) -> None:
    for _ in range(20):
        door.get("/login")
        door.get("/api/me")
    # Each worker of nginx keeps connections of its own.
    assert auth.connections < 10 and api.connections < 10
    assert auth.requests[0].one("Connection") is None


def test_services_on_unix_sockets(tmp_path: Path) -> None:
    with (
        Upstream("auth", tmp_path / "auth.sock") as auth,
        Upstream("api", tmp_path / "api.sock") as api,
        FrontDoor(tmp_path, auth=auth.address, api=api.address, upstreams="upstreams.conf") as door,
    ):
        assert door.get("/login").json()["service"] == "auth"
        assert door.get("/api/me").json()["service"] == "api"
        # A service that was replaced is found again without a word to nginx.
        auth.stop()
        (tmp_path / "auth.sock").unlink()
        assert door.get("/login").status_code == 502
        with Upstream("the new auth", tmp_path / "auth.sock"):
            assert door.get("/login").json()["service"] == "the new auth"


def test_an_answer_of_a_service_passes_as_it_is(door: FrontDoor, auth: Upstream) -> None:
    theirs = dict.fromkeys(OURS, "theirs")
    for status in (404, 429, 500, 503):
        auth.answer = Answer(status, theirs, b"said by the service")
        answer = door.get("/account")
        assert (answer.status_code, answer.text) == (status, "said by the service")
        assert {name: answer.headers[name] for name in OURS} == theirs


def test_a_service_that_is_gone_is_a_page_for_people_and_json_for_programs(door: FrontDoor, auth: Upstream) -> None:
    auth.stop()
    page = door.get("/login", headers=PAGE)
    assert page.status_code == 502
    assert page.headers["Content-Type"] == "text/html"
    assert "try again in a moment" in page.text and page.headers["X-Request-Id"] in page.text
    told = door.post("/token")
    assert told.status_code == 502
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.json()["error"] == "temporarily_unavailable"
    assert told.json()["request_id"] == told.headers["X-Request-Id"]
    assert told.headers["Retry-After"] == "5"
    for answer in (page, told):
        assert all(name in answer.headers for name in OURS)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "nginx"
        assert "Strict-Transport-Security" not in answer.headers
        assert not any(word in answer.text.lower() for word in ("nginx", "upstream", "127.0.0.1"))


def test_a_service_that_is_too_slow(tmp_path: Path, auth: Upstream, api: Upstream) -> None:
    auth.answer = Answer(seconds=3)
    hurried = {"proxy_read_timeout 30s": "proxy_read_timeout 1s"}
    with FrontDoor(tmp_path, auth=auth.address, api=api.address, edits=hurried) as door:
        assert door.get("/login", headers=PAGE).status_code == 504
    assert len(auth.requests) == 1


def test_static_files_are_compressed_and_what_may_hold_secrets_is_not(door: FrontDoor, auth: Upstream, api: Upstream) -> None:
    auth.answer = api.answer = Answer(headers={"Content-Type": "text/css"}, body=b"a{color:red}" * 500)
    assert door.get("/static/auth.css").headers["Content-Encoding"] == "gzip"
    assert door.get("/docs/assets/swagger-ui.css").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in door.get("/login").headers
    assert "Content-Encoding" not in door.get("/api/me").headers
    assert auth.requests[0].one("Accept-Encoding") is None


def log_lines(door: FrontDoor) -> list[dict[str, object]]:
    return [json.loads(line) for line in door.log().splitlines()]
