"""The front door refuses what is too much, too long, or not well formed, in its own clean words."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest

from tests.deploy.front_door import ROOT, FrontDoor
from tests.deploy.upstream import Upstream

pytestmark = pytest.mark.needs("nginx")

PAGE = {"Accept": "text/html"}


@pytest.mark.parametrize("path", ["/login", "/signup", "/t/acme/login", "/factor/totp", "/%6cogin", "//login"])
def test_logging_in_is_limited_for_each_address(door: FrontDoor, auth: Upstream, path: str) -> None:
    answers = list(flood(door, path, 200))
    assert 61 <= answers.count(200) <= 100
    assert answers.count(429) >= 100
    assert len(auth.requests) == answers.count(200)
    flooded = (door.post(path, headers=PAGE) for _ in range(100))
    refused = next(answer for answer in flooded if answer.status_code == 429)
    assert refused.headers["Retry-After"] == "10"
    assert "wait a moment" in refused.text
    # To look at the form is no guess.
    assert door.get(path).status_code == 200


def test_the_token_endpoint_is_limited_and_says_so_in_its_own_way(door: FrontDoor) -> None:
    answers = list(flood(door, "/token", 300))
    assert answers.count(200) >= 100
    assert answers.count(429) > 50
    refused = next(answer for answer in (door.post("/token") for _ in range(200)) if answer.status_code == 429)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["error"] == "temporarily_unavailable"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_that_are_kept_for_an_hour_are_limited_however_they_are_sent(door: FrontDoor, method: str) -> None:
    answers = list(flood(door, "/authorize", 700, method))
    assert answers.count(200) >= 400
    assert answers.count(429) > 50


@pytest.mark.parametrize(
    ("method", "path", "many"),
    [
        ("POST", "/account/password", 60),
        ("PATCH", "/api/me/password", 100),
        ("PATCH", "/t/acme/api/password", 100),
        ("DELETE", "/api/me/sessions/others", 100),
    ],
)
def test_what_changes_an_account_is_limited_and_looking_at_it_is_not(door: FrontDoor, method: str, path: str, many: int) -> None:
    answers = list(flood(door, path, 3 * many, method))
    assert answers.count(200) >= many
    assert answers.count(429) > many // 2
    assert set(flood(door, path, 2 * many, "GET")) == {200}


def test_a_body_of_64_kilobytes_passes_and_a_larger_one_does_not(door: FrontDoor, auth: Upstream) -> None:
    assert door.post("/login", data=b"x" * 65536).status_code == 200
    assert len(auth.requests[0].body) == 65536
    refused = door.post("/login", data=b"x" * 65537)
    assert (refused.status_code, refused.json()["title"]) == (413, "Too large")
    chunked = door.post("/login", data=(b"x" * 1000 for _ in range(70)), headers=PAGE)
    assert (chunked.status_code, chunked.headers["Content-Type"]) == (413, "text/html")
    assert len(auth.requests) == 1


def test_headers_that_are_too_large(door: FrontDoor, auth: Upstream) -> None:
    assert door.get("/login", headers={"X-Long": "x" * 8000}).status_code == 200
    refused = door.get("/login", headers={"X-Long": "x" * 9000})
    assert (refused.status_code, refused.json()["status"]) == (431, 431)
    assert door.get("/login", headers={f"X-Long-{i}": "x" * 8000 for i in range(6)}).status_code == 431
    assert len(auth.requests) == 1


def test_an_address_that_is_too_long(door: FrontDoor, auth: Upstream) -> None:
    assert door.get("/authorize?" + "x" * 8000).status_code == 200
    refused = door.get("/authorize?" + "x" * 9000, headers=PAGE)
    assert (refused.status_code, refused.headers["Content-Type"]) == (414, "application/problem+json")
    assert len(auth.requests) == 1


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /login HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /login HTTP/1.1\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /login%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "\x16\x03\x01\x02\x00\x01",
    ],
)
def test_what_is_not_well_formed_is_refused_cleanly(door: FrontDoor, auth: Upstream, request_line: str) -> None:
    head, _, body = door.raw(request_line.encode("latin-1")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert head.count(b"Content-Security-Policy: ") == head.count(b"X-Content-Type-Options: nosniff") == 1
    assert json.loads(body)["detail"] == "The request could not be understood."
    assert auth.requests == []


def test_trace_is_not_taken(door: FrontDoor, auth: Upstream) -> None:
    assert door.send("TRACE", "/login").status_code == 405
    assert auth.requests == []


def test_the_internal_pages_have_no_address(door: FrontDoor, auth: Upstream) -> None:
    assert door.get("/_sorry_page").status_code == door.get("/_sorry_json").status_code == 404
    assert auth.requests == []


def test_the_style_of_the_error_page_is_the_one_that_its_policy_allows() -> None:
    style = re.search(r"<style>(.*)</style>", (ROOT / "deploy/nginx/sorry-page.conf").read_text())
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in (ROOT / "deploy/nginx/sorry.conf").read_text()


@pytest.mark.parametrize(
    "trouble", ["none", "service gone", "too often", "too large", "address too long", "header too long", "malformed"]
)
def test_no_secret_is_in_any_line(door: FrontDoor, auth: Upstream, trouble: str) -> None:
    said = {"Referer": "https://rp.example/?canary", "Cookie": "session=canary", "Authorization": "Bearer canary"}
    path = "/login?code=canary&request_uri=canary"
    if trouble == "service gone":
        auth.stop()
    if trouble == "too often":
        list(flood(door, path, 30))
    if trouble == "address too long":
        path += "x" * 9000
    if trouble == "header too long":
        said["X-Long"] = "canary" * 3000
    if trouble == "malformed":
        door.raw(b"GET /login?canary HTTP/1.1\r\nHost: a\r\nHost: b\r\nCookie: canary\r\n\r\n")
    door.post(path, headers=said, data=b"canary" * (20000 if trouble == "too large" else 1))
    door.get("/.well-known/jwks.json?canary", headers=said)
    assert '"path":' in door.log()
    assert "canary" not in door.log()


def flood(door: FrontDoor, path: str, times: int, method: str = "POST") -> Iterator[int]:
    """The statuses of many requests on one connection, as fast as they go."""
    lines = b"".join(line(method, path, close=i == times - 1) for i in range(times))
    return (int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", door.raw(lines)))


def line(method: str, path: str, *, close: bool) -> bytes:
    connection = "close" if close else "keep-alive"
    return f"{method} {path} HTTP/1.1\r\nHost: id\r\nContent-Length: 0\r\nConnection: {connection}\r\n\r\n".encode()
