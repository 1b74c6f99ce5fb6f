"""The first five minutes: what a newcomer does after `make run`, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Camera, Opener
from tests.house.running import House, free_port

pytestmark = pytest.mark.needs("chromium", "axe-core (npm)")

EMAIL, PASSWORD = "ada@example.com", "difference engines all the way"
REDIRECT = "http://localhost:3000/callback"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """What `make run` starts, for the first time, in an empty folder."""
    house = House(tmp_path, free_port()).start()
    yield house
    house.stop()


@pytest.fixture
def told(house: House) -> dict[str, str]:
    """What the first start writes down."""
    return json.loads((house.folder / "var/quickstart.json").read_text())


def test_the_first_five_minutes(house: House, told: dict[str, str], opened: Opener, camera: Camera) -> None:
    dashboard = opened(house.url)
    sign_in_to_the_dashboard(dashboard, told, camera)
    find_the_client_and_add_a_redirect_uri(dashboard, told, camera)
    documentation = dashboard.context.new_page()
    authorize_in_the_documentation(documentation, told, camera)
    see_oneself(documentation, camera)
    find_the_new_account(dashboard, camera)


def sign_in_to_the_dashboard(page: Page, told: dict[str, str], camera: Camera) -> None:
    """Step 1: the address and the password that were printed."""
    page.goto("/admin")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    camera.take(page, "sign-in")
    page.get_by_label("E-mail address").fill(told["admin_email"])
    page.get_by_label("Password", exact=True).fill(told["admin_password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Dashboard")).to_be_visible()
    camera.take(page, "overview")


def find_the_client_and_add_a_redirect_uri(page: Page, told: dict[str, str], camera: Camera) -> None:
    """Step 2: Clients, the default client, its id and secret, Edit, a redirect URI, Update."""
    page.get_by_role("navigation", name="Dashboard").get_by_role("link", name="Clients").click()
    expect(page.get_by_role("heading", name="Clients")).to_be_visible()
    camera.take(page, "clients")
    page.get_by_role("link", name="Default client").click()
    expect(page.locator("#client-id")).to_have_text(told["client_id"])
    expect(page.get_by_text(told["client_secret"])).to_have_count(0)
    camera.take(page, "client")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#client-secret")).to_have_text(told["client_secret"])
    camera.take(page, "client-secret")
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_role("button", name="Update")).to_be_visible()
    camera.take(page, "client-edit")
    page.get_by_role("button", name="Add redirect URI").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Redirect URI")).to_be_focused()
    camera.take(page, "client-redirect-uri")
    dialog.get_by_label("Redirect URI").fill(REDIRECT)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_text(REDIRECT, exact=True)).to_be_visible()
    expect(page.get_by_text(f"{told['public_url']}/docs/oauth2-redirect", exact=True)).to_be_visible()
    camera.take(page, "client-updated")


def authorize_in_the_documentation(page: Page, told: dict[str, str], camera: Camera) -> None:
    """Step 3: Authorize, id and secret, openid; the login page opens; an account is made; one comes back authorized."""
    page.goto("/docs")
    expect(page.get_by_role("button", name="Authorize")).to_be_visible(timeout=60_000)
    expect(page.locator("#operations-Oneself-userinfo, [id*=userinfo]").first).to_be_visible()
    camera.take(page, "docs")
    page.get_by_role("button", name="Authorize").click()
    form = page.locator(".auth-container", has_text="OAuth2AuthorizationCodeBearer")
    form.get_by_label("client_id").fill(told["client_id"])
    form.get_by_label("client_secret").fill(told["client_secret"])
    form.get_by_text("openid", exact=True).click()
    camera.take(page, "docs-authorize")
    with page.expect_popup() as opening:
        form.locator("button", has_text="Authorize").click()
    popup = opening.value
    expect(popup.get_by_role("heading", name="Sign in")).to_be_visible()
    camera.take(popup, "sign-in-for-docs")
    make_an_account(popup, camera)
    if not popup.is_closed():
        popup.wait_for_event("close")
    expect(form.locator("button", has_text="Logout")).to_be_visible()
    camera.take(page, "docs-authorized")
    form.locator("button", has_text="Close").click()


def make_an_account(page: Page, camera: Camera) -> None:
    page.get_by_role("link", name="Create one").click()
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill("short")
    camera.take(page, "sign-up")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def see_oneself(page: Page, camera: Camera) -> None:
    """Step 4: GET /api/userinfo, Try it out, Execute: the token is sent by itself."""
    operation = page.locator(".opblock-get", has_text="/api/userinfo")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    with page.expect_response("**/api/userinfo") as answering:
        operation.get_by_role("button", name="Execute").click()
    answer = answering.value
    assert answer.status == 200
    assert answer.request.headers["authorization"].startswith("Bearer ")
    assert answer.json()["email"] == EMAIL
    expect(operation.locator(".curl-command")).to_contain_text("Authorization: Bearer ")
    expect(operation.locator(".live-responses-table")).to_contain_text(EMAIL)
    camera.take(page, "userinfo")


def find_the_new_account(page: Page, camera: Camera) -> None:
    """Step 5: the dashboard knows the new account."""
    page.get_by_role("navigation", name="Dashboard").get_by_role("link", name="Users").click()
    expect(page.get_by_role("link", name=EMAIL)).to_be_visible()
    camera.take(page, "users")
    page.get_by_role("link", name=EMAIL).click()
    expect(page.get_by_text("Ada Lovelace").first).to_be_visible()
    camera.take(page, "user")
