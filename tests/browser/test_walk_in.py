"""Every page around signing in, with what is wrong on it; in English with scripts, in Arabic without them."""

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import expect

from shared.kit import clock
from shared.services import invitations, users
from tests.browser.conftest import Camera, Opener
from tests.browser.walking import WAYS, Walk, walk
from tests.parts.factoring import demand
from tests.parts.post import code_to, link_to
from tests.parts.registering import let, party, register
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [
    pytest.mark.needs("chromium", "axe-core (npm)"),
    pytest.mark.parametrize("database", ["sqlite"]),
    pytest.mark.parametrize("way", WAYS, ids=["scripts", "no scripts, right to left"]),
]

STRONG = "difference engines all the way"
CHARLES = "charles.babbage@a-rather-long-address.analytical-engines.example"
Walker = Callable[[], Walk]


@pytest.fixture
def walker(opened: Opener, world: World, camera: Camera, way: tuple[str, bool]) -> Walker:
    """Opens a browser."""
    return lambda: walk(opened, world, camera, way)


def test_signing_in_and_what_an_application_is_allowed(walker: Walker, world: World, rp: RelyingParty) -> None:
    demand(world, factors=["password", "passkey", "totp", "email"])
    it = walker()
    it.go(rp.authorize_url(), "login")
    it.fill(email=world.ada.email, password="not hers")
    it.press()
    it.see("login-refused", ".error, .notice")
    it.sign_in()
    it.see("consent", "#allow")
    it.go(rp.authorize_url(prompt="select_account"), "select-account", "#another")
    it.press("continue")
    let(world)
    about = {name: f"https://newcomer.example/{name}" for name in ("client_uri", "policy_uri", "tos_uri")}
    name = "A newcomer (with quite a long name, as some applications have)"
    newcomer = party(world, register(world, client_name=name, redirect_uris=["http://127.0.0.1/callback"], **about))
    it.go(newcomer.authorize_url(), "consent-unverified", "#allow")
    world.later(minutes=30)
    it.go("/account/password", "login-again", "#sign-out")
    it.press("sign-out")
    it.see("signed-out", "#login")


def test_making_an_account(walker: Walker, world: World) -> None:
    demand(world, email_verification="before", sign_up_domains=["engines.example"])
    it = walker()
    it.go("/signup")
    it.fill(name="x", email=CHARLES, password="short but long enough")
    it.page.locator("#password").evaluate("input => { input.value = 'password1234' }")
    it.press()
    it.see("signup-refused", ".error")
    it.fill(email=CHARLES, password=STRONG)
    it.press()
    it.see("signup-code", "#code")
    it.fill(code="AAAAAA")
    it.press()
    it.see("signup-code-refused", ".error, .notice")
    it.press("resend")
    it.see("signup-code-again", ".notice.success")
    it.fill(code=code_to(world, CHARLES))
    it.press()
    expect(it.page).to_have_url(f"{world.url}/account")
    demand(world, sign_up="domain")
    closed = walker()
    closed.go("/signup", "signup-domain", "#email")
    for sign_up in ("off", "invitation"):
        demand(world, sign_up=sign_up)
        closed.go("/signup", f"signup-{sign_up}", "#login")
    with world.inside():
        invitations.create(world.tenant, email="invited@example.com", by=TESTS)
    link = link_to(world, "invited@example.com")
    closed.go(link, "invitation", "#password")
    closed.fill(password=STRONG)
    closed.press()
    expect(closed.page).to_have_url(f"{world.url}/account")
    closed.go(link, "invitation-over", ".error-mark")


def test_a_forgotten_password(walker: Walker, world: World) -> None:
    it = walker()
    it.go("/recover", "recover", "#email")
    it.fill(email=world.ada.email)
    it.press()
    it.see("recover-sent", "#again")
    link = link_to(world, world.ada.email)
    it.go(link)
    it.page.locator("#password").fill("password1234")
    it.press()
    it.see("recover-password-refused", ".error")
    it.fill(password=STRONG)
    it.press()
    it.see("recovered", ".notice")
    it.go(link, "recover-over", ".error-mark")


