"""The device authorization grant (RFC 8628): what a device asks for and is given."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.models.device import GRANT_TYPE
from shared.services import authorizations, devices, password_changes, resources, users
from tests.device import Device, allow_devices
from tests.parts.listening import Logs
from tests.parts.world import TESTS, World
from tests.relying_party import SCOPE, unverified_claims


@pytest.fixture
def tv(world: World) -> Device:
    """A public client."""
    allow_devices(world, world.spa)
    return Device(world.url, world.spa, world.ada)


@pytest.fixture
def box(world: World) -> Device:
    """A confidential one."""
    allow_devices(world, world.web)
    return Device(world.url, world.web, world.ada)


@pytest.mark.parametrize("kind", ["tv", "box"])
def test_a_device_gets_the_tokens_that_its_person_allowed(kind: str, request: pytest.FixtureRequest, world: World) -> None:
    device: Device = request.getfixturevalue(kind)
    asked = device.ask()
    assert device.poll(asked.device_code).error == "authorization_pending"
    assert "Your device is connected" in device.answer(asked, "allow").words
    tokens = device.poll(asked.device_code)
    assert (tokens.status, tokens.scope, tokens.token_type) == (200, SCOPE, "Bearer")
    assert tokens.headers["Cache-Control"] == "no-store"
    claims = unverified_claims(tokens.id_token)
    assert (claims["aud"], claims["amr"], claims["acr"]) == ([device.application.client_id], ["pwd"], "1")
    assert claims["sid"] == unverified_claims(tokens.access_token)["sid"]
    assert "nonce" not in claims
    assert device.userinfo(tokens.access_token).email == world.ada.email
    assert device.refresh(tokens.refresh_token).status == 200


def test_what_the_device_is_told(tv: Device, world: World) -> None:
    """RFC 8628 §3.2, §6.1."""
    asked = tv.ask()
    assert (asked.status, asked.expires_in, asked.interval) == (200, 600, 5)
    assert asked.headers["Cache-Control"] == "no-store"
    assert asked.verification_uri == f"{world.url}/device"
    assert asked.verification_uri_complete == f"{world.url}/device?user_code={asked.user_code}"
    first, hyphen, second = asked.user_code.partition("-")
    assert (len(first), hyphen, len(second)) == (4, "-", 4)
    assert set(first + second) <= set(devices.ALPHABET)
    assert not set(devices.ALPHABET) & set("AEIOUY0123456789")


def test_without_openid_and_offline_access_there_is_only_an_access_token(tv: Device) -> None:
    asked = tv.ask(scope="profile")
    tv.answer(asked, "allow")
    tokens = tv.poll(asked.device_code)
    assert (tokens.scope, tokens.id_token, tokens.refresh_token) == ("profile", None, None)
    assert tokens.access_token


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
    ],
)
def test_a_request_is_checked_like_any_other(tv: Device, params: dict[str, str | None], error: str) -> None:
    assert tv.ask(**params).error == error


def test_only_a_client_with_the_grant_may_ask(world: World) -> None:
    """A new client does not have it."""
    device = Device(world.url, world.spa, world.ada)
    assert device.ask().error == "unauthorized_client"
    assert device.poll("x").error == "unauthorized_client"


def test_polling_faster_than_told_costs_five_seconds_for_good(tv: Device, world: World) -> None:
    """RFC 8628 §3.5."""
    asked = tv.ask()
    assert tv.poll(asked.device_code).error == "authorization_pending"
    assert tv.poll(asked.device_code).error == "slow_down"
    world.later(seconds=6)
    assert tv.poll(asked.device_code).error == "slow_down", "ten seconds now"
    world.valkey.client.flushall()
    for _ in range(2):
        world.later(seconds=15)
        assert tv.poll(asked.device_code).error == "authorization_pending", "fifteen"
    tv.answer(asked, "allow")
    assert tv.poll(asked.device_code).status == 200, "nobody waits for what is there"


def test_a_person_can_refuse(tv: Device) -> None:
    asked = tv.ask()
    assert "was not connected" in tv.answer(asked, "deny").words
    refused = tv.poll(asked.device_code)
    assert (refused.status, refused.error) == (400, "access_denied")
    tv.open(asked.verification_uri)
    assert tv.browser.submit(user_code=asked.user_code).status == 422


def test_a_code_lives_ten_minutes(tv: Device, world: World) -> None:
    asked, answered = tv.ask(), tv.ask()
    tv.answer(answered, "allow")
    tv.open(asked.verification_uri)
    page = tv.browser.submit(user_code=asked.user_code)
    world.later(seconds=601)
    assert tv.browser.submit(press="allow").status == 404
    assert tv.browser.get(page.url).status == 404
    assert tv.poll(asked.device_code).error == "expired_token"
    assert tv.poll(answered.device_code).error == "expired_token"
    tv.open(asked.verification_uri)
    assert tv.browser.submit(user_code=asked.user_code).status == 422


def test_a_device_code_works_once(tv: Device) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    tokens = tv.poll(asked.device_code)
    assert tv.poll(asked.device_code).error == "invalid_grant"
    assert tv.refresh(tokens.refresh_token).status == 200


def test_of_many_polls_at_once_one_succeeds(tv: Device) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: tv.poll(asked.device_code), range(12)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 11
    assert {reply.error for reply in replies} == {None, "invalid_grant"}


def test_of_many_polls_too_early_one_is_in_time(tv: Device) -> None:
    asked = tv.ask()
    with ThreadPoolExecutor(8) as pool:
        errors = sorted(reply.error for reply in pool.map(lambda _: tv.poll(asked.device_code), range(8)))
    assert errors == ["authorization_pending"] + ["slow_down"] * 7


@pytest.mark.parametrize("device_code", ["unknown", "ä", "x" * 8000, '"'])
def test_an_unknown_device_code_is_refused(tv: Device, device_code: str) -> None:
    assert tv.poll(device_code).error == "invalid_grant"


def test_a_device_code_is_needed(tv: Device) -> None:
    assert tv.poll(None).error == "invalid_request"


def test_a_device_code_belongs_to_its_client(tv: Device, box: Device) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    assert box.poll(asked.device_code).error == "invalid_grant"
    assert tv.poll(asked.device_code).status == 200, "somebody else's try spends nothing"


def test_the_user_code_is_no_device_code(tv: Device) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    assert tv.poll(asked.user_code).error == "invalid_grant"


def test_whoever_is_signed_in_is_not_asked_again_and_the_device_learns_it(tv: Device, world: World) -> None:
    tv.open()
    world.later(minutes=5)
    asked = tv.ask()
    page = tv.browser.get(asked.verification_uri)
    assert page.path == "/device"
    tv.answer(asked, "allow")
    claims = unverified_claims(tv.poll(asked.device_code).id_token)
    assert claims["acr"] == "0"
    assert claims["auth_time"] <= claims["iat"] - 300


def test_consent_is_remembered_and_can_be_withdrawn(tv: Device) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    tokens = tv.poll(asked.device_code)
    assert tv.browser.get(tv.authorize_url()).left_to, "the same application elsewhere asks no more"
    tv.browser.get("/account/applications")
    tv.browser.submit(press="Withdraw")
    assert tv.refresh(tokens.refresh_token).error == "invalid_grant"


@pytest.mark.parametrize("end", ["disable the person", "change the password", "end the authorization"])
def test_what_ended_before_the_poll_gives_no_tokens(tv: Device, world: World, end: str) -> None:
    asked = tv.ask()
    tv.answer(asked, "allow")
    with world.inside():
        user = world.user(world.ada)
        match end:
            case "disable the person":
                users.disable(user, by=TESTS)
            case "change the password":
                password_changes.change(user, password="quite another long password", by=TESTS)
            case "end the authorization":
                authorizations.revoke_all(user, reason="test")
    assert tv.poll(asked.device_code).error == "invalid_grant"


def test_neither_code_is_kept_or_logged(tv: Device, world: World, logs: Logs) -> None:
    asked = tv.ask()
    tv.open(asked.verification_uri_complete)
    tv.browser.submit(user_code=asked.user_code)
    tv.browser.submit(press="allow")
    assert tv.poll(asked.device_code).status == 200
    for secret in (asked.device_code, asked.user_code, asked.user_code.replace("-", "")):
        assert secret not in logs.text
    if world.database == "sqlite":
        file = Path(world.settings.database_url.removeprefix("sqlite:///"))
        kept = b"".join(path.read_bytes() for path in file.parent.glob("bailiwick.db*"))
        assert kept
        assert asked.device_code.encode() not in kept
        assert asked.user_code.replace("-", "").encode() not in kept


def test_a_device_may_ask_for_a_resource(tv: Device, world: World) -> None:
    """RFC 8707 §2.2: nothing is spent on a token for another one."""
    api = "https://notes.example"
    with world.inside():
        resources.create(world.tenant, identifier=api, name="Notes", scopes={"read": "Read your notes"}, by=TESTS)
    asked = tv.ask(resource=api, scope="openid read")
    tv.open(asked.verification_uri)
    assert "Notes: Read your notes" in tv.browser.submit(user_code=asked.user_code).words
    tv.browser.submit(press="allow")
    refused = tv.token(grant_type=GRANT_TYPE, device_code=asked.device_code, resource=f"{world.url}/api")
    assert refused.error == "invalid_target"
    assert unverified_claims(tv.poll(asked.device_code).access_token)["aud"] == [api]


def test_discovery_names_the_endpoint(tv: Device, world: World) -> None:
    """RFC 8628 §4."""
    assert tv.metadata["device_authorization_endpoint"] == f"{world.url}/device_authorization"
    assert GRANT_TYPE in tv.metadata["grant_types_supported"]
    assert dict(parse_qsl(urlsplit(tv.ask().verification_uri_complete).query)).keys() == {"user_code"}
