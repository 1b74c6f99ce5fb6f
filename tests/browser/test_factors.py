"""Second factors in a real browser: an app, recovery codes, and passkeys of Chromium's own virtual authenticator."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from shared.kit import clock
from tests.browser.conftest import Camera, Opener
from tests.browser.walking import RIGHT_TO_LEFT, walk
from tests.parts.factoring import demand, equip
from tests.parts.serving import Origin
from tests.parts.valkey import Valkey
from tests.parts.world import Template, World, open_world

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


class Named:
    """The same server by its name: credentials belong to names, and none to 127.0.0.1."""

    def __init__(self, origin: Origin) -> None:
        self.url, self.show = origin.url.replace("127.0.0.1", "localhost"), origin.show


@pytest.fixture
def named(
    origin: Origin, valkey: Valkey, database: str, template: Template, database_url: str, tmp_path: Path
) -> Iterator[World]:
    opened = open_world(
        Named(origin),
        valkey,
        database=database,
        database_url=database_url,
        cast=template.cast,
        folder=tmp_path,  # type: ignore[arg-type]
    )
    yield opened
    origin.hide()
    opened.close()


def device(page: Page) -> None:
    """Give the browser an authenticator of its own."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def fill_in(page: Page, world: World) -> None:
    who = world.ada
    page.get_by_label("E-mail address").fill(who.email)
    page.get_by_label("Password", exact=True).fill(who.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/logout")
    page.get_by_role("button", name="Sign out").click()


def test_a_passkey_is_added_and_signs_in_by_autofill_by_the_button_and_as_second_factor(
    opened: Opener, camera: Camera, named: World
) -> None:
    page = opened(named.url)
    device(page)
    page.goto("/account/security")
    fill_in(page, named)
    expect(page.get_by_role("heading", name="Passkeys and second factors")).to_be_visible()
    camera.take(page, "security-none")
    page.get_by_role("link", name="Passkey", exact=True).click()
    camera.take(page, "add-passkey")
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    camera.take(page, "recovery-codes")
    page.emulate_media(media="print")
    expect(page.locator(".codes-owner")).to_be_visible()
    expect(page.locator(".codes-owner")).to_contain_text(named.ada.email)
    box = page.locator("#codes").bounding_box()
    assert box and box["width"] > 300, "no column of the menu, which is not printed"
    expect(page.get_by_role("contentinfo")).not_to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("This laptop")).to_be_visible()
    camera.take(page, "security")
    # Adding it again on the same device is refused by the device.
    page.get_by_role("link", name="Passkey", exact=True).click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()

    # By autofill, which the virtual authenticator answers by itself.
    sign_out(page)
    page.goto("/login")
    page.wait_for_url("**/account")

    # By the button, in a browser without autofill.
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    sign_out(page)
    page.goto("/login")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    camera.take(page, "login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account")

    # As the second factor.
    sign_out(page)
    page.goto("/login")
    fill_in(page, named)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    camera.take(page, "second-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/account")


def test_a_passkey_from_right_to_left(opened: Opener, camera: Camera, named: World) -> None:
    it = walk(opened, named, camera, RIGHT_TO_LEFT)
    device(it.page)
    it.go("/login?next=/account/security")
    it.sign_in(named.ada)
    it.press("add-passkey")
    it.see("add-passkey", "#passkey")
    it.fill(name="iPhone (الهاتف)")
    it.press("passkey")
    it.see("recovery-codes", "#codes")
    it.press("onward")
    it.see("security", "#factors")
    it.press("add-passkey")
    it.press("passkey")
    it.see("passkey-known", "[data-passkey-known]")
    it.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    it.press("sign-out")
    it.go("/login", "login-passkey", "#passkey")
    it.sign_in(named.ada)
    it.see("second-passkey", "#passkey")
    it.page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }")
    it.press("passkey")
    it.see("passkey-failed", "[data-passkey-failed]")
    it.go("/factor/recovery", "second-recovery", "#code")
    it.page.locator("details.languages summary").click()
    it.see("languages", "details.languages button")


def test_without_a_person_the_passkey_is_not_used_and_the_page_says_so(opened: Opener, named: World) -> None:
    page = opened(named.url)
    device(page)
    page.goto("/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used. Try again, or go on another way.")).to_be_visible(timeout=15000)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_app_is_added_while_signing_in_and_asked_for(opened: Opener, camera: Camera, world: World, scripts: bool) -> None:
    demand(world, second_factor="always")
    page = opened(world.url, java_script_enabled=scripts)
    shoot: Callable[[str], None] = (lambda name: camera.take(page, name)) if scripts else (lambda name: None)
    page.goto("/login?next=/account/security")
    fill_in(page, world)
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    shoot("add-a-factor")
    page.get_by_role("link", name="Authenticator app").click()
    page.get_by_text("Cannot scan it?").click()
    secret = page.locator(".qr-text code").inner_text()
    assert len(secret) == 32, "it is shown in groups of four, and nothing stands between them"
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy the key").click()
        assert page.evaluate("navigator.clipboard.readText()") == secret
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.qr-text code'))")
        assert page.evaluate("getSelection().toString()") == secret, "nor when it is copied by hand"
        page.evaluate("getSelection().empty()")
    shoot("add-app")
    page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).at(clock.timestamp()))
    page.get_by_role("button", name="Add this app").click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    codes = loading.value.path().read_text()
    assert world.ada.email in codes
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("10 left")).to_be_visible()
    shoot("security-with-app")
    world.later(seconds=60)
    sign_out(page)
    page.goto("/login")
    fill_in(page, world)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    shoot("second-app")
    page.get_by_role("link", name="Use a recovery code instead").click()
    shoot("second-recovery")
    page.get_by_label("Code").fill(codes.split()[-1])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/account")


def test_a_factor_is_renamed_and_removed(opened: Opener, camera: Camera, world: World) -> None:
    ada = equip(world, world.ada)
    page = opened(world.url)
    page.goto("/account/security")
    fill_in(page, world)
    page.get_by_label("Code").fill(ada.app.code())
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Rename Phone").click()
    page.get_by_role("textbox", name="Name").fill("Old phone")
    camera.take(page, "rename")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    page.get_by_label("End every other session too").check()
    camera.take(page, "remove")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    [*_, added, removed] = world.letters()
    assert "Authenticator app" in added + removed


def test_without_a_script_no_passkey_is_offered_where_factors_are_added(opened: Opener, named: World) -> None:
    page = opened(named.url, java_script_enabled=False)
    page.goto("/account/security")
    fill_in(page, named)
    expect(page.locator("#add-totp")).to_be_visible()
    expect(page.locator("#add-passkey")).to_have_count(1)
    expect(page.locator("#add-passkey")).not_to_be_visible()
