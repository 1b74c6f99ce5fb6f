"""The pages in the widest script and with the longest words; and the menu of languages, by hand."""

import pytest
from playwright.sync_api import expect

from shared.kit.languages import LANGUAGES
from shared.services import tenants
from tests.browser.conftest import DESK, PHONE, Camera, Opener
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]

ACCOUNT = ("/account", "/account/security", "/account/sessions", "/account/applications", "/device")


@pytest.mark.parametrize("language", ["ja", "de"])
def test_the_pages_stand_in_every_script(opened: Opener, world: World, camera: Camera, rp: RelyingParty, language: str) -> None:
    page = opened(world.url, locale=language)
    page.goto(rp.authorize_url())
    camera.take(page, f"{language}-login")
    page.locator("#signup").click()
    camera.take(page, f"{language}-signup")
    page.locator("#login").click()
    page.locator("#email").fill(world.ada.email)
    page.locator("#password").fill(world.ada.password)
    page.locator("#submit").click()
    expect(page.locator("#allow")).to_be_visible()
    camera.take(page, f"{language}-consent")
    for path in ACCOUNT:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        camera.take(page, f"{language}{path.replace('/', '-')}")


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_the_menu_of_languages_opens_chooses_and_closes(
    opened: Opener, world: World, camera: Camera, size: object, scripts: bool
) -> None:
    page = opened(world.url, viewport=size, java_script_enabled=scripts)
    page.goto("/login")
    menu = page.locator("details.languages")
    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("button", name="Français")).to_be_visible()
    assert menu.get_by_role("button").first.bounding_box()["y"] >= 0, "the whole menu is in the window"  # type: ignore[index]
    if scripts:
        page.keyboard.press("Escape")
        expect(menu.get_by_role("button", name="Français")).not_to_be_visible()
        expect(menu.locator("summary")).to_be_focused()
        page.keyboard.press("Enter")
        camera.take(page, "menu")
    menu.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page).to_have_url(f"{world.url}/login")
    expect(page.locator("details.languages summary")).to_contain_text("العربية")


def test_what_was_typed_stays_when_another_language_is_chosen_and_secrets_do_not(opened: Opener, world: World) -> None:
    page = opened(world.url)
    page.goto("/signup")
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("E-mail").fill("grace@example.com")
    page.locator("[name=password]").fill("nanoseconds of wire")
    page.get_by_role("button", name="Show").click()
    page.locator("details.languages summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("[name=name]")).to_have_value("Grace Hopper")
    expect(page.locator("[name=email]")).to_have_value("grace@example.com")
    expect(page.locator("[name=password]")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("")


@pytest.mark.parametrize("width", [320, 390])
def test_the_open_menu_is_in_the_narrowest_window_beside_all_that_a_foot_has(opened: Opener, world: World, width: int) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, support_contact="help@example.com")
    for language in LANGUAGES:
        page = opened(world.url, locale=language, viewport={"width": width, "height": 700})
        page.goto("/login")
        page.locator("details.languages summary").click()
        box = page.locator("details.languages form").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width, language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, language
