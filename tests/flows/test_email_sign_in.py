"""Signing in by letter where more is asked: by an application, by a second factor, once more, or where there is no password."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.outbox import OutboxMessage
from shared.models.verification import EmailCode
from shared.services import sessions, users
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import demand, equip, sign_in
from tests.parts.post import code_to, letters_to, link_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture(autouse=True)
def offered(world: World) -> None:
    demand(world, factors=["password", "totp", "email"])


def ask(world: World, email: str, browser: Browser) -> Page:
    browser.get("/login/code")
    return browser.submit(email=email)


def by_code(rp: RelyingParty, world: World) -> Page:
    """Go on by a code from the login page that the application led to."""
    rp.browser.follow("login-code")
    rp.browser.submit(email=world.ada.email)
    return rp.browser.submit(code=code_to(world, world.ada.email))


def test_of_fifty_at_once_one_is_signed_in(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    form, code = browser.page.form(code="").fields, code_to(world, world.ada.email)

    def press(_: int) -> str:
        answer = httpx.post(
            urljoin(world.url, "/login/letter"), data={**form, "code": code}, cookies=dict(browser.jar.items()), timeout=60
        )
        return answer.headers.get("location", "")

    with ThreadPoolExecutor(50) as pool:
        places = list(pool.map(press, range(50)))
    assert sum(place.endswith("/account") for place in places) == 1
    with world.inside():
        assert len(sessions.of(world.user(world.ada))) == 1


def test_the_address_of_the_link_is_that_of_the_issuer_whatever_host_was_sent(world: World, browser: Browser) -> None:
    browser.get("/login/code")
    token = browser.page.form(email="").fields["csrf_token"]
    httpx.post(
        urljoin(world.url, "/login/code"),
        data={"csrf_token": token, "email": world.ada.email},
        cookies=dict(browser.jar.items()),
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert all("evil" not in letter for letter in world.letters())


def test_to_look_at_the_link_sends_no_address_on_and_nothing_keeps_it(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    link = link_to(world, world.ada.email)
    for each in (browser, Browser(world.url)):
        page = each.get(link)
        assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin") and page.headers["Cache-Control"] == "no-store"
        assert each.get("/account").path == "/login", "mail programs look too"


def test_another_browser_is_told_nothing_of_whose_link_it_is(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    page = Browser(world.url).get(link_to(world, world.ada.email))
    assert world.ada.email not in page.text and "Ada" not in page.words and code_to(world, world.ada.email) not in page.text


def test_a_second_factor_is_asked_for_after_a_code_and_after_a_link(world: World) -> None:
    ada = equip(world, world.ada)
    first, second = Browser(world.url), Browser(world.url)
    ask(world, world.ada.email, first)
    assert first.submit(code=code_to(world, world.ada.email)).path == "/factor/totp"
    assert first.get("/account").path == "/factor/totp"
    ask(world, world.ada.email, second)
    second.get(link_to(world, world.ada.email))
    assert second.submit(press="submit").path == "/factor/totp"
    assert second.submit(code=ada.app.code()).path == "/account"


def test_prompt_login_is_satisfied_by_a_code_and_by_nothing_less(rp: RelyingParty, world: World) -> None:
    rp.sign_in_and_allow()
    world.later(minutes=5)
    assert rp.start(prompt="login").path == "/login"
    assert rp.browser.get(rp.browser.page.url).path == "/login"
    by_code(rp, world)
    told = unverified_claims(rp.exchange(rp.browser.page.answer["code"]).id_token)
    assert (told["amr"], told["acr"]) == (["otp"], "1")


def test_max_age_counts_from_the_code(rp: RelyingParty, world: World) -> None:
    rp.start()
    by_code(rp, world)
    rp.allow()
    world.later(minutes=5)
    assert rp.start(prompt="none", max_age="299").answer["error"] == "login_required"
    assert rp.start(max_age="299").path == "/login"
    by_code(rp, world)
    assert "code" in rp.browser.page.answer


def test_acr_2_asks_for_more_than_a_code(rp: RelyingParty, world: World) -> None:
    ada = equip(world, world.ada)
    demand(world, second_factor="never")
    rp.start(acr_values="2")
    assert by_code(rp, world).path == "/factor/totp"
    assert rp.browser.submit(code=ada.app.code()).path == "/consent"
    told = unverified_claims(rp.exchange(rp.allow().answer["code"]).id_token)
    assert (told["amr"], told["acr"]) == (["otp", "mfa"], "2")


def test_the_address_that_the_application_names_stands_in_the_form(rp: RelyingParty) -> None:
    rp.start(login_hint="ada@example.com")
    rp.browser.follow("login-code")
    assert rp.browser.page.form(email="ada@example.com")


def test_whoever_proves_once_more_who_they_are_may_do_it_by_a_code_of_their_own_address(world: World, browser: Browser) -> None:
    with world.inside():
        users.create(world.tenant, email="eve@example.com", by=TESTS)
    sign_in(browser, world.ada)
    world.later(minutes=11)
    assert browser.get("/account/password").path == "/login"
    browser.follow("login-code")
    assert browser.submit(email="eve@example.com").path == "/login/letter"
    assert letters_to(world, "eve@example.com") == []
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account/password"


def test_a_fourth_letter_is_not_sent_and_nobody_is_told(world: World) -> None:
    with world.inside():
        users.create(world.tenant, email="gone@example.com", by=TESTS)
        users.disable(users.find_by_email(world.tenant, "gone@example.com"), by=TESTS)
    seen = set()
    for email in (world.ada.email, "gone@example.com", "nobody@example.com"):
        for _ in range(3):
            ask(world, email, Browser(world.url))
        with world.inside():
            before = [db.session.scalar(select(func.count()).select_from(table)) for table in (EmailCode, OutboxMessage)]
        browser = Browser(world.url)
        pages = [ask(world, email, browser), browser.submit(code="AAAAAA"), browser.submit(press="resend")]
        with world.inside():
            after = [db.session.scalar(select(func.count()).select_from(table)) for table in (EmailCode, OutboxMessage)]
        wrote = tuple(now - then for now, then in zip(after, before, strict=True))
        seen.add((wrote, tuple((page.status, page.path, page.words.replace(email, "…")) for page in pages)))
    assert len(seen) == 1
    assert len(letters_to(world, world.ada.email)) == 3


def test_whoever_asks_too_often_goes_on_with_the_last_code_that_came(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    for _ in range(4):
        browser.submit(press="resend")
    assert len(letters_to(world, world.ada.email)) == 3
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account"


# Where nobody has a password.


def test_where_there_is_no_password_the_login_page_asks_for_the_address_alone(world: World, browser: Browser) -> None:
    demand(world, factors=["email"])
    page = browser.get("/login")
    assert "password" not in page.text and "recover" not in page.links
    assert browser.submit(email=world.ada.email).path == "/login/letter"
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account"


def test_where_there_is_no_password_none_is_taken(world: World, browser: Browser) -> None:
    browser.get("/login")
    token = browser.page.form(password="").fields["csrf_token"]
    demand(world, factors=["email"])
    assert browser.post("/login", csrf_token=token, email=world.ada.email, password=world.ada.password).status == 422
    assert browser.get("/account").path == "/login"


def test_where_there_is_no_password_none_can_be_set(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    assert "password" in browser.get("/account/security").links
    demand(world, factors=["email"])
    assert "password" not in browser.get("/account/security").links
    for path in ("/account/password", "/recover", "/recover/password?token=x"):
        assert browser.get(path).status == 404


@pytest.mark.parametrize("verification", ["before", "later"])
def test_where_there_is_no_password_an_account_is_made_without_one(world: World, browser: Browser, verification: str) -> None:
    demand(world, factors=["email"], email_verification=verification)
    assert "password" not in browser.get("/signup").text
    page = browser.submit(name="Eve", email="eve@example.com")
    if verification == "before":
        page = browser.submit(code=code_to(world, "eve@example.com"))
    assert page.path == "/account"
    with world.inside():
        eve = users.find_by_email(world.tenant, "eve@example.com")
        assert eve.password_hash is None and sessions.of(eve)[0].amr == (("otp",) if verification == "before" else ())
    other = Browser(world.url)
    ask(world, "eve@example.com", other)
    assert other.submit(code=code_to(world, "eve@example.com")).path == "/account"
