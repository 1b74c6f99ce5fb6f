"""Pushed authorization requests (RFC 9126)."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from shared.services import clients, tenants
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply


def push(rp: RelyingParty, *, headers: dict[str, str] | None = None, **params: str | None) -> Reply:
    fields = dict(parse_qsl(urlsplit(rp.authorize_url(**params)).query))
    return rp.post(rp.metadata["pushed_authorization_request_endpoint"], fields, rp.basic() if headers is None else headers)


def address(rp: RelyingParty, request_uri: str, **more: str) -> str:
    return "/authorize?" + urlencode({"client_id": rp.application.client_id, "request_uri": request_uri, **more})


def test_a_pushed_request_is_answered_like_any_other(rp: RelyingParty) -> None:
    pushed = push(rp)
    assert (pushed.status, pushed.expires_in) == (201, 90)
    assert pushed.headers["Cache-Control"] == "no-store"
    rp.browser.get(address(rp, pushed.request_uri))
    rp.sign_in()
    answer = rp.allow().answer
    assert (answer["state"], answer["iss"]) == (rp.asked.state, rp.issuer)
    assert rp.exchange(answer["code"]).status == 200


def test_what_the_browser_adds_changes_nothing(rp: RelyingParty) -> None:
    """RFC 9126 §4, RFC 9101 §6.3: the pushed parameters alone count."""
    pushed = push(rp, scope="openid")
    rp.browser.get(address(rp, pushed.request_uri, scope="openid email", redirect_uri="https://evil.example/"))
    rp.sign_in()
    assert rp.exchange(rp.allow().answer["code"]).scope == "openid"


def test_a_request_uri_waits_ninety_seconds_for_its_browser(rp: RelyingParty, world: World) -> None:
    pushed = push(rp)
    world.later(seconds=91)
    assert rp.browser.get(address(rp, pushed.request_uri)).status == 400


def test_a_person_may_take_their_time_once_they_are_there(rp: RelyingParty, world: World) -> None:
    pushed = push(rp)
    rp.browser.get(address(rp, pushed.request_uri))
    world.later(minutes=30)
    rp.sign_in()
    assert rp.allow().answer["code"]


def test_a_reloaded_page_does_not_use_the_request_up_and_an_answer_does(rp: RelyingParty) -> None:
    pushed = push(rp)
    for _ in range(2):
        assert rp.browser.get(address(rp, pushed.request_uri)).path == "/login"
    rp.sign_in()
    rp.allow()
    assert rp.browser.get(address(rp, pushed.request_uri)).status == 400


def test_a_pushed_request_belongs_to_the_first_browser_that_brings_it(rp: RelyingParty, world: World) -> None:
    pushed = push(rp)
    rp.browser.get(address(rp, pushed.request_uri))
    assert Browser(world.url).get(address(rp, pushed.request_uri)).status == 400


def test_a_pushed_request_belongs_to_its_client(rp: RelyingParty, ours: RelyingParty) -> None:
    pushed = push(rp)
    assert ours.browser.get(address(ours, pushed.request_uri)).status == 400


def test_who_authenticates_by_the_header_need_not_be_named_again(rp: RelyingParty) -> None:
    pushed = push(rp, client_id=None)
    assert pushed.status == 201
    rp.browser.get(address(rp, pushed.request_uri))
    rp.sign_in()
    assert rp.exchange(rp.allow().answer["code"]).status == 200


def test_a_public_client_pushes_by_name(spa: RelyingParty) -> None:
    assert push(spa, headers={}).status == 201


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, 400, "invalid_request"),
        ({"scope": "openid everything"}, 400, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request"),
        ({"client_id": "somebody-else"}, 400, "invalid_request"),
    ],
)
def test_a_request_that_would_fail_fails_when_it_is_pushed(
    rp: RelyingParty, params: dict[str, str | None], status: int, error: str
) -> None:
    reply = push(rp, **params)
    assert (reply.status, reply.error) == (status, error)


def test_a_client_that_proves_nothing_pushes_nothing(rp: RelyingParty) -> None:
    reply = push(rp, headers=rp.basic("wrong"))
    assert (reply.status, reply.error) == (401, "invalid_client")
    assert push(rp, headers={}).error == "invalid_client"


def test_a_client_can_be_made_to_push(rp: RelyingParty, world: World) -> None:
    with world.inside():
        clients.update(world.client(world.web), require_par=True, by=TESTS)
    assert rp.start().answer["error"] == "invalid_request"
    assert rp.browser.get(address(rp, push(rp).request_uri)).path == "/login"


def test_a_tenant_can_be_made_to_take_pushed_requests_alone(rp: RelyingParty, world: World) -> None:
    """RFC 9126 §5: and its metadata says so."""
    assert rp.metadata["require_pushed_authorization_requests"] is False
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), require_par=True, by=TESTS)
    assert rp.start().answer["error"] == "invalid_request"
    told = rp.http.get(f"{world.url}/.well-known/openid-configuration", timeout=30).json()
    assert told["require_pushed_authorization_requests"] is True
    assert rp.browser.get(address(rp, push(rp).request_uri)).path == "/login"


def test_no_credential_is_kept_with_the_request(rp: RelyingParty, world: World) -> None:
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query)) | {"client_secret": rp.application.client_secret or ""}
    assert rp.post(rp.metadata["pushed_authorization_request_endpoint"], fields, {}).status == 201
    kept = b"".join(world.valkey.client.get(key) for key in world.valkey.client.keys("pending:*"))
    assert b"nonce" in kept
    assert (rp.application.client_secret or "").encode() not in kept
