"""The pages about oneself in a real browser, by day, by night and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Camera, Opener
from tests.parts.signed_in import IPHONE, signed_in
from tests.parts.world import World
from tests.relying_party import RelyingParty

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.parametrize("database", ["sqlite"])]


@pytest.fixture
def page(world: World, opened: Opener) -> Page:
    """A window in which ada is signed in, who is also signed in on a phone and lets two applications in."""
    signed_in(world, IPHONE)
    for application in (world.web, world.ours):
        RelyingParty(world.url, application, world.ada).tokens()
    page = opened(world.url)
    page.goto("/login")
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def test_the_menu_leads_to_every_page(page: Page, camera: Camera) -> None:
    menu = page.get_by_role("navigation", name="Your account")
    for words in ("Profile", "Security", "Sessions", "Applications", "Sign-in providers", "Your data"):
        menu.get_by_role("link", name=words).click()
        expect(menu.get_by_role("link", name=words)).to_have_attribute("aria-current", "page")
        camera.take(page, words.lower().replace(" ", "-"))


def test_who_signed_in_a_while_ago_is_asked_again(page: Page, world: World, camera: Camera) -> None:
    world.later(minutes=11)
    page.goto("/account/security")
    page.get_by_role("link", name="Change your password").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    camera.take(page, "again")
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    camera.take(page, "password")


def test_an_address_is_changed(page: Page, world: World, camera: Camera) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Change", exact=True).click()
    camera.take(page, "email")
    page.get_by_label("New e-mail address").fill("countess@example.org")
    page.get_by_role("button", name="Send the code").click()
    camera.take(page, "email-code")
    code = re.search(r"\b[34679ACDEFGHJKMNPQRTVWXY]{6}\b", world.letters()[-1].split("\n\n", 1)[1])
    assert code
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Change the address").click()
    expect(page.get_by_text("Your e-mail address is changed.")).to_be_visible()


def test_an_account_is_taken_along_and_deleted(page: Page, world: World, camera: Camera) -> None:
    page.goto("/account/data")
    page.get_by_role("link", name="Download").click()
    camera.take(page, "copy")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "my-data.json"
    page.goto("/account/data")
    page.get_by_role("link", name="Delete").click()
    camera.take(page, "deletion")
    page.get_by_label("Your e-mail address").fill(world.ada.email)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    camera.take(page, "deleted")
