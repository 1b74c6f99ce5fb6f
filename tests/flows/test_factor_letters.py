"""The second factor by letter: a code to the verified address, for one session, of whoever has no better factor."""

import pytest

from shared.services import audit, sessions, users
from tests.parts.browsing import Browser
from tests.parts.factoring import demand, equip, sign_in
from tests.parts.post import code_to, letters_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture(autouse=True)
def demanded(world: World) -> None:
    demand(world, factors=["password", "totp", "email"], second_factor="always")


def test_after_the_password_a_code_comes_by_letter(world: World, browser: Browser) -> None:
    page = sign_in(browser, world.ada, "/account/sessions")
    assert page.path == "/factor/email" and letters_to(world, world.ada.email) == [], "to look at the page sends nothing"
    assert browser.submit(press="send").path == "/factor/email"
    assert browser.submit(code=code_to(world, world.ada.email).lower()).path == "/account/sessions"
    with world.inside():
        [session] = sessions.of(world.user(world.ada))
        assert session.amr == ("pwd", "otp", "mfa")
        assert "user.second_factor_given" in [event.action for event in audit.search(tenant=world.tenant).items]


def test_the_application_is_told(rp: RelyingParty, world: World) -> None:
    rp.start(acr_values="2")
    assert rp.sign_in().path == "/factor/email"
    rp.browser.submit(press="send")
    assert rp.browser.submit(code=code_to(world, world.ada.email)).path == "/consent"
    told = unverified_claims(rp.exchange(rp.allow().answer["code"]).id_token)
    assert (told["amr"], told["acr"]) == (["pwd", "otp", "mfa"], "2")


def test_a_code_serves_once_and_in_the_session_that_it_was_sent_for(world: World, browser: Browser) -> None:
    other = Browser(world.url)
    sign_in(browser, world.ada)
    sign_in(other, world.ada)
    other.submit(press="send")
    code = code_to(world, world.ada.email)
    browser.submit(press="send")
    assert browser.submit(code=code).status == 422
    assert other.submit(code=code).path == "/account"
    third = Browser(world.url)
    sign_in(third, world.ada)
    token = third.page.form().fields["csrf_token"]
    assert third.post("/factor/email", csrf_token=token, code=code).status == 422
    assert third.get("/account").path == "/factor/email"


def test_whoever_signs_in_after_another_at_one_browser_cannot_use_the_others_code(world: World, browser: Browser) -> None:
    with world.inside():
        users.create(world.tenant, email="eve@example.com", password="nine engines and a kettle", verified=True, by=TESTS)
    sign_in(browser, world.ada)
    browser.submit(press="send")
    browser.submit(press="sign-out")
    browser.get("/login")
    page = browser.submit(email="eve@example.com", password="nine engines and a kettle")
    assert page.path == "/factor/email"
    token = page.form().fields["csrf_token"]
    assert browser.post("/factor/email", csrf_token=token, code=code_to(world, world.ada.email)).status == 422


def test_five_wrong_codes_burn_it_and_count_for_the_account(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    browser.submit(press="send")
    code = code_to(world, world.ada.email)
    for _ in range(5):
        assert browser.submit(code="AAAAAA").status == 422
    assert browser.submit(code=code).status == 422
    statuses = [browser.submit(code="AAAAAA").status for _ in range(5)]
    assert statuses[-1] == 429, "as many as of every other factor together"


def test_a_code_is_good_for_ten_minutes(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    browser.submit(press="send")
    world.later(minutes=10, seconds=1)
    assert browser.submit(code=code_to(world, world.ada.email)).status == 422


def test_three_letters_in_ten_minutes(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    browser.submit(press="send")
    for _ in range(3):
        page = browser.submit(press="resend")
    assert "several e-mails already" in page.words and len(letters_to(world, world.ada.email)) == 3
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account"


def test_whoever_has_a_better_factor_cannot_choose_the_letter(world: World, browser: Browser) -> None:
    equip(world, world.ada)
    sign_in(browser, world.ada)
    token = browser.page.form(code="").fields["csrf_token"]
    assert browser.get("/factor/email").status == 404
    assert browser.post("/factor/email/code", csrf_token=token).status == 404
    assert not any("code" in letter.split("\n")[1] for letter in letters_to(world, world.ada.email))


def test_a_letter_is_no_second_factor_after_a_letter(world: World, browser: Browser) -> None:
    browser.get("/login/code")
    browser.submit(email=world.ada.email)
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/factor/new"
    assert browser.get("/factor/email").status == 404
    assert browser.get("/account").path in ("/factor", "/factor/new")


def test_where_letters_are_no_factor_there_is_no_such_page(world: World, browser: Browser) -> None:
    demand(world, factors=["password", "totp"])
    assert sign_in(browser, world.ada).path == "/factor/new"
    assert browser.get("/factor/email").status == 404


def test_strangers_send_no_letter(world: World, browser: Browser) -> None:
    browser.get("/login")
    token = browser.page.form(password="").fields["csrf_token"]
    assert browser.post("/factor/email/code", csrf_token=token).path == "/login"
    assert world.letters() == []
