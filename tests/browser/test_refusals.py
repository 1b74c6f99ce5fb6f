"""What stands on the page where several things are refused at once, and where verifying comes before a factor."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Camera, Opener
from tests.parts.factoring import demand
from tests.parts.fields import make
from tests.parts.world import World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


def test_each_is_told_beside_its_field_and_linked_from_above(world: World, opened: Opener, camera: Camera) -> None:
    with world.inside():
        make(world, "phone", name="Mobile phone")
        make(world, "choice", name="Size", required=True)
        make(world, "boolean", name="I accept the terms", required=True)
    page = opened(world.url, refused=(422,))
    page.goto(f"{world.url}/signup")
    page.locator("form").first.evaluate("form => form.noValidate = true")
    page.locator("#email").fill("nobody")
    page.locator('[id="fields.phone"]').fill("12")
    page.locator("#submit").click()
    expect(page.locator(".wrong-list a")).to_have_count(5)
    camera.take(page, "refused-several")


def test_verifying_comes_before_a_factor(world: World, opened: Opener, camera: Camera) -> None:
    demand(world, factors=["password", "totp"], second_factor="always")
    page = opened(world.url, refused=(422,))
    page.goto(f"{world.url}/signup")
    page.locator("#email").fill("victor@example.com")
    page.locator("#password").fill("difference engines all the way")
    page.locator("#submit").click()
    expect(page.get_by_text("First show that your e-mail address is yours.")).to_be_visible()
    camera.take(page, "verify-before-factor")
