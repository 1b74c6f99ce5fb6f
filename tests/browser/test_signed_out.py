"""Signing out where two applications sign out in frames of ours, with and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from shared.services import clients
from tests.parts.https import Https
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def window(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=request.param)
    yield context
    context.close()


def test_the_browser_goes_on_when_both_applications_have_heard(
    window: BrowserContext, rp: RelyingParty, world: World, https: Https
) -> None:
    for path in ("/first", "/second", "/bye?state=s"):
        https.answer(path, b"<!doctype html><title>Bye</title><p>Bye", {"Content-Type": "text/html"})
    other = https.url.replace("127.0.0.1", "localhost")
    moved(world, world.web, https.url, "/first")
    moved(world, world.spa, other, "/second")
    hint = rp.tokens(redirect_uri=f"{https.url}/callback").id_token
    RelyingParty(rp.issuer, world.spa, rp.person, rp.browser).tokens(redirect_uri=f"{other}/callback")
    window.add_cookies([{"name": each.name, "value": each.value, "url": world.url} for each in rp.browser.jar])
    faults: list[str] = []
    window.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    window.on("weberror", lambda error: faults.append(str(error.error)))
    page = window.new_page()
    page.goto(f"{world.url}/logout?id_token_hint={hint}&post_logout_redirect_uri={https.url}/bye&state=s")
    page.wait_for_url(f"{https.url}/bye?state=s", timeout=15_000)
    asked = [each["path"] for each in https.asked if each["path"] in ("/first", "/second", "/bye?state=s")]
    assert set(asked[:2]) == {"/first", "/second"}
    assert asked[2:] == ["/bye?state=s"]
    assert faults == []
    page.goto(f"{world.url}/account")
    assert page.url.startswith(f"{world.url}/login")


def moved(world: World, application: Application, origin: str, path: str) -> None:
    """The application is at `origin`, and signs out in a frame of this path."""
    addresses = {"redirect_uris": [f"{origin}/callback"], "post_logout_redirect_uris": [f"{origin}/bye"]}
    with world.inside():
        clients.update(world.client(application), by=TESTS, frontchannel_logout_uri=origin + path, **addresses)
