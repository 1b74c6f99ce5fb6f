"""Signing in with a password: what is said, how long it takes, how often one may guess, and where one lands."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from shared.services import audit, users
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, Person, World

TRIES = 10
WRONG = "The e-mail address or the password is wrong."


def attempt(world: World, email: str, password: str, **headers: str) -> Page:
    """One try by a browser of its own."""
    browser = Browser(world.url, **headers)
    browser.get("/login")
    return browser.submit(email=email, password=password)


def wrong(world: World, person: Person, times: int = 1) -> list[int]:
    """The statuses of so many wrong passwords."""
    return [attempt(world, person.email, "not the password").status for _ in range(times)]


def test_a_person_signs_in_and_sees_their_account(browser: Browser, world: World) -> None:
    browser.get("/login")
    page = browser.submit(email=world.ada.email, password=world.ada.password)
    assert page.path == "/account"
    assert browser.get("/login").path == "/account", "who is signed in is not asked again"


def test_the_cursor_stands_in_one_place(browser: Browser) -> None:
    assert browser.get("/login").text.count("autofocus") == 1


def test_the_address_may_be_written_in_any_case_and_with_blanks_around(world: World) -> None:
    assert attempt(world, "  ADA@Example.COM ", world.ada.password).path == "/account"


def test_a_wrong_password_is_told_in_the_form_which_keeps_the_address_alone(world: World) -> None:
    page = attempt(world, world.ada.email, "not the password")
    assert (page.status, page.path) == (422, "/login")
    assert WRONG in page.words
    assert page.form().fields["email"] == world.ada.email
    assert page.form().fields["password"] == ""
    assert "not the password" not in page.text


def test_the_answer_does_not_say_whether_an_account_exists_or_is_disabled(world: World) -> None:
    eve, gone, invited = world.add_person("eve@example.com"), world.add_person("gone@example.com"), "invited@example.com"
    with world.inside():
        users.disable(world.user(gone), by=TESTS)
        users.create(world.tenant, email=invited, by=TESTS)
    seen = {
        (page.status, page.words.replace(email, "…"), tuple(sorted(page.headers)))
        for email, password in (
            (eve.email, "not the password"),
            (gone.email, "not the password"),
            (gone.email, gone.password),
            ("nobody@example.com", "not the password"),
            (invited, "not the password"),
            ("not an address", "not the password"),
        )
        for page in [attempt(world, email, password)]
    }
    assert len(seen) == 1
    assert WRONG in seen.pop()[1]


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_time_it_takes_does_not_say_whether_an_account_exists(world: World) -> None:
    """A machine that is busy may spoil one comparison; one that tells the two apart spoils every one."""
    factors = []
    for number in range(4):
        known = world.add_person(f"known{number}@example.com")
        factors.append(_slower(world, known.email, f"nobody{number}@example.com"))
        if 1 / 1.3 < factors[-1] < 1.3:
            return
    raise AssertionError(f"the one takes {factors} times as long as the other")


def _slower(world: World, one: str, other: str) -> float:
    taken: dict[str, list[float]] = {one: [], other: []}
    browser = Browser(world.url)
    for _ in range(TRIES - 1):
        for email in (one, other):
            browser.get("/login")
            began = time.perf_counter()
            assert browser.submit(email=email, password="not the password").status == 422
            taken[email].append(time.perf_counter() - began)
    return median(taken[one]) / median(taken[other])


def test_after_ten_wrong_passwords_an_account_waits(world: World) -> None:
    assert wrong(world, world.ada, TRIES) == [422] * TRIES
    page = attempt(world, world.ada.email, world.ada.password)
    assert page.status == 429
    assert 0 < int(page.headers["Retry-After"]) <= 301
    assert "Too many tries" in page.words
    world.later(minutes=5, seconds=1)
    assert attempt(world, world.ada.email, world.ada.password).path == "/account"


def test_many_guesses_at_once_are_counted_too(world: World) -> None:
    with ThreadPoolExecutor(15) as pool:
        statuses = list(pool.map(lambda _: wrong(world, world.ada)[0], range(30)))
    assert sorted(statuses) == [422] * TRIES + [429] * (30 - TRIES)


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_account_that_does_not_exist_waits_as_one_that_does(world: World) -> None:
    nobody = Person(world.ada.id, "nobody@example.com", "", "")
    assert wrong(world, nobody, TRIES + 1) == [422] * TRIES + [429]


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_same_account_in_other_letters_is_the_same_account(world: World) -> None:
    for email in ("ada@example.com", "ADA@example.com", " ada@EXAMPLE.com", "aDa@example.com") * 3:
        page = attempt(world, email, "not the password")
    assert page.status == 429


@pytest.mark.parametrize("database", ["sqlite"])
def test_other_accounts_go_on(world: World) -> None:
    wrong(world, world.ada, TRIES + 1)
    assert attempt(world, world.admin.email, world.admin.password).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_right_password_is_forgiven_the_wrong_ones_before(world: World) -> None:
    for _ in range(2):
        assert wrong(world, world.ada, TRIES - 1) == [422] * (TRIES - 1)
        assert attempt(world, world.ada.email, world.ada.password).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_may_guess_a_hundred_times_whatever_it_claims_to_be(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda number: _from_elsewhere(world, number), range(102)))
    assert statuses.count(429) == 2


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_office_of_two_hundred_signs_in_from_one_address(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: attempt(world, world.ada.email, world.ada.password).path, range(110)))
    assert pages == ["/account"] * 110
    assert wrong(world, world.ada) == [422], "and what is wrong counts from nought"


def _from_elsewhere(world: World, number: int) -> int:
    claimed = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
    return attempt(world, f"somebody{number}@example.com", "not the password", **claimed).status


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_redis_guesses_are_still_limited_and_a_right_password_is_asked_to_wait(world: World) -> None:
    # What this process counts by itself outlives a test: accounts of this test's own.
    eve, uma = world.add_person("eve@example.com"), world.add_person("uma@example.com")
    world.valkey.stop()
    try:
        statuses = wrong(world, eve, TRIES + 2)
        page = attempt(world, uma.email, uma.password)
    finally:
        world.valkey.start()
    assert statuses == [422] * TRIES + [429] * 2
    assert (page.status, page.headers["Retry-After"].isdigit()) == (503, True)
    assert attempt(world, uma.email, uma.password).path == "/account"


def test_successes_and_failures_are_in_the_audit_log(world: World) -> None:
    attempt(world, world.ada.email, "not the password")
    attempt(world, world.ada.email, world.ada.password)
    with world.inside():
        failed, signed_in = audit.search(action="user.login_failed").items, audit.search(action="user.signed_in").items
    assert [event.actor_name for event in failed] == [world.ada.email]
    assert [event.actor_id for event in signed_in] == [str(world.ada.id)]
    assert "not the password" not in str([event.detail for event in failed])


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("missing", ["email", "password"])
def test_what_is_missing_is_told_at_its_field(browser: Browser, world: World, missing: str) -> None:
    browser.get("/login")
    page = browser.submit(**{"email": world.ada.email, "password": world.ada.password, missing: ""})
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_comes_back_to_the_page_that_was_asked_for(browser: Browser, world: World) -> None:
    assert browser.get("/account/sessions").path == "/login"
    assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/account/sessions"


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "https:///evil.example",
    "//evil.example\\@localhost",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/\x00/evil.example",
    "/\u00ad/evil.example",
    "/\u2028/evil.example",
    "//[",
    "//\u2100.example",
    "//evil.example:99999",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "?next=//evil.example",
]


@pytest.mark.parametrize("database", ["sqlite"])
def test_next_leads_nowhere_else(browser: Browser, world: World) -> None:
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    for unverified in ELSEWHERE:
        page = browser.get("/login", next=unverified)
        assert (page.left_to, page.status, page.path) == (None, 200, "/account"), unverified


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("unverified", ["//evil.example", "/\\evil.example", "//[", "https:evil.example"])
def test_next_leads_nowhere_else_after_a_login_either(browser: Browser, world: World, unverified: str) -> None:
    browser.get("/login", next=unverified)
    page = browser.submit(email=world.ada.email, password=world.ada.password)
    assert (page.left_to, page.status, page.path) == (None, 200, "/account")
