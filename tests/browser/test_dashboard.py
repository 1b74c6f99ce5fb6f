"""The dashboard in a real browser: with scripts, without them, by keyboard and on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.services import clients
from tests.parts.world import TESTS, Application, World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]

PHONE = {"width": 390, "height": 844}

Opener = Callable[..., Page]


@pytest.fixture
def operator(chromium: Browser, world: World) -> Iterator[Opener]:
    """Opens a window in which the operator is signed in; no page asks another host for anything or breaks its own policy."""
    contexts, complaints, strangers = [], [], []

    def opened(**settings: Any) -> Page:
        context = chromium.new_context(**settings)
        contexts.append(context)
        context.on("console", lambda message: complaints.append(message.text))
        context.on("weberror", lambda error: complaints.append(f"Error {error.error}"))
        context.on("request", lambda asked: None if asked.url.startswith((world.url, "data:")) else strangers.append(asked.url))
        page = context.new_page()
        page.goto(f"{world.url}/admin/clients")
        page.locator("[name=email]").fill(world.admin.email)
        page.locator("[name=password]").fill(world.admin.password)
        page.locator("[name=password]").press("Enter")
        expect(page.get_by_role("heading", name="Clients")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not strangers
    assert not [words for words in complaints if "Content Security Policy" in words or words.startswith("Error")]


@pytest.fixture
def kept(world: World) -> Application:
    """An application whose secret can be revealed."""
    with world.inside():
        client, secret = clients.register(
            world.tenant, name="Default client", keep_secret=True, redirect_uris=["https://first.example/cb"], by=TESTS
        )
    return Application(client.id, client.name, client.client_id, secret, "https://first.example/cb", "")


def test_a_newcomer_finds_the_client_reveals_its_secret_and_adds_a_redirect_uri(operator: Opener, kept: Application) -> None:
    page = operator()
    page.get_by_role("link", name="Default client").click()
    expect(page.locator("#client-id")).to_have_text(kept.client_id)
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#client-secret")).to_have_text(kept.client_secret or "")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Add redirect URI").click()
    expect(page.get_by_role("dialog").get_by_label("Redirect URI")).to_be_focused()
    page.get_by_role("dialog").get_by_label("Redirect URI").fill("http://localhost:3000/callback")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("status")).to_contain_text("Updated.")
    expect(page.get_by_text("http://localhost:3000/callback", exact=True)).to_be_visible()
    expect(page.get_by_text("https://first.example/cb", exact=True)).to_be_visible()


def test_the_same_without_scripts(operator: Opener, kept: Application) -> None:
    page = operator(java_script_enabled=False)
    page.get_by_role("link", name="Default client").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#client-secret")).to_have_text(kept.client_secret or "")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Add redirect URI").click()
    page.locator("form[method=post] [name=redirect_uri]").last.fill("http://localhost:3000/callback")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_text("Updated.")).to_be_visible()
    page.get_by_role("link", name="Remove http://localhost:3000/callback").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The redirect URI is removed.")).to_be_visible()
    expect(page.get_by_text("http://localhost:3000/callback", exact=True)).to_have_count(0)


def test_a_dialog_closes_with_escape_and_gives_the_focus_back(operator: Opener, world: World) -> None:
    page = operator()
    page.goto(f"{world.url}/admin/clients/{world.web.id}")
    opener = page.get_by_role("link", name="Add redirect URI")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Redirect URI")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_what_a_dialog_sent_is_refused_on_the_page_behind_it_with_what_was_typed(operator: Opener, world: World) -> None:
    page = operator()
    page.goto(f"{world.url}/admin/clients/{world.web.id}")
    page.get_by_role("link", name="Add redirect URI").click()
    page.get_by_role("dialog").get_by_label("Redirect URI").fill("http://shop.example/")
    page.keyboard.press("Enter")
    field = page.get_by_label("Redirect URI")
    expect(field).to_have_value("http://shop.example/")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_text("Use https; plain http is only for localhost")).to_be_visible()


def test_a_new_secret_can_be_copied_and_reloading_does_not_make_another(operator: Opener, world: World) -> None:
    page = operator(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{world.url}/admin/clients/{world.web.id}")
    page.get_by_role("link", name="Regenerate secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Regenerate secret").click()
    expect(page.get_by_text("Copy it now.")).to_be_visible()
    secret = page.locator("#client-secret").inner_text()
    page.get_by_role("button", name="Copy the secret").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.reload()
    expect(page.locator("#client-secret")).to_contain_text(secret[-4:])
    expect(page.locator("#client-secret")).not_to_contain_text(secret)
    with world.inside():
        assert world.client(world.web).has_secret(secret)


def test_a_client_is_deleted_in_a_dialog_by_typing_its_name(operator: Opener, world: World) -> None:
    page = operator()
    page.goto(f"{world.url}/admin/clients/{world.web.id}")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("dialog").get_by_label("Confirm by typing its name").fill("Web shop")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Web shop is deleted.")).to_be_visible()


def test_times_are_in_the_zone_of_the_reader_and_exact_on_hover(operator: Opener, world: World) -> None:
    page = operator(timezone_id="Asia/Tokyo", locale="en-GB")
    page.goto(f"{world.url}/admin/audit")
    time = page.locator("time").first
    shown = time.evaluate(
        "node => new Date(node.dateTime).toLocaleString('en-GB', {timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit'})"
    )
    expect(time).to_contain_text(shown)
    assert "GMT+9" in (time.get_attribute("title") or "")


def test_the_keyboard_reaches_the_content_and_the_search(operator: Opener, world: World) -> None:
    page = operator()
    page.goto(f"{world.url}/admin/users")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="ada@example.com")).to_be_visible()
    expect(page.get_by_role("link", name="grace@example.com")).to_have_count(0)


def test_on_a_phone_nothing_is_cut_off_and_the_menu_opens(operator: Opener, world: World) -> None:
    page = operator(viewport=PHONE)
    for path in (
        "",
        "clients",
        f"clients/{world.web.id}",
        f"clients/{world.web.id}/edit",
        "clients/new",
        "users",
        f"users/{world.ada.id}",
        "tenants",
        f"tenants/{world.tenant.id}",
        "audit",
    ):
        page.goto(f"{world.url}/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Dashboard").get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
