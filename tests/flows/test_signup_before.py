"""Making an account where it opens only after its code: nobody learns who has one."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.outbox import OutboxMessage
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import tenants, user_fields, users
from tests.parts.browsing import Browser, Page
from tests.parts.counting import counting
from tests.parts.fields import make
from tests.parts.post import code_to, letters_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

STRONG = "difference engines all the way"
NEW = "charles@example.com"


@pytest.fixture(autouse=True)
def before(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)


def begin(browser: Browser, email: str = NEW, password: str = STRONG, *, name: str = "") -> Page:
    browser.get("/signup")
    return browser.submit(name=name, email=email, password=password)


def found(world: World, email: str = NEW) -> User | None:
    with world.inside():
        return users.find_by_email(world.tenant, email)


def test_the_code_opens_the_account_which_is_signed_in_and_verified(browser: Browser, world: World) -> None:
    page = begin(browser, name="Charles Babbage")
    assert (page.status, page.path) == (200, "/signup/code")
    assert NEW in page.words and found(world) is None
    page = browser.submit(code=f" {code_to(world, NEW).lower()} ")
    assert page.path == "/account" and "Charles Babbage" in page.words
    charles = found(world)
    assert charles is not None and charles.email_verified and charles.last_login_at
    again = Browser(world.url)
    again.get("/login")
    assert again.submit(email=NEW, password=STRONG).path == "/account"


def test_the_application_that_waits_is_gone_on_to(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("signup")
    rp.browser.submit(name="Charles", email=NEW, password=STRONG)
    assert rp.browser.submit(code=code_to(world, NEW)).path == "/consent"
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json["email_verified"] is True


def test_an_application_that_asks_for_an_account_gets_one(rp: RelyingParty, world: World) -> None:
    assert rp.start(prompt="create").path == "/signup"
    rp.browser.submit(name="", email=NEW, password=STRONG)
    assert rp.browser.submit(code=code_to(world, NEW)).path == "/consent"


def test_whoever_is_at_the_code_when_the_application_has_given_up_makes_their_account_all_the_same(
    rp: RelyingParty, world: World
) -> None:
    rp.start(prompt="create")
    rp.browser.submit(name="", email=NEW, password=STRONG)
    world.later(hours=3)
    page = rp.browser.submit(press="resend")
    assert (page.status, page.path) == (200, "/signup/code")
    page = rp.browser.submit(code=code_to(world, NEW))
    assert "This sign-in is over" in page.words and NEW in page.words
    assert rp.browser.get("/account").path == "/account"


@pytest.mark.parametrize("written", ["ada@example.com", " ADA@Example.com ", "\uff41da@example.com"])
def test_whoever_has_an_account_is_told_by_letter_and_nobody_on_the_page(world: World, browser: Browser, written: str) -> None:
    known = begin(browser, written)
    stranger = Browser(world.url)
    unknown = begin(stranger, NEW)
    assert known.status == unknown.status == 200 and known.trail == unknown.trail
    assert seen(known) == seen(unknown)
    (letter,) = letters_to(world, "ada@example.com")
    assert "There is one already" in letter
    # Every later page is alike as well: a wrong code, another letter, five wrong codes.
    for step in range(8):
        press = {"press": "resend"} if step == 2 else {}
        code = {} if press else {"code": "AAAAAA"}
        assert seen(browser.submit(**press, **code)) == seen(stranger.submit(**press, **code)), step


def seen(page: Page) -> tuple[object, ...]:
    """What whoever asked can see of an answer."""
    words = re.sub(r"\S+@\S+", "…", page.words)
    headers = {name: value for name, value in page.headers.items() if name not in ("Date", "X-Request-Id", "Content-Length")}
    cookies = headers.pop("Set-Cookie", "").split("=")[0]
    return page.status, page.path, words, sorted(headers.items()), cookies


def test_the_same_is_written_and_asked_of_the_database_whether_or_not_there_is_an_account(world: World) -> None:
    counted = []
    for email in ("ada@example.com", NEW):
        browser = Browser(world.url)
        browser.get("/signup")
        with counting(world) as statements:
            browser.submit(name="", email=email, password=STRONG)
        with world.inside():
            rows = [db.session.scalar(select(func.count()).select_from(table)) for table in (OutboxMessage, EmailCode)]
        counted.append((len(statements), rows))
    (known, _), (unknown, rows) = counted
    assert known == unknown and rows == [2, 2]


def test_the_password_is_kept_sealed_and_hashed_until_the_code_comes(browser: Browser, world: World) -> None:
    begin(browser)
    with world.inside():
        row = db.session.scalars(select(EmailCode)).one()
        assert row.details and "argon2" not in row.details and STRONG not in row.details


def test_a_code_that_was_guessed_at_or_is_old_opens_nothing_and_another_does(browser: Browser, world: World) -> None:
    begin(browser)
    first = code_to(world, NEW)
    for _ in range(5):
        assert browser.submit(code="AAAAAA").status == 422
    assert browser.submit(code=first).status == 422
    assert browser.submit(press="resend").path == "/signup/code"
    second = code_to(world, NEW)
    world.later(minutes=11)
    assert browser.submit(code=second).status == 422
    browser.submit(press="resend")
    assert browser.submit(code=code_to(world, NEW)).path == "/account"


def test_another_address_can_be_typed(browser: Browser, world: World) -> None:
    begin(browser)
    first = code_to(world, NEW)
    browser.get("/signup/code")
    browser.follow("change")
    begin(browser, "babbage@example.com")
    assert browser.submit(code=first).status == 422
    assert browser.submit(code=code_to(world, "babbage@example.com")).path == "/account"
    assert found(world) is None and found(world, "babbage@example.com") is not None


def test_the_code_serves_no_other_browser_and_nothing_waits_there(browser: Browser, world: World) -> None:
    begin(browser)
    other = Browser(world.url)
    assert other.get("/signup/code").path == "/signup"
    begin(other, "eve@example.com")
    assert other.submit(code=code_to(world, NEW)).status == 422
    assert found(world) is None


def test_an_empty_code_or_a_jump_to_the_last_step_opens_nothing(browser: Browser, world: World) -> None:
    browser.get("/signup")
    token = browser.page.form(email="").fields["csrf_token"]
    assert browser.post("/signup/code", csrf_token=token, code="AAAAAA").path == "/signup"
    assert browser.post("/signup/letter", csrf_token=token).path == "/signup"
    begin(browser)
    assert browser.submit(code="").status == 422
    assert found(world) is None and found(world, "") is None


def test_of_two_browsers_with_one_address_the_first_to_bring_its_code_has_the_account(world: World) -> None:
    browsers = [Browser(world.url), Browser(world.url)]
    codes = []
    for number, browser in enumerate(browsers):
        begin(browser, password=f"{STRONG} {number}")
        codes.append(code_to(world, NEW))
    assert browsers[0].submit(code=codes[0]).path == "/account"
    page = browsers[1].submit(code=codes[1])
    assert page.status == 409 and "There is an account with this address already" in page.words
    assert Browser(world.url).get("/login").status == 200


def test_of_many_that_bring_their_codes_at_once_one_makes_the_account(world: World) -> None:
    browsers = [Browser(world.url) for _ in range(3)]
    codes = []
    for browser in browsers:
        begin(browser)
        codes.append(code_to(world, NEW))
    with ThreadPoolExecutor(3) as pool:
        pages = list(pool.map(lambda pair: pair[0].submit(code=pair[1]), zip(browsers, codes, strict=True)))
    assert sorted(page.status for page in pages) == [200, 409, 409]


def test_a_code_twice_at_once_makes_one_account(browser: Browser, world: World) -> None:
    begin(browser)
    form, code = browser.page.form(code="").fields, code_to(world, NEW)

    def bring(_: int) -> int:
        copy = Browser(world.url)
        copy.jar.update(browser.jar)
        return copy.post("/signup/code", **{**form, "code": code}).status

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(bring, range(6)))
    assert statuses.count(200) >= 1
    with world.inside():
        assert len(users.search(world.tenant, NEW).items) == 1


def test_letters_to_one_address_are_limited_whoever_has_it(world: World) -> None:
    for email in ("ada@example.com", NEW):
        for _ in range(3):
            assert begin(Browser(world.url), email).status == 200
        refused = begin(Browser(world.url), email)
        assert refused.status == 429 and int(refused.headers["Retry-After"]) > 0
        assert len(letters_to(world, email)) == 3


def test_what_is_wrong_is_told_before_anything_is_sent(world: World, browser: Browser) -> None:
    for email in ("ada@example.com", NEW):
        assert begin(browser, email, "short").status == 422
        assert begin(browser, email, email).status == 422
    assert world.letters() == []


def test_a_code_typed_where_nobody_began_leads_back_to_the_beginning(browser: Browser) -> None:
    token = browser.get("/signup").form(email="").fields["csrf_token"]
    page = browser.post("/signup/code", csrf_token=token, code="AAAAAA")
    assert page.path == "/signup" and "This sign-up is over. Start again." in page.words


def test_no_letter_can_be_made_to_go_elsewhere_or_to_say_something_else(world: World, browser: Browser) -> None:
    page = begin(browser, "charles@example.com\r\nBcc: eve@example.com")
    assert page.status == 422
    begin(browser, name="x\r\nBcc: eve@example.com")
    assert all("Bcc" not in letter for letter in world.letters())


def test_what_the_tenant_asks_for_besides_waits_for_the_code_as_well(browser: Browser, world: World) -> None:
    with world.inside():
        make(world, "string", slug="firm", required=True)
    assert begin(browser).status == 422
    assert browser.submit(name="", email=NEW, password=STRONG, **{"fields.firm": "Engines & Sons"}).path == "/signup/code"
    browser.submit(code=code_to(world, NEW))
    charles = found(world)
    assert charles is not None and charles.fields == {"firm": "Engines & Sons"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_was_typed_into_a_field_that_is_another_by_now_is_not_kept(browser: Browser, world: World) -> None:
    with world.inside():
        kept, old = make(world, "string"), make(world, "string", slug="size", name="Size")
    browser.get("/signup")
    browser.submit(**{"name": "", "email": NEW, "password": STRONG, "fields.string": "as it is", "fields.size": "quite large"})
    with world.inside():
        user_fields.delete(user_fields.get(None, old.id), by=TESTS)
        make(world, "choices", slug="size", name="Sizes", required=True)
    page = browser.submit(code=code_to(world, NEW))
    assert (page.status, page.path) == (200, "/account")
    charles = found(world)
    assert charles is not None and charles.fields == {kept.slug: "as it is"}
