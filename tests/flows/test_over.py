"""A sign-in whose request has ended: its pages say so before anything is typed, and where whoever typed before stands now."""

import pytest

from tests.parts.browsing import Browser, Page
from tests.parts.factoring import demand, equip
from tests.parts.post import link_to
from tests.parts.world import World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
STRONG = "difference engines all the way"
STEPS = ("/login", "/signup", "/login/code", "/login/letter", "/recover", "/recover/sent", "/verify", "/factor", "/factor/totp",
         "/factor/new", "/select_account", "/consent", "/signup/code")  # fmt: skip


def is_over(page: Page) -> bool:
    return page.status == 404 and "This sign-in is over" in page.words


def query(page: Page) -> str:
    return page.url.partition("?")[2]


@pytest.mark.parametrize("path", STEPS)
def test_every_step_says_so_at_once(rp: RelyingParty, path: str) -> None:
    asked = query(rp.start())
    rp.browser.submit(press="refuse")
    page = rp.browser.get(f"{path}?{asked}")
    assert is_over(page)
    assert not any({"email", "password", "code"} & form.fields.keys() for form in page.forms), "nothing is to be typed"
    assert page.links["account"] == "/account"


@pytest.mark.parametrize("asked", ["client_id=nobody&request_uri=urn%3Agone", "request_uri=x", "request_uri=", "request_uri=%00"])
def test_so_it_does_of_one_that_never_was(browser: Browser, asked: str) -> None:
    assert is_over(browser.get(f"/login?{asked}"))


def test_another_browser_learns_nothing_of_it_and_ends_nothing(rp: RelyingParty, world: World) -> None:
    asked = query(rp.start())
    page = Browser(world.url).get(f"/login?{asked}")
    assert is_over(page) and rp.application.name not in page.words
    assert rp.sign_in().path == "/consent"


def test_whoever_typed_before_is_signed_in_here(rp: RelyingParty, world: World) -> None:
    rp.start()
    world.later(hours=3)
    page = rp.sign_in()
    assert is_over(page) and page.left_to is None
    assert f"You are signed in to your account here: A {world.ada.email}" in page.words
    assert rp.browser.follow("account").path == "/account"


def test_whoever_made_an_account_meanwhile_reads_that_it_is_there(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("signup")
    world.later(hours=3)
    page = rp.browser.submit(name="", email="charles@example.com", password=STRONG)
    assert is_over(page) and "charles@example.com" in page.words
    assert rp.browser.follow("account").path == "/account"


def test_whoever_is_half_signed_in_goes_on_to_their_account(rp: RelyingParty, world: World) -> None:
    demand(world, factors=["password", "totp"], second_factor="always")
    ada = equip(world, world.ada)
    rp.start()
    world.later(hours=3)
    page = rp.sign_in()
    assert is_over(page) and page.path == "/factor" and world.ada.email not in page.words
    assert rp.browser.follow("account").path == "/factor/totp"
    assert rp.browser.submit(code=ada.app.code()).path == "/account"


def test_a_link_that_was_sent_serves_also_when_its_request_is_over(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("recover")
    rp.browser.submit(email=world.ada.email)
    asked = query(rp.browser.page)
    rp.browser.get(f"/login?{asked}")
    rp.browser.submit(press="refuse")
    link = link_to(world, world.ada.email)
    assert "request_uri" in link
    assert rp.browser.get(link).status == 200
    assert rp.browser.submit(password="a wholly new and longer password").path == "/login"
    assert "Your new password is set" in rp.browser.page.words
