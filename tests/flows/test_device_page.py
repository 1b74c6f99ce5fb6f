"""The page where a person types the code of a device (RFC 8628 §3.3, §5)."""

import pytest

from shared.models.tenant import Tenant
from shared.services import devices, tenants
from tests.device import Device, allow_devices
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, World
from tests.relying_party import unverified_claims


@pytest.fixture
def tv(world: World) -> Device:
    """A public client."""
    allow_devices(world, world.spa)
    return Device(world.url, world.spa, world.ada)


@pytest.fixture
def acme(world: World) -> Tenant:
    with world.inside():
        return tenants.create(name="Acme", by=TESTS)


def wrong(user_code: str) -> str:
    """A code that begins alike."""
    return user_code[:-1] + ("B" if user_code[-1] != "B" else "C")


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} "])
def test_the_code_may_be_typed_as_people_type(tv: Device, typed: object) -> None:
    asked = tv.ask()
    tv.open()
    assert "Allow" in tv.browser.submit(user_code=typed(asked.user_code)).words


def test_a_link_brings_the_code_and_the_person_still_looks(tv: Device) -> None:
    """RFC 8628 §3.3.1: through the login, and nothing is given by opening it."""
    asked = tv.ask()
    page = tv.browser.get(asked.verification_uri_complete)
    assert page.path == "/login"
    page = tv.sign_in()
    assert page.form(user_code="").fields["user_code"] == asked.user_code
    assert "Does your device show this very code?" in page.words
    assert tv.poll(asked.device_code).error == "authorization_pending"
    page = tv.browser.submit(press="Yes, it is this code")
    assert tv.application.name in page.words
    assert all(words in page.words for words in ("See your e-mail address", "Keep this access while you are away", "127.0.0.1"))
    assert tv.browser.submit(press="allow").status == 200


@pytest.mark.parametrize("brought", ["<script>alert(1)</script>", "x" * 5000, "\0", "ä", "'\""])
def test_a_link_may_bring_anything(tv: Device, brought: str) -> None:
    tv.open()
    page = tv.browser.get("/device", user_code=brought)
    assert page.status == 200
    assert "<script>alert" not in page.text


def test_the_first_answer_counts(tv: Device) -> None:
    asked = tv.ask()
    tv.open()
    page = tv.browser.submit(user_code=asked.user_code)
    form = page.form(press="deny")
    assert tv.browser.submit(press="deny").status == 200
    assert tv.browser.post(page.url, **form.fields, decision="allow").status == 409
    assert tv.poll(asked.device_code).error == "access_denied"


def test_only_who_typed_the_code_sees_what_is_asked(tv: Device, world: World) -> None:
    asked = tv.ask()
    tv.open()
    address = tv.browser.submit(user_code=asked.user_code).url
    bob = Device(world.url, world.spa, world.add_person("bob@example.com"))
    bob.open()
    assert bob.browser.get(address).status == 404
    bob.open()
    assert bob.browser.submit(user_code=asked.user_code).status == 200
    assert tv.browser.get(address).status == 404, "whoever types it last answers it"


@pytest.mark.parametrize("path", ["/device", "typed"])
def test_a_form_of_another_site_changes_nothing(tv: Device, path: str) -> None:
    asked = tv.ask()
    tv.open()
    if path == "typed":
        path = tv.browser.submit(user_code=asked.user_code).path
    assert tv.browser.post(path, user_code=asked.user_code, decision="allow").status == 400
    assert tv.poll(asked.device_code).error == "authorization_pending"


def test_nobody_answers_without_signing_in(tv: Device, world: World) -> None:
    asked = tv.ask()
    tv.open()
    address = tv.browser.submit(user_code=asked.user_code).url
    stranger = Browser(world.url)
    assert stranger.get(address).path == "/login"
    assert stranger.get(asked.verification_uri).path == "/login"


def test_five_wrong_tries_around_a_code_burn_it(tv: Device) -> None:
    """RFC 8628 §5.1."""
    asked, other = tv.ask(), tv.ask()
    tv.open()
    for _ in range(5):
        assert tv.browser.submit(user_code=wrong(asked.user_code)).status == 422
    assert tv.browser.submit(user_code=asked.user_code).status == 422
    assert tv.poll(asked.device_code).error == "expired_token"
    assert tv.poll(other.device_code).error == "authorization_pending"


def test_guesses_are_limited_and_the_one_that_hits_too_late_burns_the_code(tv: Device, world: World) -> None:
    asked = tv.ask()
    tv.open()
    for number in range(10):
        assert tv.browser.submit(user_code=f"BBBB-BBB{devices.ALPHABET[number]}").status == 422
    limited = tv.browser.submit(user_code=asked.user_code)
    assert limited.status == 429
    assert 0 < int(limited.headers["Retry-After"]) <= 301
    assert tv.poll(asked.device_code).error == "expired_token"
    again = tv.ask()
    world.later(seconds=302)
    assert "was not" not in tv.answer(again, "allow").words
    assert tv.poll(again.device_code).status == 200


def test_a_right_code_earns_no_more_guesses(tv: Device) -> None:
    tv.open()
    for _ in range(10):
        tv.browser.get("/device")
        assert tv.browser.submit(user_code=tv.ask().user_code).status == 200
    tv.browser.get("/device")
    assert tv.browser.submit(user_code=tv.ask().user_code).status == 429


def test_tenants_share_nothing(tv: Device, world: World, acme: Tenant) -> None:
    bob = world.add_person("bob@acme.example", tenant=acme)
    set_top = world.add_application("Set-top box", tenant=acme)
    allow_devices(world, set_top)
    theirs = Device(f"{world.url}/t/acme", set_top, bob)
    asked, ours = theirs.ask(), tv.ask()
    assert asked.verification_uri == f"{world.url}/t/acme/device"
    theirs.open(asked.verification_uri_complete)
    assert theirs.browser.page.path == "/t/acme/device", "back from the login, at the tenant"
    assert theirs.browser.submit(user_code=ours.user_code).status == 422
    tv.open()
    assert tv.browser.submit(user_code=asked.user_code).status == 422
    assert tv.poll(asked.device_code).error == "invalid_grant"
    theirs.answer(asked, "allow")
    tokens = theirs.poll(asked.device_code)
    assert unverified_claims(tokens.id_token)["iss"] == f"{world.url}/t/acme"