def test_a_letter_instead_of_a_password(walker: Walker, world: World) -> None:
    demand(world, factors=["passkey", "email"], email_verification="before")
    it, other = walker(), walker()
    it.go("/signup", "signup-without-password", "#email")
    it.go("/login", "login-without-password", "#email")
    demand(world, factors=["password", "email"])
    it.go("/login/code", "login-code", "#email")
    it.fill(email=world.ada.email)
    it.press()
    it.press("resend")
    it.see("login-letter-again", ".notice.success")
    it.fill(code="AAAAAA")
    it.press()
    it.see("login-letter-refused", ".error, .notice")
    link = link_to(world, world.ada.email)
    other.go(link, "login-link-elsewhere")
    it.go(link, "login-link", "#submit")
    it.press()
    expect(it.page).to_have_url(f"{world.url}/account")
    other.go(link, "login-link-over", ".error-mark")


def test_a_second_factor(walker: Walker, world: World, rp: RelyingParty) -> None:
    demand(world, second_factor="always", factors=["password", "email"])
    it = walker()
    it.go(rp.authorize_url())
    it.sign_in()
    it.see("factor-email", "#send")
    it.press("send")
    it.see("factor-email-sent", "#code")
    it.fill(code="AAAAAA")
    it.press()
    it.see("factor-email-refused", ".error, .notice")
    demand(world, factors=["password", "passkey", "totp"])
    it.go(rp.authorize_url())
    it.see("factor-new", "#add-totp")
    it.press("add-totp")
    it.page.locator(".qr-text summary").click()
    secret = it.page.locator(".qr-text code").inner_text()
    it.see("factor-new-totp", ".qr")
    it.fill(code="000000")
    it.press()
    it.see("factor-new-totp-refused", ".error, .notice")
    it.fill(code=pyotp.TOTP(secret).at(clock.timestamp()))
    it.press()
    it.see("recovery-codes", "#codes")
    codes = it.page.locator("#codes").inner_text()
    it.press("onward")
    expect(it.page.locator("#allow")).to_be_visible()
    other = walker()
    other.go(rp.authorize_url())
    other.sign_in()
    other.see("factor-totp", "#code")
    other.fill(code="000000")
    other.press()
    other.see("factor-totp-refused", ".error, .notice")
    other.press("use-recovery")
    other.fill(code="nonsense")
    other.press()
    other.see("factor-recovery-refused", ".error, .notice")
    other.fill(code=codes.split()[0])
    other.press()
    expect(other.page.locator("#allow")).to_be_visible()


def test_an_address_is_verified(walker: Walker, world: World) -> None:
    demand(world, email_verification="required", factors=["password"])
    with world.inside():
        users.create(world.tenant, email="eve@example.com", password=STRONG, by=TESTS)
    it = walker()
    it.go("/login?next=/device")
    it.fill(email="eve@example.com", password=STRONG)
    it.press()
    it.see("verify", "#send")
    it.press("send")
    it.see("verify-code", "#code")
    it.fill(code="AAAAAA")
    it.press()
    it.see("verify-refused", ".error, .notice")
    it.press("resend")
    it.see("verify-again", "#code")
    it.fill(code=code_to(world, "eve@example.com"))
    it.press()
    it.see("device", "#user_code")


def test_by_keyboard_alone(walker: Walker, world: World) -> None:
    it = walker()
    it.go("/login")
    keys = it.page.keyboard
    keys.type(world.ada.email)
    keys.press("Tab")
    keys.type(world.ada.password)
    keys.press("Enter")
    expect(it.page).to_have_url(f"{world.url}/account")
    keys.press("Tab")
    expect(it.page.locator("a.skip")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    expect(it.page.locator(".account-menu a").first).to_be_focused()
