"""Adding passkeys: each once, and to one account; and which factor is asked for first."""

from typing import Any

import pytest

from tests.parts.authenticator import Authenticator, Credential, add_passkey, device_for, options_on, sign_in_with
from tests.parts.browsing import Browser
from tests.parts.factoring import codes_on, demand, equip, sign_in
from tests.parts.world import World


@pytest.fixture
def phone(world: World) -> Authenticator:
    """A device of Ada's with a passkey for her account, which she added in a browser."""
    device, browser = device_for(world.url), Browser(world.url)
    sign_in(browser, world.ada)
    assert len(codes_on(add_passkey(browser, device))) == 10
    return device


@pytest.mark.parametrize("database", ["sqlite"])
def test_where_the_tenant_offers_none_nobody_signs_in_by_one(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    page = browser.get("/login")
    demand(world, factors=["password"])
    world.later(seconds=3)
    assert browser.submit(credential=phone.get(options_on(page))).status == 422
    assert "passkey-form" not in browser.get("/login").text
    assert sign_in(browser, world.ada).path == "/factor/passkey", "it still guards the account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_passkey_is_added_once_and_devices_are_told_which_are_there(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    sign_in_with(browser, phone)
    options = options_on(browser.get("/account/factors/passkey/new"))
    assert len(options["excludeCredentials"]) == 1
    made = phone.create(options)
    assert browser.submit(credential=made, name="Again").path == "/account/security"
    browser.get("/account/factors/passkey/new")
    assert browser.submit(credential=made, name="Again").status == 422, "its challenge is spent"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_credential_has_one_owner(world: World, phone: Authenticator) -> None:
    eve, browser = world.add_person("eve@example.com"), Browser(world.url)
    sign_in(browser, eve)
    options = options_on(browser.get("/account/factors/passkey/new"))
    page = browser.submit(credential=_with_id(device_for(world.url), options, phone.credentials[0].id), name="")
    assert page.status == 409
    assert sign_in_with(Browser(world.url), phone).path == "/account", "and Ada's goes on"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_passkey_is_added_while_signing_in_where_one_is_demanded(world: World, browser: Browser) -> None:
    demand(world, second_factor="always")
    device = device_for(world.url)
    assert sign_in(browser, world.ada, "/account/sessions").path == "/factor/new"
    page = browser.follow("add-passkey")
    page = browser.submit(credential=device.create(options_on(page)), name="")
    assert len(codes_on(page)) == 10
    assert browser.follow("onward").path == "/account/sessions"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_one_that_served_last_is_asked_for_first(world: World, phone: Authenticator) -> None:
    ada, browser = equip(world, world.ada), Browser(world.url)
    assert sign_in(browser, world.ada).path == "/factor/passkey"
    browser.follow("use-totp")
    browser.submit(code=ada.app.code())
    assert sign_in_again(browser, world) == "/factor/totp"
    browser.follow("use-passkey")
    browser.submit(credential=phone.get(options_on(browser.page)))
    assert sign_in_again(browser, world) == "/factor/passkey"


def sign_in_again(browser: Browser, world: World) -> str:
    browser.get("/logout")
    browser.submit(press="Sign out")
    return sign_in(browser, world.ada).path


def _with_id(device: Authenticator, options: dict[str, Any], credential_id: bytes) -> str:
    """What a device makes that calls its new key by the id of another."""
    made = Credential(options["rp"]["id"], b"", id=credential_id)
    return device.create(options, credential=made)
