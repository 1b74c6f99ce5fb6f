"""Signing in by letter: a code, or a link that the same browser opens."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from shared.kit.db import db, transaction
from shared.models.outbox import OutboxMessage
from shared.models.tenant import Tenant
from shared.models.verification import EmailCode
from shared.services import enrolments, tenants, users, verification
from tests.parts.authenticator import add_passkey, device_for, sign_in_with
from tests.parts.browsing import Browser, Page
from tests.parts.counting import counting
from tests.parts.post import code_to, link_to, no_mail, token_of
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture(autouse=True)
def offered(world: World) -> None:
    offer(world, "password", "email")


def offer(world: World, *factors: str) -> None:
    with world.inside(), transaction() as session:
        session.get_one(Tenant, world.tenant.id).factors = list(factors)
    tenants._kept.clear()


def ask(world: World, email: str, browser: Browser | None = None) -> Page:
    browser = browser or Browser(world.url)
    browser.get("/login/code")
    return browser.submit(email=email)


def test_the_code_signs_in(world: World, browser: Browser) -> None:
    browser.get("/login")
    assert browser.follow("login-code").path == "/login/code"
    assert browser.submit(email=" ADA@Example.com ").path == "/login/letter"
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account"


def test_the_application_is_told_how(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("login-code")
    rp.browser.submit(email=world.ada.email)
    assert rp.browser.submit(code=code_to(world, world.ada.email)).path == "/consent"
    tokens = rp.exchange(rp.allow().answer["code"])
    assert unverified_claims(tokens.id_token)["amr"] == ["otp"]


def test_the_link_signs_in_by_a_button_and_goes_on_to_the_application(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("login-code")
    rp.browser.submit(email=world.ada.email)
    page = rp.browser.get(link_to(world, world.ada.email))
    assert page.path == "/login/link", "to look at it signs nobody in"
    assert rp.browser.submit(press="submit").path == "/consent"


def test_the_link_opens_in_no_other_browser_which_says_where_it_does(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    link, other = link_to(world, world.ada.email), Browser(world.url)
    page = other.get(link)
    assert page.status == 200 and "This is another browser" in page.words and not any(f.has_button("submit") for f in page.forms)
    other.get("/login")
    token = other.page.form(password="").fields["csrf_token"]
    assert "another browser" in other.post(link, csrf_token=token).words
    assert other.get("/account").path == "/login"
    browser.get(link)
    assert browser.submit(press="submit").path == "/account"


def test_code_and_link_are_spent_together(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    code, link = code_to(world, world.ada.email), link_to(world, world.ada.email)
    form = browser.page.form(code="").fields
    browser.get(link)
    browser.submit(press="submit")
    assert Browser(world.url).get(link).status == 404
    late = Browser(world.url)
    late.jar.update(browser.jar)
    assert late.post("/login/letter", **{**form, "code": code}).status in (400, 422)


def test_the_answer_is_the_same_for_any_address(world: World) -> None:
    with world.inside():
        users.create(world.tenant, email="gone@example.com", by=TESTS)
        users.disable(users.find_by_email(world.tenant, "gone@example.com"), by=TESTS)
    seen = set()
    for email in (world.ada.email, "gone@example.com", "nobody@example.com"):
        browser = Browser(world.url)
        browser.get("/login/code")
        with counting(world) as statements:
            pages = [browser.submit(email=email)]
        pages += [browser.submit(code="AAAAAA"), browser.submit(press="resend"), browser.submit(code="AAAAAA")]
        seen.add((len(statements), *((page.status, page.path, page.words.replace(email, "…")) for page in pages)))
    assert len(seen) == 1
    with world.inside():
        for table, rows in ((EmailCode, 6), (OutboxMessage, 6)):
            assert db.session.scalar(select(func.count()).select_from(table)) == rows
    assert {letter.split("\n")[0] for letter in world.letters()} == {f"To: {world.ada.email}"}


def test_five_wrong_codes_and_the_right_one_is_too_late(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    code = code_to(world, world.ada.email)
    for _ in range(5):
        assert browser.submit(code="AAAAAA").status == 422
    assert browser.submit(code=code).status == 422
    assert browser.get("/account").path == "/login"


def test_guesses_at_codes_and_at_the_password_are_counted_together(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    for _ in range(4):
        browser.submit(code="AAAAAA")
    statuses = []
    for _ in range(8):
        other = Browser(world.url)
        other.get("/login")
        statuses.append(other.submit(email=world.ada.email, password="not the password").status)
    assert statuses.count(422) == 6 and statuses[-1] == 429


def test_of_many_at_once_one_is_signed_in(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    form, code = browser.page.form(code="").fields, code_to(world, world.ada.email)

    def press(_: int) -> int:
        copy = Browser(world.url)
        copy.jar.update(browser.jar)
        return copy.post("/login/letter", **{**form, "code": code}).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(press, range(10)))
    assert statuses.count(200) == 1


def test_a_code_of_another_browser_or_for_another_thing_signs_nobody_in(world: World, browser: Browser) -> None:
    with world.inside():
        eve = users.create(world.tenant, email="eve@example.com", by=TESTS)
        verification.send_code(eve)
    to_verify = code_to(world, "eve@example.com")
    ask(world, "eve@example.com", browser)
    right = code_to(world, "eve@example.com")
    assert browser.submit(code=to_verify).status == 422
    other = Browser(world.url)
    ask(world, world.ada.email, other)
    assert other.submit(code=right).status == 422
    assert browser.submit(code=right).path == "/account"


def test_a_code_typed_where_nobody_asked_leads_back_to_where_one_asks(world: World, browser: Browser) -> None:
    token = browser.get("/login/code").form(email="").fields["csrf_token"]
    page = browser.post("/login/letter", csrf_token=token, code="AAAAAA")
    assert page.path == "/login/code" and "This code no longer works. Ask for a new one." in page.words


def test_a_link_of_another_tenant_is_none_here(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
        with transaction() as session:
            session.query(Tenant).filter_by(slug="acme").one().factors = ["password", "email"]
    tenants._kept.clear()
    token = token_of(link_to(world, world.ada.email))
    assert browser.get(f"/t/acme/login/link?token={token}").status == 404


def test_whoever_was_disabled_meanwhile_is_not_let_in(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    code = code_to(world, world.ada.email)
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
    assert browser.submit(code=code).status == 422
    assert browser.get("/account").path == "/login"


def test_a_stranger_who_made_the_account_beforehand_does_not_wait_in_it(world: World, browser: Browser) -> None:
    stranger = Browser(world.url)
    stranger.get("/signup")
    assert stranger.submit(name="", email="eve@example.com", password="the stranger knows it").path == "/account"
    ask(world, "eve@example.com", browser)
    browser.submit(code=code_to(world, "eve@example.com"))
    with world.inside():
        eve = users.find_by_email(world.tenant, "eve@example.com")
        assert eve.email_verified and eve.password_hash is None
    assert stranger.get("/account").path == "/login"
    assert stranger.submit(email="eve@example.com", password="the stranger knows it").status == 422
    assert browser.get("/account").path == "/account"


def test_nor_does_the_strangers_passkey_open_it(world: World, browser: Browser) -> None:
    offer(world, "password", "passkey", "email")
    stranger, phone = Browser(world.url), device_for(world.url)
    stranger.get("/signup")
    stranger.submit(name="", email="eve@example.com", password="the stranger knows it")
    with no_mail(world):
        add_passkey(stranger, phone)
    assert sign_in_with(Browser(world.url), phone).path == "/account"
    ask(world, "eve@example.com", browser)
    assert browser.submit(code=code_to(world, "eve@example.com")).path == "/account"
    page = sign_in_with(Browser(world.url), phone)
    assert page.path == "/login/passkey" and "not accepted" in page.words
    with world.inside():
        eve = users.find_by_email(world.tenant, "eve@example.com")
        assert enrolments.of(eve) == [] and eve.second_factors == []


def test_whoever_has_verified_their_address_keeps_password_and_sessions(world: World, browser: Browser) -> None:
    other = Browser(world.url)
    other.get("/login")
    other.submit(email=world.ada.email, password=world.ada.password)
    ask(world, world.ada.email, browser)
    browser.submit(code=code_to(world, world.ada.email))
    assert other.get("/account").path == "/account"
    third = Browser(world.url)
    third.get("/login")
    assert third.submit(email=world.ada.email, password=world.ada.password).path == "/account"


def test_where_it_is_not_offered_there_is_no_such_way(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    form, code, link = browser.page.form(code="").fields, code_to(world, world.ada.email), link_to(world, world.ada.email)
    offer(world, "password")
    assert browser.post("/login/letter", **{**form, "code": code}).status == 403
    assert browser.get(link).status == browser.get("/login/code").status == 403
    assert "login-code" not in browser.get("/login").links


def test_the_link_leads_to_where_the_browser_was_going(world: World, browser: Browser) -> None:
    browser.get("/account/sessions")
    browser.follow("login-code")
    browser.submit(email=world.ada.email)
    browser.get(link_to(world, world.ada.email))
    assert browser.submit(press="submit").path == "/account/sessions"


def test_whoever_proves_by_the_link_again_who_they_are_goes_on_with_what_they_were_doing(world: World, browser: Browser) -> None:
    ask(world, world.ada.email, browser)
    browser.submit(code=code_to(world, world.ada.email))
    world.later(minutes=20)
    assert browser.get("/account/email").path == "/login"
    browser.follow("login-code")
    browser.submit(email=world.ada.email)
    browser.get(link_to(world, world.ada.email))
    assert browser.submit(press="submit").path == "/account/email"


def test_somebody_else_who_opens_the_link_of_a_letter_goes_to_their_own_account(world: World, browser: Browser) -> None:
    """Nothing that was begun in another person's session goes on in theirs."""
    ask(world, world.admin.email, browser)
    browser.submit(code=code_to(world, world.admin.email))
    world.later(minutes=20)
    browser.get("/login/code?next=/account/email&again=1")
    token = browser.page.form(email="").fields["csrf_token"]
    browser.post("/logout", csrf_token=token, confirmed="1")
    browser.get("/login/code?next=/account/email&again=1")
    browser.submit(email=world.ada.email)
    browser.get(link_to(world, world.ada.email))
    assert browser.submit(press="submit").path == "/account"
