"""The pages of errors: in the reader's language, with a way on that stays here."""

import re

import pytest
from sqlalchemy import text

from shared.kit.db import db
from shared.services import tenants
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def ways_on(page: Page) -> list[str]:
    return re.findall(r'<a class="button[^>]* href="([^"]*)"', page.text)


def without_database(world: World) -> None:
    """From now on the database has no tenants, and nothing is remembered of them."""
    with world.inside():
        db.session.execute(text("ALTER TABLE tenants RENAME TO elsewhere"))
        db.session.commit()
    world.later(seconds=5)


@pytest.mark.parametrize(("path", "posted", "status"), [("/language", None, 405), ("/login", "a" * 2_000_000, 413)])
def test_no_heading_is_left_in_the_words_of_the_protocol(world: World, path: str, posted: str | None, status: int) -> None:
    browser = Browser(world.url, **{"Accept-Language": "de"})
    page = browser.post(path, email=posted) if posted else browser.get(path)
    assert page.status == status and '<html lang="de"' in page.text
    heading = re.search("<h1>(.*?)</h1>", page.text)
    assert heading and heading[1] in ("Das ist zu viel", "Das hat nicht funktioniert")
    assert ways_on(page) == ["/"]


def test_trying_again_stays_with_the_tenant_and_with_what_was_asked(world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    without_database(world)
    page = Browser(world.url).get("/t/acme/login?next=/account&x=%22%3E")
    assert page.status == 503 and ways_on(page) == ["/t/acme/login?next=/account&amp;x=%22%3E"]


@pytest.mark.parametrize("path", ["/%5Cevil.example/x", "/%5C%5Cevil.example/x", "/%2F/evil.example/x", "/x%22%20onclick=%22x"])
def test_trying_again_stays_here_whatever_stands_in_the_path(world: World, path: str) -> None:
    without_database(world)
    page = Browser(world.url).get(path)
    for link in ways_on(page):
        assert re.fullmatch(r"/[A-Za-z0-9][A-Za-z0-9%./=-]*", link), link
    assert 'onclick="' not in page.text


@pytest.mark.parametrize(
    "path", ["/login?next=/account/data", "/recover", "/account/factors/passkey/new", "/recover/password?token=x"]
)
def test_a_form_that_is_too_old_is_opened_again(world: World, path: str) -> None:
    page = Browser(world.url).post(path, email=world.ada.email)
    assert page.status == 400 and "too old" in page.words
    assert ways_on(page) == [path]


def test_also_without_a_database(world: World) -> None:
    browser = Browser(world.url)
    browser.get("/login")
    without_database(world)
    page = browser.post("/login?client_id=nobody", email=world.ada.email)
    assert "/login?client_id=nobody" in ways_on(page)


def test_where_nothing_can_be_opened_the_account_can(world: World) -> None:
    browser = Browser(world.url)
    for page in (browser.post("/verify/code"), browser.get("/authorize?client_id=nobody")):
        assert page.status == 400 and ways_on(page) == ["/"]


def test_a_sign_out_that_may_not_return_goes_on_without_returning(rp: RelyingParty) -> None:
    rp.tokens()
    page = rp.logout(client_id=rp.application.client_id, post_logout_redirect_uri="https://evil.example/")
    assert page.status == 400 and ways_on(page) == ["/logout"]
    rp.browser.follow("sign-out")
    assert "You are signed out" in rp.browser.submit(press="submit").words
    assert rp.browser.get("/account").path == "/login"
