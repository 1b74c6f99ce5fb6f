"""Signing in where there is no password, and the second step by letter, in a real browser, with scripts and without."""

import pytest
from playwright.sync_api import Page, expect

from shared.services import users
from tests.browser.conftest import Camera, Opener
from tests.parts.factoring import demand
from tests.parts.post import code_to
from tests.parts.world import TESTS, World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


def head(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_signs_in_where_nobody_has_a_password(world: World, opened: Opener, camera: Camera, scripts: bool) -> None:
    demand(world, factors=["passkey", "email"])
    page = opened(world.url, java_script_enabled=scripts)
    page.goto("/login")
    expect(page.get_by_label("Password")).to_have_count(0)
    if scripts:
        camera.take(page, "login-without-password")
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_role("button", name="E-mail me a code").click()
    head(page, "Check your mail")
    page.get_by_role("button", name="Send another letter").click()
    expect(page.get_by_text("Another letter is on its way")).to_be_visible()
    if scripts:
        camera.take(page, "login-letter-another")
    page.get_by_label("Code").fill(code_to(world, world.ada.email))
    page.get_by_role("button", name="Sign in").click()
    head(page, "Ada Lovelace")


def test_an_account_is_made_without_a_password(world: World, opened: Opener, camera: Camera) -> None:
    demand(world, factors=["email"], email_verification="before")
    page = opened(world.url)
    page.goto("/signup")
    camera.take(page, "sign-up-without-password")
    page.get_by_label("Name").fill("Charles Babbage")
    page.get_by_label("E-mail address").fill("charles@example.com")
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Code").fill(code_to(world, "charles@example.com"))
    page.get_by_role("button", name="Continue").click()
    head(page, "Charles Babbage")


def test_the_second_step_comes_by_letter(world: World, opened: Opener, camera: Camera) -> None:
    demand(world, factors=["password", "email"], second_factor="always")
    page = opened(world.url)
    page.goto("/login")
    camera.take(page, "login-both")
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in").click()
    head(page, "One more step")
    camera.take(page, "factor-email")
    page.get_by_role("button", name="E-mail me a code").click()
    expect(page.get_by_label("Code")).to_be_focused()
    camera.take(page, "factor-email-sent")
    page.get_by_label("Code").fill(code_to(world, world.ada.email))
    page.keyboard.press("Enter")
    head(page, "Ada Lovelace")


@pytest.mark.parametrize("language", ["ar", "de"])
def test_the_pages_in_other_languages(world: World, opened: Opener, camera: Camera, language: str) -> None:
    demand(world, factors=["email"])
    with world.inside():
        users.create(world.tenant, email="eve@example.com", by=TESTS)
    page = opened(world.url, locale=language)
    page.goto("/login/code")
    camera.take(page, f"login-code-{language}")
    page.locator("#email").fill("eve@example.com")
    page.locator("#submit").click()
    expect(page.locator("#code")).to_be_visible()
    camera.take(page, f"login-letter-{language}")
