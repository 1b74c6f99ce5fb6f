"""User fields, walked in a real browser: made in the dashboard, filled in at sign-up with scripts and without, and seen again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Camera, Opener
from tests.parts.fields import SIZES, make
from tests.parts.world import World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]

ASKED: list[tuple[str, str, str, dict[str, object]]] = [
    ("string", "company", "Company", {"hint": "As it stands on your invoice.", "required": True, "claim": "company"}),
    ("long_text", "about", "About you", {"editable": True}),
    ("integer", "employees", "Number of employees", {}),
    ("date", "birthdate", "Birthday", {"claim": "birthdate"}),
    ("datetime", "call", "When may we call you?", {}),
    ("choice", "size", "T-shirt size", {"choices": SIZES[:2] + [["l", "Large"]], "required": True}),
    (
        "choices",
        "interests",
        "What interests you?",
        {"choices": [["a", "Engines"], ["b", "Looms"], ["c", "Tables of logarithms"]]},
    ),
    ("phone", "mobile", "Mobile phone", {"claim": "phone_number"}),
    ("address", "home", "Home address", {"claim": "address"}),
    ("timezone", "zone", "Time zone", {"claim": "zoneinfo", "default": "Europe/London"}),
    ("locale", "language", "Language", {"claim": "locale"}),
    ("boolean", "terms", "I accept the terms of service", {"required": True}),
]


@pytest.fixture
def asked(world: World) -> None:
    with world.inside():
        for kind, slug, name, rules in ASKED:
            make(world, kind, slug=slug, name=name, **rules)


def fill(page: Page) -> None:
    page.get_by_label("Company").fill("Analytical Engines Ltd")
    page.get_by_label("About you").fill("Mills and stores,\nand a printer.")
    page.get_by_label("Number of employees").fill("12")
    page.get_by_label("Birthday").fill("1815-12-10")
    page.get_by_label("When may we call you?").fill("2027-02-03T14:05")
    page.locator('[id="fields.size"]').select_option("m")
    page.get_by_label("Looms").check()
    page.get_by_label("Mobile phone").fill("+44 20 7946 0000")
    page.get_by_label("City or town").fill("London")
    page.get_by_label("Country").select_option("United Kingdom")
    page.locator('[id="fields.language"]').select_option("fr")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("scripts", [True, False])
def test_every_kind_is_filled_in(opened: Opener, world: World, camera: Camera, scripts: bool) -> None:
    page = opened(world.url, java_script_enabled=scripts, **({} if scripts else {"viewport": PHONE}))
    page.goto("/signup")
    if scripts:
        camera.take(page, "signup")
    page.locator("#name").fill("Charles Babbage")
    page.locator("#email").fill("charles@example.com")
    page.locator("#password").fill("difference engines all the way")
    fill(page)
    page.locator('[id="fields.mobile"]').fill("020 7946 0000")
    page.locator('[id="fields.terms"]').check()
    page.locator("#submit").click()
    expect(page.locator('[id="fields.mobile-error"]')).to_be_visible()
    if scripts:
        camera.take(page, "signup-refused")
    expect(page.get_by_label("Looms")).to_be_checked()
    page.locator('[id="fields.mobile"]').fill("+44 20 7946 0000")
    page.locator("#password").fill("difference engines all the way")
    page.locator("#submit").click()
    expect(page).to_have_url(f"{world.url}/account")
    expect(page.locator('[id="fields.company"]')).to_have_value("Analytical Engines Ltd")
    if scripts:
        camera.take(page, "account")
        page.locator('[id="fields.language"]').select_option("ar")
        page.locator("#submit").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        camera.take(page, "account-right-to-left")


@pytest.mark.parametrize(("scripts", "guessed"), [(True, "America/Vancouver"), (False, "")])
def test_a_zone_that_must_be_chosen_is_guessed(opened: Opener, world: World, scripts: bool, guessed: str) -> None:
    with world.inside():
        make(world, "timezone", slug="zone", required=True)
        make(world, "timezone", slug="other")
    page = opened(world.url, java_script_enabled=scripts, timezone_id="America/Vancouver")
    page.goto("/signup")
    expect(page.locator('[id="fields.zone"]')).to_have_value(guessed)
    expect(page.locator('[id="fields.other"]')).to_have_value("")


def test_an_operator_asks_for_something_and_fills_it_in(opened: Opener, world: World, camera: Camera) -> None:
    page = opened(world.url)
    page.goto("/login")
    page.locator("#email").fill(world.admin.email)
    page.locator("#password").fill(world.admin.password)
    page.locator("#submit").click()
    page.goto("/admin/fields")
    camera.take(page, "admin-none")
    page.get_by_role("link", name="New field").first.click()
    camera.take(page, "admin-kind")
    page.get_by_label("One of several choices").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Name").fill("T-shirt size")
    page.get_by_label("Choices").fill("s = Small\nm = Medium")
    page.get_by_label("Default").fill("xl")
    page.get_by_label("Claim").fill("shirt_size")
    page.get_by_role("button", name="Create field").click()
    expect(page.locator("#default-error")).to_be_visible()
    camera.take(page, "admin-new")
    page.get_by_label("Default").fill("m")
    page.get_by_role("button", name="Create field").click()
    with world.inside():
        for kind, slug, name, rules in ASKED:
            make(world, kind, slug=slug, name=name, **({**rules, "editable": False} if slug == "call" else rules))
    page.goto("/admin/fields")
    camera.take(page, "admin-fields")
    page.get_by_role("button", name="Move T-shirt size down").first.click()
    expect(page.locator("tbody tr").first).to_contain_text("Company")
    page.get_by_role("link", name="T-shirt size").first.click()
    camera.take(page, "admin-edit")
    page.goto(f"/admin/users/{world.ada.id}/fields")
    fill(page)
    camera.take(page, "admin-values")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_text("Analytical Engines Ltd")).to_be_visible()
    camera.take(page, "admin-user")
    page.goto("/admin/fields")
    page.get_by_role("link", name="Company").first.click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("What 1 person has under it is deleted too.")).to_be_visible()
    camera.take(page, "admin-delete")
    page.locator("dialog, .dialog-page").get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Company is deleted.")).to_be_visible()
