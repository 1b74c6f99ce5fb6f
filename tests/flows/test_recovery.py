"""A forgotten password: a link by letter, once, for an hour, and what ends it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from shared.kit import hashes
from shared.kit.db import db, transaction
from shared.models.outbox import OutboxMessage
from shared.models.recovery import RecoveryLink
from shared.models.user import User
from shared.services import invitations, password_changes, tenants, users
from tests.parts.browsing import Browser, Page
from tests.parts.counting import counting
from tests.parts.listening import Logs
from tests.parts.post import letters_to, link_to, token_of
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

NEW = "a wholly new and longer password"


def ask(world: World, email: str, browser: Browser | None = None, **headers: str) -> Page:
    browser = browser or Browser(world.url, **headers)
    browser.get("/recover")
    return browser.submit(email=email)


def choose(world: World, link: str, password: str = NEW, browser: Browser | None = None) -> Page:
    browser = browser or Browser(world.url)
    browser.get(link)
    return browser.submit(password=password)


def test_whoever_reads_the_letter_chooses_a_new_password_and_then_signs_in(world: World) -> None:
    assert ask(world, world.ada.email).path == "/recover/sent"
    browser = Browser(world.url)
    page = choose(world, link_to(world, world.ada.email), browser=browser)
    assert page.path == "/login" and "Your new password is set" in page.words, "nobody is signed in by a link"
    assert browser.get("/account").path == "/login"
    browser.get("/login")
    assert browser.submit(email=world.ada.email, password=world.ada.password).status == 422
    assert browser.submit(email=world.ada.email, password=NEW).path == "/account"
    assert "was changed" in letters_to(world, world.ada.email)[-1]


def test_it_ends_sessions_and_tokens(rp: RelyingParty, world: World) -> None:
    tokens = rp.exchange(rp.sign_in_and_allow())
    ask(world, world.ada.email)
    choose(world, link_to(world, world.ada.email))
    assert rp.browser.get("/account").path == "/login"
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"


def test_the_application_that_waits_is_gone_on_to_in_the_same_browser(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("recover")
    rp.browser.submit(email=world.ada.email)
    link = link_to(world, world.ada.email)
    assert choose(world, link, browser=rp.browser).path == "/login"
    assert rp.browser.submit(email=world.ada.email, password=NEW).path == "/consent"


def test_in_another_browser_it_ends_at_the_account(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("recover")
    rp.browser.submit(email=world.ada.email)
    other = Browser(world.url)
    assert "request_uri" not in choose(world, link_to(world, world.ada.email), browser=other).url
    assert other.submit(email=world.ada.email, password=NEW).path == "/account"


def test_an_account_without_a_password_gets_one_so_and_its_address_is_verified(world: World) -> None:
    with world.inside():
        users.create(world.tenant, email="eve@example.com", by=TESTS)
    ask(world, "eve@example.com")
    browser = Browser(world.url)
    choose(world, link_to(world, "eve@example.com"), browser=browser)
    assert browser.submit(email="eve@example.com", password=NEW).path == "/account"
    with world.inside():
        assert users.find_by_email(world.tenant, "eve@example.com").email_verified


def test_the_answer_is_the_same_for_any_address(world: World) -> None:
    with world.inside():
        users.create(world.tenant, email="gone@example.com", password=NEW, by=TESTS)
        users.disable(users.find_by_email(world.tenant, "gone@example.com"), by=TESTS)
        users.create(world.tenant, email="passless@example.com", by=TESTS)
    seen, counted = set(), set()
    for email in (world.ada.email, "gone@example.com", "passless@example.com", "nobody@example.com"):
        browser = Browser(world.url)
        browser.get("/recover")
        with counting(world) as statements:
            page = browser.submit(email=email)
        # What differs is what was typed, and its length.
        own = ("Date", "X-Request-Id", "Set-Cookie", "Content-Length")
        headers = {name: value for name, value in page.headers.items() if name not in own}
        text, words = (each.replace(email, "…") for each in (page.text, page.words))
        seen.add((page.status, page.url, words, len(text), repr(sorted(headers.items()))))
        counted.add(len(statements))
    assert len(seen) == 1 and len(counted) == 1
    with world.inside():
        for table in (RecoveryLink, OutboxMessage):
            assert db.session.scalar(select(func.count()).select_from(table)) == 4
    sent = {letter.split("\n")[0] for letter in world.letters()}
    assert sent == {f"To: {world.ada.email}", "To: passless@example.com"}


def test_what_is_no_address_is_told(world: World) -> None:
    for email in ("", "nobody", "x@", "a@example.com\r\nBcc: eve@example.com"):
        assert ask(world, email).status == 422


def test_the_link_is_at_the_configured_address_whatever_host_was_sent(world: World) -> None:
    browser = Browser(world.url, **{"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Host": "evil.example"})
    ask(world, world.ada.email, browser)
    assert link_to(world, world.ada.email).startswith("/recover/password?token=")
    assert "evil.example" not in letters_to(world, world.ada.email)[-1]


def test_a_tenant_of_its_own_has_its_own_links(world: World) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
    person = world.add_person("ada@example.com", tenant=acme)
    browser = Browser(world.url)
    browser.get("/t/acme/recover")
    browser.submit(email=person.email)
    link = link_to(world, person.email)
    assert link.startswith("/t/acme/recover/password?")
    assert Browser(world.url).get(link.removeprefix("/t/acme")).status == 404
    assert choose(world, link).path == "/t/acme/login"


def test_it_works_once(world: World) -> None:
    ask(world, world.ada.email)
    link = link_to(world, world.ada.email)
    for _ in range(3):
        assert Browser(world.url).get(link).status == 200, "mail programs look at links"
    choose(world, link)
    assert Browser(world.url).get(link).status == 404


def test_of_fifty_at_once_one_sets_the_password(world: World) -> None:
    ask(world, world.ada.email)
    link, browser = link_to(world, world.ada.email), Browser(world.url)
    token = browser.get(link).form(password="").fields["csrf_token"]

    def press(number: int) -> str:
        copy = Browser(world.url)
        copy.jar.update(browser.jar)
        return copy.post(link, csrf_token=token, password=f"{NEW} {number}").path

    with ThreadPoolExecutor(10) as pool:
        paths = list(pool.map(press, range(50)))
    assert paths.count("/login") == 1


ENDS = {
    "an hour": lambda world: world.later(minutes=61),
    "a newer one": lambda world: ask(world, "ADA@example.com"),
    "another password": lambda world: change(
        world, lambda ada: password_changes.change(ada, password="another of mine", by=TESTS)
    ),
    "another address": lambda world: change(world, move),
    "a disabled account": lambda world: change(world, lambda ada: users.disable(ada, by=TESTS)),
}


@pytest.mark.parametrize("what", ENDS)
def test_what_ends_a_link_is_told_in_one_way(world: World, what: str) -> None:
    ask(world, world.ada.email)
    link = link_to(world, world.ada.email)
    early = Browser(world.url)
    early.get(link)
    ENDS[what](world)
    page, late = Browser(world.url).get(link), early.submit(password=NEW)
    assert page.status == late.status == 404 and "no longer works" in page.words
    assert page.words == late.words
    with world.inside():
        kept = world.user(world.ada).password_hash
        assert kept and not hashes.verify_password(kept, NEW)


@pytest.mark.parametrize("address", ["/t/acme{link}", "{link}x", "/recover/password", "/recover/password?token=%00", "{short}"])
def test_what_is_no_link_is_told_in_the_same_way(world: World, address: str) -> None:
    ask(world, world.ada.email)
    link = link_to(world, world.ada.email)
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    page = Browser(world.url).get(address.format(link=link, short=link[:-1]))
    assert page.status == 404 and "no longer works" in page.words


def change(world: World, act: Callable[[User], object]) -> None:
    with world.inside():
        act(world.user(world.ada))


def move(ada: User) -> None:
    with transaction():
        ada.email = ada.email_folded = "lovelace@example.com"


def test_a_weak_password_spends_nothing(world: World) -> None:
    ask(world, world.ada.email)
    link = link_to(world, world.ada.email)
    for weak in ("short", "password1234", world.ada.email):
        assert choose(world, link, weak).status == 422
    assert choose(world, link).path == "/login"


def test_after_three_letters_in_ten_minutes_nothing_is_sent_and_nothing_is_said(world: World) -> None:
    answers = [ask(world, world.ada.email) for _ in range(5)]
    assert len({(page.status, page.path, page.words) for page in answers}) == 1
    assert len(letters_to(world, world.ada.email)) == 3
    world.later(minutes=11)
    ask(world, world.ada.email)
    assert len(letters_to(world, world.ada.email)) == 4


def test_of_twenty_at_once_three_send_a_letter(world: World) -> None:
    with ThreadPoolExecutor(10) as pool:
        pages = list(pool.map(lambda _: ask(world, world.ada.email), range(20)))
    assert {page.status for page in pages} == {200}
    assert len(letters_to(world, world.ada.email)) == 3


def test_the_secret_stays_where_it_is(world: World, logs: Logs) -> None:
    ask(world, world.ada.email)
    link = link_to(world, world.ada.email)
    browser = Browser(world.url)
    page = browser.get(link)
    assert page.headers["Referrer-Policy"] == "same-origin" and page.headers["Cache-Control"] == "no-store"
    secret = token_of(link)
    after = browser.submit(password=NEW)
    assert secret not in after.url and secret not in after.text
    assert secret not in logs.text
    with world.inside():
        kept = [value for row in db.session.execute(select(RecoveryLink.__table__)) for value in row]
    assert secret not in repr(kept)


def test_a_link_of_another_kind_sets_no_password(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, by=TESTS, sign_up="open")
    with world.inside():
        invitations.create(world.tenant, email="new@example.com", by=TESTS)
    token = token_of(link_to(world, "new@example.com"))
    assert Browser(world.url).get(f"/recover/password?token={token}").status == 404


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_address_is_typed_once(world: World) -> None:
    browser = Browser(world.url)
    assert ask(world, world.ada.email, browser).url == f"{world.url}/recover/sent", "no address stands in an address"
    assert f"with {world.ada.email} , an e-mail" in browser.page.words
    assert browser.follow("again").form(email="").fields["email"] == world.ada.email
    assert browser.get("/login").form(email="").fields["email"] == world.ada.email
    other = Browser(world.url)
    assert choose(world, link_to(world, world.ada.email), browser=other).form(email="").fields["email"] == world.ada.email
    other.submit(email=world.ada.email, password=NEW)
    assert other.get("/recover").form(email="").fields["email"] == "", "it is kept until somebody signs in"


@pytest.mark.parametrize("database", ["sqlite"])
def test_it_is_shown_at_its_own_tenant_alone_and_never_as_a_fact(world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    browser = Browser(world.url)
    assert "If there is an account with nobody@example.com" in ask(world, "nobody@example.com", browser).words
    assert browser.get("/t/acme/recover").form(email="").fields["email"] == ""
    assert "If there is an account with that address" in browser.get("/t/acme/recover/sent").words
