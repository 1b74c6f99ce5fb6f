"""Discovery and keys are kept at the front door, for as long as the authorization server says."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deploy.front_door import FrontDoor
from tests.deploy.upstream import Answer, Upstream

pytestmark = pytest.mark.needs("nginx")

KEYS = "/.well-known/jwks.json"
FRESH = Answer(headers={"Cache-Control": "public, max-age=300"})
BRIEF = Answer(headers={"Cache-Control": "public, max-age=1"})


@pytest.mark.parametrize(
    "path",
    [KEYS, "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
    + ["/t/acme/.well-known/jwks.json", "/t/acme/.well-known/openid-configuration"]
    + ["/t/acme/.well-known/oauth-authorization-server"]
    + ["/.well-known/openid-configuration/t/acme", "/.well-known/oauth-authorization-server/t/acme"],
)
def test_a_second_request_does_not_reach_the_service(door: FrontDoor, auth: Upstream, path: str) -> None:
    auth.answer = FRESH
    first = door.get(path)
    assert first.json()["target"] == path
    assert door.get(path).content == first.content
    assert len(auth.requests) == 1


@pytest.mark.parametrize(
    "path", ["/.well-known/oauth-protected-resource/api", "/.well-known/oauth-protected-resource/t/acme/api"]
)
def test_what_the_api_says_of_itself_is_kept_too(door: FrontDoor, auth: Upstream, api: Upstream, path: str) -> None:
    api.answer = FRESH
    door.get(path)
    assert door.get(path + "?again", headers={"Authorization": "Bearer a"}).json()["count"] == 1
    assert len(api.requests) == 1 and auth.requests == []


def test_each_tenant_and_each_host_has_its_own(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = FRESH
    targets = [door.get(path).json()["target"] for path in (KEYS, f"/t/a{KEYS}", f"/t/b{KEYS}", f"/t/A{KEYS}")]
    assert targets == [KEYS, f"/t/a{KEYS}", f"/t/b{KEYS}", f"/t/A{KEYS}"]
    assert door.get(KEYS, headers={"Host": "other.example"}).json()["count"] == 5


def test_the_query_and_the_person_make_no_difference(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = FRESH
    door.get(KEYS + "?break=cache", headers={"Cookie": "session=a", "Authorization": "Bearer b", "Range": "bytes=0-3"})
    assert door.get(KEYS + "?again", headers={"Cookie": "session=c"}).json()["count"] == 1
    seen = auth.requests[0]
    assert seen.target == KEYS
    assert seen.one("Cookie") is seen.one("Authorization") is None


@pytest.mark.parametrize("path", [f"/x/..{KEYS}", f"/t/evil/../..{KEYS}", "/.well-known/%6awks.json", f"/{KEYS}"])
def test_an_odd_spelling_gets_the_same_document_and_spoils_nothing(door: FrontDoor, auth: Upstream, path: str) -> None:
    auth.answer = FRESH
    door.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert door.get(KEYS).json() == {"service": "auth", "target": KEYS, "count": 1}


def test_a_head_request_is_answered_from_the_same_copy(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = FRESH
    assert door.send("HEAD", KEYS).content == b""
    assert door.get(KEYS).json()["count"] == 1


def test_cache_control_is_obeyed(door: FrontDoor, auth: Upstream) -> None:
    for unkept in ({}, {"Cache-Control": "no-store"}, {"Cache-Control": "private, max-age=300"}):
        auth.answer = Answer(headers=unkept)
        before = len(auth.requests)
        door.get(KEYS)
        door.get(KEYS)
        assert len(auth.requests) == before + 2
    auth.answer = BRIEF
    door.get(KEYS)
    auth.requests.clear()
    time.sleep(2.1)
    assert door.get(KEYS).json()["count"] == 1


def test_an_error_without_permission_to_keep_it_is_not_kept(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = Answer(404, {"Cache-Control": "no-store"})
    door.get(f"/t/new{KEYS}")
    auth.answer = FRESH
    assert door.get(f"/t/new{KEYS}").status_code == 200


def test_an_answer_that_sets_a_cookie_is_never_kept(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = Answer(headers={**FRESH.headers, "Set-Cookie": "who=ada"})
    door.get(KEYS)
    auth.answer = FRESH
    answer = door.get(KEYS)
    assert answer.json()["count"] == 2
    assert "Set-Cookie" not in answer.headers


def test_the_stale_copy_is_served_while_the_service_is_gone(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = BRIEF
    kept = door.get(KEYS)
    auth.stop()
    time.sleep(2.1)
    stale = door.get(KEYS)
    assert (stale.status_code, stale.content) == (200, kept.content)
    assert door.get(f"/t/unseen{KEYS}").status_code == 502


def test_the_stale_copy_is_served_while_the_service_fails(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = BRIEF
    kept = door.get(KEYS)
    auth.answer = Answer(503, {"Cache-Control": "no-store"})
    time.sleep(2.1)
    assert door.get(KEYS).content == kept.content


def test_a_crowd_at_an_empty_cache_is_one_request_to_the_service(door: FrontDoor, auth: Upstream) -> None:
    auth.answer = Answer(headers=FRESH.headers, seconds=0.3)
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(door.get, [KEYS] * 12))
    assert {answer.json()["count"] for answer in answers} == {1}


@pytest.mark.parametrize("path", ["/login", "/token", "/authorize", "/.well-known/webfinger", "/health/ready"])
def test_nothing_else_is_kept(door: FrontDoor, auth: Upstream, path: str) -> None:
    auth.answer = FRESH
    assert [door.get(path).json()["count"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("path", [f"{KEYS}%0A", "/.well-known/openid-configuration/t/acme%0A"])
def test_a_line_feed_in_an_address_stays_encoded(door: FrontDoor, auth: Upstream, path: str) -> None:
    door.get(path)
    assert [seen.target for seen in auth.requests] == [path]
