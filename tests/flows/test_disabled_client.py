"""An operator disables a client: it is refused everywhere within a second, and serves again when it is enabled."""

import time

import pytest

from shared.services import clients, resources
from tests.device import Device, allow_devices
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, Reply

NOTES = "https://notes.example/api"


def disable(world: World, application: Application) -> None:
    with world.inside():
        clients.disable(world.client(application), by=TESTS, reason="it leaked")


def enable(world: World, application: Application) -> None:
    with world.inside():
        clients.enable(world.client(application), by=TESTS)


def refused(reply: Reply) -> None:
    """RFC 6749 §5.2."""
    assert (reply.status, reply.error) == (401, "invalid_client"), reply.text


def test_it_is_refused_by_every_endpoint_that_clients_call(rp: RelyingParty, world: World) -> None:
    code, token = rp.sign_in_and_allow(), rp.tokens().refresh_token
    disable(world, rp.application)
    refused(rp.exchange(code))
    refused(rp.refresh(token))
    for endpoint in ("pushed_authorization_request", "introspection", "revocation", "device_authorization"):
        refused(rp.post(rp.metadata[f"{endpoint}_endpoint"], {"token": token, "scope": "openid"}, rp.basic()))


def test_people_are_told_and_not_sent_there(rp: RelyingParty, world: World) -> None:
    disable(world, rp.application)
    page = rp.start()
    assert (page.left_to, page.status) == (None, 400)
    assert "cannot be used just now" in page.text


def test_a_sign_in_that_was_begun_before_does_not_go_on(rp: RelyingParty, world: World) -> None:
    rp.start()
    disable(world, rp.application)
    page = rp.sign_in()
    assert page.left_to is None and "cannot be used just now" in page.text


def test_its_tokens_are_refused_within_a_second_and_stay_refused_without_redis(rp: RelyingParty, world: World) -> None:
    token = rp.tokens().access_token
    assert rp.userinfo(token).status == 200
    disable(world, rp.application)
    deadline = time.monotonic() + 1
    while rp.userinfo(token).status == 200:
        assert time.monotonic() < deadline, "still believed after a second"
    world.valkey.client.flushall()
    assert rp.userinfo(token).status == 401


@pytest.mark.parametrize("grant", ["authorization_code", "client_credentials"])
def test_its_tokens_are_not_active_to_an_api_that_asks(rp: RelyingParty, ours: RelyingParty, world: World, grant: str) -> None:
    """RFC 7662 §2.2: also those that it has in its own name."""
    with world.inside():
        asks = [ours.application.client_id]
        resources.create(world.tenant, identifier=NOTES, name="Notes", scopes={"read": "Read"}, introspectors=asks, by=TESTS)
        clients.update(world.client(rp.application), grant_types=["authorization_code", "client_credentials"], by=TESTS)
    own_name = grant == "client_credentials"
    held = rp.token(grant_type=grant, resource=NOTES) if own_name else rp.tokens(scope="openid read", resource=NOTES)
    asked = {"token": held.access_token}
    assert ours.post(ours.metadata["introspection_endpoint"], asked, ours.basic()).active is True
    disable(world, rp.application)
    assert ours.post(ours.metadata["introspection_endpoint"], asked, ours.basic()).json == {"active": False}


def test_nobody_lets_its_device_in(world: World) -> None:
    allow_devices(world, world.spa)
    tv = Device(world.url, world.spa, world.ada)
    asked = tv.ask()
    tv.open()
    disable(world, world.spa)
    assert "No device shows this code now" in tv.browser.submit(user_code=asked.user_code).words
    enable(world, world.spa)
    assert "Allow" in tv.browser.submit(user_code=asked.user_code).words
    disable(world, world.spa)
    assert tv.browser.submit(press="allow").status == 409
    refused(tv.poll(asked.device_code))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_enabled_again_it_goes_on_with_what_it_held(rp: RelyingParty, world: World, kind: str) -> None:
    tokens = rp.tokens()
    disable(world, rp.application)
    refused(rp.refresh(tokens.refresh_token))
    enable(world, rp.application)
    assert rp.userinfo(tokens.access_token).status == 200
    assert rp.refresh(tokens.refresh_token).status == 200
