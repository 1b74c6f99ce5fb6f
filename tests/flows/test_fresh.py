"""What guards an account is changed only by whoever proved lately who they are."""

import pytest

from tests.parts.browsing import Browser
from tests.parts.world import World
from tests.relying_party import RelyingParty

SESSION = "bailiwick-session-default"
NEW = "nine engines and a kettle"
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def sign_in(browser: Browser, email: str, password: str) -> Browser:
    browser.get("/login")
    browser.submit(email=email, password=password)
    return browser


@pytest.fixture
def ada(world: World) -> Browser:
    """Ada's browser, in which she signed in eleven minutes ago."""
    browser = sign_in(Browser(world.url), world.ada.email, world.ada.password)
    world.later(minutes=11)
    return browser


def opens(world: World, password: str) -> bool:
    return sign_in(Browser(world.url), world.ada.email, password).page.path == "/account"


def test_within_ten_minutes_nobody_is_asked_again(browser: Browser, world: World) -> None:
    sign_in(browser, world.ada.email, world.ada.password)
    world.later(minutes=9)
    assert browser.get("/account/password").path == "/account/password"


def test_later_one_proves_again_who_one_is_and_comes_to_the_page(ada: Browser, world: World) -> None:
    page = ada.get("/account/password")
    assert page.path == "/login"
    assert "Before you change this, show that it is you." in page.words
    assert page.form().fields["email"] == world.ada.email
    assert ada.submit(password=world.ada.password).path == "/account/password"
    ada.submit(password=NEW)
    assert opens(world, NEW)


def test_the_session_goes_on_under_its_name(rp: RelyingParty, world: World) -> None:
    rp.sign_in_and_allow()
    world.later(minutes=11)
    before = rp.browser.jar.get(SESSION)
    rp.browser.get("/account/sessions")
    assert rp.browser.page.words.count("last used") == 1
    rp.browser.get("/account/password")
    rp.browser.submit(password=world.ada.password)
    assert rp.browser.jar.get(SESSION) != before
    assert rp.browser.get("/account/sessions").words.count("last used") == 1


def test_a_form_that_was_opened_in_time_can_be_sent_a_little_later(browser: Browser, world: World) -> None:
    sign_in(browser, world.ada.email, world.ada.password)
    world.later(minutes=9)
    browser.get("/account/password")
    world.later(minutes=4)
    assert browser.submit(password=NEW).path == "/account/security"
    assert opens(world, NEW)


def test_a_form_that_is_sent_too_late_does_nothing_and_says_so(browser: Browser, world: World) -> None:
    sign_in(browser, world.ada.email, world.ada.password)
    browser.get("/account/password")
    world.later(minutes=16)
    page = browser.submit(password=NEW)
    assert page.path == "/login" and "Nothing was changed yet" in page.words
    assert browser.submit(password=world.ada.password).path == "/account/password"
    assert opens(world, world.ada.password) and not opens(world, NEW)


def test_a_form_that_is_posted_without_its_page_asks_too(ada: Browser, world: World) -> None:
    world.later(minutes=5)
    token = ada.get("/account").form().fields["csrf_token"]
    assert ada.post("/account/password", csrf_token=token, password=NEW).path == "/login"


def test_the_wrong_password_leads_nowhere(ada: Browser) -> None:
    ada.get("/account/password")
    page = ada.submit(password="not this one at all")
    assert page.status == 422 and page.path == "/login" and "Is it still you?" in page.words
    assert ada.get("/account/password").path == "/login"
    assert ada.get("/account").path == "/account", "the session is what it was"


def test_who_is_asked_again_cannot_be_somebody_else(ada: Browser, world: World) -> None:
    """The address is not a field: what is sent in it does not count."""
    ada.get("/account/password")
    assert ada.submit(email=world.admin.email, password=world.admin.password).status == 422
    assert ada.get("/account").words.count(world.ada.email)


def test_somebody_else_signs_out_first_and_inherits_nothing(ada: Browser, world: World) -> None:
    ada.get("/account/password")
    asking = ada.page.url
    ada.submit(press="sign-out")
    assert ada.get("/account").path == "/login"
    ada.get(asking)
    page = ada.submit(email=world.admin.email, password=world.admin.password)
    assert page.path == "/account", "not on to what another person began"
    assert world.admin.email in page.words


def test_whoever_is_not_signed_in_signs_in_as_usual(browser: Browser, world: World) -> None:
    page = browser.get("/account/password")
    assert page.path == "/login" and "Is it still you?" not in page.words
    assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/account/password"


def test_the_way_back_stays_on_this_server(ada: Browser, world: World) -> None:
    ada.get("/login?again=1&next=//evil.example/")
    assert ada.submit(password=world.ada.password).path == "/account"


def test_every_page_of_the_account_is_in_its_menu(ada: Browser) -> None:
    page = ada.get("/account/security")
    for words, path in (
        ("Profile", "/account"),
        ("Security", "/account/security"),
        ("Sessions", "/account/sessions"),
        ("Applications", "/account/applications"),
    ):
        assert page.links[words] == path
