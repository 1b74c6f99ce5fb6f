"""The documentation page in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from shared.services import clients
from tests.parts import needs
from tests.parts.world import TESTS

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.parametrize("database", ["sqlite"])]

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.found(*needs.CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium, world):
    """A browser window on the world; at the end, nothing was asked of another host and nothing broke the page's policy."""
    with world.inside():
        clients.add_redirect_uri(world.client(world.ours), f"{world.url}/docs/oauth2-redirect", by=TESTS)
    context = chromium.new_context()
    complaints, strangers = [], []
    context.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("request", lambda asked: None if asked.url.startswith((world.url, "data:")) else strangers.append(asked.url))
    yield context.new_page()
    context.close()
    assert not strangers
    assert not [words for words in complaints if "Content Security Policy" in words or "Error" in words]


def open_docs(page, world, query=""):
    page.goto(f"{world.url}/docs{query}")
    page.locator(".opblock").first.wait_for()


def authorize(page, world, *scopes):
    """Fill in the dialog; the window in which to log in."""
    page.locator(".btn.authorize").click()
    page.get_by_label("client_id:").fill(world.ours.client_id)
    page.get_by_label("client_secret:").fill(world.ours.client_secret)
    for scope in scopes:
        page.locator(".modal-ux label", has_text=scope).first.click()
    with page.expect_popup() as opened:
        page.locator(".modal-ux button.authorize").click()
    return opened.value


def sign_in(window, world):
    window.fill("[name=email]", world.ada.email)
    window.fill("[name=password]", world.ada.password)
    window.locator("[name=password]").press("Enter")


def try_out(page, operation):
    block = page.locator(f"#operations-Oneself-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    return block


def answer_of(block):
    block.locator("button.execute").click()
    response = block.locator(".live-responses-table")
    response.wait_for()
    return response.locator(".response-col_status").nth(1), response.locator(".highlight-code code").first


def test_one_logs_in_from_the_page_and_tries_the_api(reader, world):
    open_docs(reader, world)
    sign_in(authorize(reader, world, "openid", "profile"), world)
    expect(reader.locator(".modal-ux button", has_text="Logout")).to_be_visible()
    assert "Available authorizations" in reader.locator(".modal-ux").inner_text()
    reader.locator(".btn-done").click()

    userinfo = try_out(reader, "userinfooftoken_get")
    status, body = answer_of(userinfo)
    expect(status).to_contain_text("200")
    assert json.loads(body.inner_text())["email"] == "ada@example.com"
    assert "Authorization: Bearer ey" in userinfo.locator(".curl-command").inner_text()

    status, _ = answer_of(try_out(reader, "userinfooftoken_post"))
    expect(status).to_contain_text("200")

    change = try_out(reader, "myself_patch")
    change.locator("textarea").fill('{"name": "Ada King"}')
    status, body = answer_of(change)
    expect(status).to_contain_text("200")
    assert json.loads(body.inner_text())["name"] == "Ada King"


def test_nothing_is_kept_when_the_page_is_left(reader, world):
    open_docs(reader, world)
    sign_in(authorize(reader, world, "openid"), world)
    expect(reader.locator(".modal-ux button", has_text="Logout")).to_be_visible()
    kept = reader.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "ey" not in kept and (world.ours.client_secret or "") not in kept
    open_docs(reader, world)
    status, _ = answer_of(try_out(reader, "userinfooftoken_get"))
    expect(status).to_contain_text("401")


def test_the_address_cannot_show_another_document(reader, world):
    """CVE-2018-25031."""
    evil = "https://evil.example/openapi.json"
    open_docs(reader, world, f"?url={evil}&configUrl={evil}&urls={evil}&oauth2RedirectUrl={evil}&spec={evil}")
    expect(reader.locator(".info .title")).to_contain_text("Bailiwick API")


@pytest.mark.parametrize(
    "change", [{"state": "another"}, {"iss": "https://evil.example"}, {"code": None}, {"error": "access_denied"}]
)
def test_an_answer_that_does_not_belong_here_buys_nothing(reader, world, change):
    """RFC 9207 §2.4, RFC 6749 §10.12: no code is exchanged."""
    asked = []
    reader.on("request", lambda request: asked.append(request.url))
    open_docs(reader, world)
    window = authorize(reader, world, "openid")
    window.wait_for_load_state()
    state = reader.evaluate("window.swaggerUIRedirectOauth2.state")
    answer = {"code": "a-code", "state": state, "iss": world.url} | change
    given = {name: value for name, value in answer.items() if value is not None}
    window.evaluate("given => location.assign('/docs/oauth2-redirect?' + new URLSearchParams(given))", given)
    expect(reader.locator(".auth-container .errors, .modal-ux .errors").first).to_be_visible()
    assert not [url for url in asked if url.endswith("/token")]


def test_the_page_one_comes_back_to_says_so_when_nobody_asked(reader, world):
    reader.goto(f"{world.url}/docs/oauth2-redirect?code=x&state=y")
    expect(reader.locator("h1")).to_have_text("Nobody asked for this")
    assert reader.url.endswith("/docs/oauth2-redirect"), "the code is not left in the address"


def test_it_fits_a_phone_and_follows_light_and_dark(reader, world):
    reader.set_viewport_size({"width": 390, "height": 800})
    reader.emulate_media(color_scheme="dark")
    open_docs(reader, world)
    assert reader.evaluate("document.documentElement.scrollWidth") == 390
    assert is_dark(reader)
    reader.locator("#theme").click()
    assert not is_dark(reader)
    reader.reload()
    reader.locator(".opblock").first.wait_for()
    assert not is_dark(reader), "what the reader chose is kept"


def is_dark(page):
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3])
    return red + green + blue < 200
