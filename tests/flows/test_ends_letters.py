"""What was sent by letter before an end opens nothing after it: a code, a link, and another address that waits for its code."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.models.audit import Actor
from shared.services import deletions, email_codes, password_changes, session_ends, users, verification
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import demand, sign_in
from tests.parts.post import code_to, link_to
from tests.parts.signed_in import is_signed_in
from tests.parts.world import TESTS, World

NEW, ELSEWHERE = "nine engines and a kettle", "eve@elsewhere.example"
OVER = "This code no longer works."
End = Callable[[World], None]


def changed(world: World) -> None:
    with world.inside():
        user = world.user(world.ada)
        password_changes.change(user, password=NEW, by=Actor.of(user))


def recovered(world: World) -> None:
    browser = Browser(world.url)
    browser.get("/recover")
    browser.submit(email=world.ada.email)
    browser.get(link_to(world, world.ada.email))
    assert browser.submit(password=NEW).path == "/login"


def ended(world: World) -> None:
    with world.inside():
        session_ends.every(world.user(world.ada), by=TESTS)


def disabled_and_enabled(world: World) -> None:
    with world.inside():
        users.enable(users.disable(world.user(world.ada), by=TESTS), by=TESTS)


def deleted(world: World) -> None:
    with world.inside():
        deletions.carry_out(world.user(world.ada), by=TESTS)


ENDS = [changed, recovered, ended, disabled_and_enabled]


@pytest.fixture(autouse=True)
def offered(world: World) -> None:
    demand(world, factors=["password", "totp", "email"])


@pytest.fixture
def asked(world: World, browser: Browser) -> Browser:
    """A browser that asked for a code to sign in with."""
    browser.get("/login/code")
    browser.submit(email=world.ada.email)
    return browser


@pytest.mark.parametrize("end", [*ENDS, deleted])
def test_a_code_to_sign_in_with(world: World, asked: Browser, end: End) -> None:
    code = code_to(world, world.ada.email)
    end(world)
    page = asked.submit(code=code)
    # Of somebody who is gone no code is left, and so the way leads to where one asks.
    assert (page.path, page.status) == (("/login/code", 200) if end is deleted else ("/login/letter", 422))
    assert OVER in page.words
    assert not is_signed_in(asked)


@pytest.mark.parametrize("end", [*ENDS, deleted])
def test_the_link_beside_it(world: World, asked: Browser, end: End) -> None:
    asked.get(link_to(world, world.ada.email))
    end(world)
    assert asked.submit(press="submit").status == 404
    assert not is_signed_in(asked)


@pytest.mark.parametrize("end", [changed, ended, disabled_and_enabled, deleted])
def test_a_link_to_choose_a_password_with(world: World, browser: Browser, end: End) -> None:
    browser.get("/recover")
    browser.submit(email=world.ada.email)
    link = link_to(world, world.ada.email)
    end(world)
    assert browser.get(link).status == 404


@pytest.mark.parametrize("end", ENDS)
def test_a_change_of_address_that_somebody_else_has_begun(world: World, browser: Browser, end: End) -> None:
    """Whoever sat in the account asked for it, and still has the code: it is worth nothing in any later session."""
    sign_in(browser, world.ada)
    browser.get("/account/email")
    browser.submit(email=ELSEWHERE)
    code = code_to(world, ELSEWHERE)
    end(world)
    assert not is_signed_in(browser)
    with world.inside():
        waiting = email_codes.latest(world.tenant, email_codes.CHANGE, user=world.user(world.ada))
        assert waiting is not None and waiting.ended_at is not None
    again = Browser(world.url)
    again.get("/login")
    again.submit(email=world.ada.email, password=NEW if end in (changed, recovered) else world.ada.password)
    assert again.get("/account/email/code").path == "/account/email", "nothing waits for a code"
    posted(again, "/account/email/code", code)
    with world.inside():
        assert world.user(world.ada).email == world.ada.email


@pytest.mark.parametrize("kept", ["others", "password"])
def test_a_change_of_address_dies_also_where_one_session_goes_on(world: World, browser: Browser, kept: str) -> None:
    thief = Browser(world.url)
    sign_in(thief, world.ada)
    thief.get("/account/email")
    thief.submit(email=ELSEWHERE)
    code = code_to(world, ELSEWHERE)
    sign_in(browser, world.ada)
    if kept == "others":
        browser.get("/account/sessions")
        browser.follow("end-others")
        browser.submit(press="End them all")
    else:
        browser.get("/account/password")
        browser.submit(password=NEW)
    assert is_signed_in(browser)
    page = posted(browser, "/account/email/code", code)
    assert page.path != "/account" and OVER in page.words
    with world.inside():
        assert world.user(world.ada).email == world.ada.email


def test_a_second_factor_by_letter(world: World, browser: Browser) -> None:
    demand(world, second_factor="always")
    sign_in(browser, world.ada)
    browser.submit(press="send")
    code = code_to(world, world.ada.email)
    ended(world)
    assert browser.submit(code=code).path == "/login"
    assert not is_signed_in(browser)


def test_a_code_that_verifies_an_address(world: World) -> None:
    with world.inside():
        user = users.create(world.tenant, email="new@example.com", by=TESTS)
        verification.send_code(user)
        assert verification.waits(user)
        users.enable(users.disable(user, by=TESTS), by=TESTS)
        assert not verification.waits(user)


def test_what_is_asked_for_after_the_end_works(world: World, asked: Browser) -> None:
    ended(world)
    asked.submit(press="resend")
    assert asked.submit(code=code_to(world, world.ada.email)).path == "/account"


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_code_and_an_end_do_not_wait_for_each_other(world: World, asked: Browser) -> None:
    """Each holds what the other wants, unless both take the person first: of many rounds none is broken off."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            asked.get("/login/code")
            asked.submit(email=world.ada.email)
            ends = [pool.submit(ended, world) for _ in range(3)]
            page = asked.submit(code=code_to(world, world.ada.email))
            assert page.status in (200, 422), page.words
            assert [each.result() for each in ends] == [None] * 3
            asked.jar.clear()


def test_nobody_s_but_the_person_s(world: World, asked: Browser) -> None:
    eve = world.add_person("eve@example.com")
    with world.inside():
        password_changes.change(world.user(eve), password=NEW, by=TESTS)
    assert asked.submit(code=code_to(world, world.ada.email)).path == "/account"


def posted(browser: Browser, place: str, code: str) -> Page:
    browser.get("/account/email")
    token = browser.page.form(email="").fields["csrf_token"]
    return browser.post(place, csrf_token=token, code=code)
