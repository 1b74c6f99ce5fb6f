"""The pages about oneself in a real browser, by day, by night and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Camera, Opener
from tests.parts.world import World

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.parametrize("database", ["sqlite"])]


@pytest.fixture
def page(world: World, opened: Opener) -> Page:
    """A window in which ada is signed in."""
    page = opened(world.url)
    page.goto("/login")
    sign_in(page, world)
    return page


def sign_in(page: Page, world: World) -> None:
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in").click()


def test_the_menu_leads_to_every_page(page: Page, camera: Camera) -> None:
    menu = page.get_by_role("navigation", name="Your account")
    for words in ("Profile", "Security", "Sessions", "Applications"):
        menu.get_by_role("link", name=words).click()
        expect(menu.get_by_role("link", name=words)).to_have_attribute("aria-current", "page")
        camera.take(page, words.lower())


def test_who_signed_in_a_while_ago_is_asked_again(page: Page, world: World, camera: Camera) -> None:
    world.later(minutes=11)
    page.goto("/account/security")
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    camera.take(page, "again")
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    camera.take(page, "password")
