"""The pages on the way to others and back, and those of what went wrong; in English with scripts, in Arabic without them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from shared.models.device import GRANT_TYPE
from shared.services import clients
from tests.browser.conftest import Camera, Opener
from tests.browser.walking import WAYS, Walk, walk
from tests.parts.elsewhere import Elsewhere
from tests.parts.factoring import demand
from tests.parts.fields import make
from tests.parts.https import Https
from tests.parts.signed_in import signed_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [
    pytest.mark.needs("chromium", "axe-core (npm)"),
    pytest.mark.parametrize("database", ["sqlite"]),
    pytest.mark.parametrize("way", WAYS, ids=["scripts", "no scripts, right to left"]),
]


@pytest.fixture
def it(opened: Opener, world: World, camera: Camera, https: Https, way: tuple[str, bool]) -> Walk:
    return walk(opened, world, camera, way, also=[https.url], ignore_https_errors=True)


@pytest.fixture
def elsewhere(https: Https, world: World) -> Elsewhere:
    """A provider, and the page of it where people sign in."""
    provider = Elsewhere(https)
    provider.add_to(world)
    https.answer("/op/authorize", b"<!doctype html><title>Elsewhere</title>", {"Content-Type": "text/html"})
    return provider


def come_with(it: Walk, elsewhere: Elsewhere, press: str = "with-elsewhere", **claims: object) -> None:
    """Go to the provider by this button, sign in there as somebody, and come back."""
    it.press(press)
    it.page.wait_for_url(f"{elsewhere.issuer}/authorize**")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(it.page.url).query).items()}
    elsewhere.tokens(elsewhere.id_token(asked, **claims))
    it.go(f"/login/with/elsewhere/callback?code=a-code&state={asked['state']}")


def test_an_account_elsewhere(it: Walk, world: World, elsewhere: Elsewhere, rp: RelyingParty) -> None:
    with world.inside():
        make(world, "string", slug="company", name="Company", required=True)
    it.go(rp.authorize_url(), "login-with-others", "#with-elsewhere")
    come_with(it, elsewhere, email=world.ada.email)
    it.see("joining-known", "#sign-in")
    it.press("sign-in")
    it.sign_in()
    it.see("identity-arrival", "#link")
    it.press("link")
    expect(it.page.locator("#allow")).to_be_visible()
    it.go("/account/identities", "identities", ".list")
    it.page.locator(".list-actions a").click()
    it.see("identity-unlink")
    it.confirm()
    it.see("identity-unlinked", ".notice")
    come_with(it, elsewhere, "link-elsewhere", sub="another", email="ada@elsewhere.example")
    it.see("identity-linked", ".list")
    it.press("sign-out")
    it.go("/login", "login-last-used", ".badge")
    elsewhere.json("/userinfo", {"sub": "somebody-2"})
    come_with(it, elsewhere, sub="somebody-2", email=None, name="Charles Babbage")
    it.see("joining", "#submit")
    it.fill(email="charles@example.com")
    it.page.locator("[id='fields.company']").evaluate("input => { input.required = false }")
    it.press()
    it.see("joining-refused", ".error")


def test_a_provider_that_fails(it: Walk, world: World, elsewhere: Elsewhere, https: Https) -> None:
    it.go("/login")
    come_with(it, elsewhere, aud="somebody else")
    it.see("provider-failed", "#back")
    it.go("/login/with/elsewhere/callback?state=x&code=y", "provider-over", "#back")
    it.go("/login/joining", "joining-over")
    demand(world, sign_up="off")
    it.go("/login")
    come_with(it, elsewhere)
    it.see("provider-closed")
    https.answer("/op/.well-known/openid-configuration", b"", status=503)
    with world.inside():
        Elsewhere(https, "/away").add_to(world, "away")
    https.answer("/away/.well-known/openid-configuration", b"", status=503)
    it.go("/login")
    it.press("with-away")
    it.see("provider-silent", "#back")


def test_what_went_wrong(it: Walk, world: World, rp: RelyingParty, spa: RelyingParty) -> None:
    with world.inside():
        clients.update(world.client(world.spa), grant_types=[GRANT_TYPE], by=TESTS)
        clients.update(world.client(world.web), initiate_login_uri="https://shop.example/start", by=TESTS)
    it.go("/nothing-is-here", "error-not-found")
    it.go("/authorize?client_id=nobody", "error-client")
    it.go(rp.authorize_url(redirect_uri="https://elsewhere.example/back"), "error-redirect")
    it.go("/login")
    it.page.context.clear_cookies()
    it.sign_in()
    it.see("error-form-over")
    it.go(rp.authorize_url())
    world.later(hours=2)
    it.sign_in()
    it.see("error-request-over")
    it.go("/device")
    told = {"client_id": spa.application.client_id, "scope": "openid"}
    asked = spa.post(spa.metadata["device_authorization_endpoint"], told, {})
    it.fill(user_code=asked.user_code)
    it.press()
    address = it.page.url
    browser = signed_in(world)
    browser.get("/device")
    for _ in range(5):
        browser.submit(user_code=asked.user_code[:-1] + ("B" if asked.user_code[-1] != "B" else "C"))
    it.go(address, "device-guessed", ".error-mark")
    for letter in "BCDFG":
        browser.submit(user_code=f"BBBB-BBB{letter}")
    it.go("/device")
    it.fill(user_code="BBBB-BBBB")
    it.press()
    it.see("error-too-many")


def test_signing_out_and_the_answer_in_a_form(it: Walk, world: World, rp: RelyingParty, https: Https) -> None:
    it.page.route("**/form_post.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    it.go(rp.authorize_url(response_mode="form_post"))
    it.sign_in()
    it.press("allow")
    it.see("form-post", "#continue")
    it.go("/logout", "logout", "#stay")
    https.answer("/callback", b"<!doctype html><title>Back</title>", {"Content-Type": "text/html"})
    # A frame that is never loaded holds the page.
    https.raw("/front", [b"HTTP/1.1 200 X\r\n", b""], pause=20)
    uris = {"redirect_uris": [f"{https.url}/callback"], "frontchannel_logout_uri": f"{https.url}/front"}
    with world.inside():
        clients.update(world.client(world.web), by=TESTS, post_logout_redirect_uris=[f"{https.url}/bye"], **uris)
    it.go(rp.authorize_url(redirect_uri=f"{https.url}/callback", prompt="consent"))
    it.press("allow")
    it.page.wait_for_url(f"{https.url}/callback**")
    code = parse_qs(urlsplit(it.page.url).query)["code"][0]
    hint = rp.exchange(code).id_token
    it.page.route("**/signed_out.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    it.page.goto(f"/logout?id_token_hint={hint}&post_logout_redirect_uri={https.url}/bye&state=s", wait_until="commit")
    it.see("signed-out-frames", "#continue")
