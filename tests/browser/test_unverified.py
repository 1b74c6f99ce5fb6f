"""A person meets an application that registered itself: what they see on a phone and on a desk, with and without scripts."""

import base64

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Opener
from tests.parts.https import Https
from tests.parts.registering import let, party, register
from tests.parts.world import World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]

# One red dot.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, False), (DESK, True)])
def test_nobody_answers_for_a_newcomer(opened: Opener, world: World, https: Https, size: object, scripts: bool) -> None:
    https.answer("/dot.png", PNG, {"Content-Type": "image/png"})
    let(world)
    about = {name: f"https://newcomer.example/{name}" for name in ("client_uri", "policy_uri", "tos_uri")}
    rp = party(world, register(world, logo_uri=f"{https.url}/dot.png", **about))
    page = opened(world.url, viewport=size, java_script_enabled=scripts)
    page.goto(rp.authorize_url())
    logo = page.locator("img[src^='/logo/']")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.naturalWidth") == 1, "the picture itself is shown"
    expect(page.get_by_role("link", name="Privacy policy")).to_have_attribute("href", about["policy_uri"])
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Allow Newcomer?")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("Unverified application.")
    expect(page.get_by_role("link", name="Terms of service")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing is wider than the window"
