"""Every page about oneself, with its questions and refusals; in English with scripts, in Arabic without them."""

import pytest
from playwright.sync_api import expect

from shared.models.device import GRANT_TYPE
from shared.services import clients, enrolments
from tests.browser.conftest import Camera, Opener
from tests.browser.walking import WAYS, Walk, walk
from tests.parts.factoring import equip
from tests.parts.post import code_to
from tests.parts.signed_in import IPHONE, listed, signed_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [
    pytest.mark.needs("chromium", "axe-core (npm)"),
    pytest.mark.parametrize("database", ["sqlite"]),
    pytest.mark.parametrize("way", WAYS, ids=["scripts", "no scripts, right to left"]),
]

STRONG = "difference engines all the way"


@pytest.fixture
def it(opened: Opener, world: World, camera: Camera, way: tuple[str, bool]) -> Walk:
    return walk(opened, world, camera, way)


def test_profile_address_and_password(it: Walk, world: World) -> None:
    it.go("/login")
    it.sign_in()
    it.go("/account/applications", "applications-none", ".empty")
    it.go("/account/identities", "identities-none", ".empty")
    it.go("/account", "account", "#change-email")
    it.fill(name="a" * 201)
    it.page.locator("#name").evaluate("input => { input.removeAttribute('maxlength'); input.value = 'a'.repeat(201) }")
    it.press()
    it.see("account-refused", ".error")
    it.fill(name="Augusta Ada King, Countess of Lovelace, who wrote the first program for a machine that was never built")
    it.press()
    it.see("account-saved", ".notice")
    expect(it.page.locator(".account-name")).to_contain_text("Countess of Lovelace")
    it.press("change-email")
    it.fill(email=world.ada.email)
    it.press()
    it.see("email-refused", ".error, .notice")
    it.fill(email="countess@example.org")
    it.press()
    it.see("email-code", "#code")
    it.fill(code="AAAAAA")
    it.press()
    it.see("email-code-refused", ".error, .notice")
    it.fill(code=code_to(world, "countess@example.org"))
    it.press()
    it.see("email-changed", ".notice")
    world.later(minutes=11)
    it.go("/account/password", "password-fresh-login", "#sign-out")
    it.fill(password=world.ada.password)
    it.press()
    it.see("password", "[autocomplete='new-password']")
    it.fill(password=f"{world.ada.email} lovelace"[:11])
    it.page.locator("#password").evaluate("input => { input.removeAttribute('minlength') }")
    it.press()
    it.see("password-refused", ".error, .notice")
    it.fill(password=STRONG)
    it.press()
    it.see("security-none", ".notice")


def test_factors(it: Walk, world: World) -> None:
    ada = equip(world, world.ada)
    with world.inside():
        app = enrolments.of(world.user(world.ada))[0].id
    it.go("/login?next=/account/security")
    it.sign_in()
    it.fill(code=ada.app.code())
    it.press()
    it.see("security", "#factors")
    it.go("/account/factors/recovery-codes", "recovery-codes-question")
    it.confirm()
    it.see("recovery-codes-new", "#codes")
    it.press("onward")
    it.go("/account/factors/totp/new", "factor-added-totp", ".qr")
    it.go("/account/factors/passkey/new", "factor-added-passkey")
    it.go(f"/account/factors/totp/{app}", "factor-name", "#name")
    it.fill(name="The phone that I take along when I travel and that I also use for everything else")
    it.press()
    it.see("security-long-name", "#factors")
    it.go(f"/account/factors/totp/{app}/removed", "factor-remove")
    it.confirm()
    it.see("factor-removed", ".notice")


def test_sessions_applications_and_data(it: Walk, world: World) -> None:
    signed_in(world, IPHONE)
    with world.inside():
        clients.update(world.client(world.ours), initiate_login_uri="https://ours.example/start", by=TESTS)
    for application in (world.web, world.spa, world.ours):
        RelyingParty(world.url, application, world.ada).tokens()
    it.go("/login?next=/account/sessions")
    it.sign_in()
    for entry in it.page.locator(".account-menu a").all():
        entry.click()
        expect(entry).to_have_attribute("aria-current", "page")
    it.go("/account/sessions", "sessions", "#end-others")
    phone = next(each for each in listed(world) if "iPhone" in each.user_agent)
    it.go(f"/account/sessions/{phone.sid}/end", "session-end")
    it.confirm()
    it.see("session-ended", ".notice")
    it.go("/account/sessions/others/end", "sessions-end")
    it.go("/account/applications", "applications", ".list")
    it.go(f"/account/applications/{world.web.id}/withdrawal", "withdrawal")
    it.confirm()
    it.see("withdrawn", ".notice")
    it.go("/account/data", "data", "#delete")
    it.go("/account/data/copy", "data-copy")
    with it.page.expect_download() as download:
        it.press()
    assert download.value.suggested_filename == "my-data.json"
    it.go("/account/deletion", "deletion", "#confirmation")
    it.fill(confirmation="somebody@example.com")
    it.press()
    it.see("deletion-refused", ".error, .notice")
    it.fill(confirmation=world.ada.email)
    it.press()
    it.see("deleted", ".notice")
    it.go("/login?next=/account/deletion")
    it.sign_in(world.admin)
    it.see("deletion-hindered", ".notice")


def test_a_device_is_let_in_or_not(it: Walk, world: World, spa: RelyingParty) -> None:
    with world.inside():
        clients.update(world.client(world.spa), grant_types=[GRANT_TYPE], by=TESTS)

    def ask() -> str:
        told = {"client_id": spa.application.client_id, "scope": "openid email"}
        return str(spa.post(spa.metadata["device_authorization_endpoint"], told, {}).user_code)

    it.go(f"/device?user_code={ask()}")
    it.sign_in()
    it.see("device-brought", "#user_code")
    it.press()
    it.see("device-request", "#allow")
    it.press("allow")
    it.see("device-allowed", ".error-mark.good")
    it.go("/device", "device", "#user_code")
    it.fill(user_code="BBBB-BBBB")
    it.press()
    it.see("device-refused", ".error, .notice")
    it.fill(user_code=ask())
    it.press()
    it.press("deny")
    it.see("device-denied", ".error-mark")
