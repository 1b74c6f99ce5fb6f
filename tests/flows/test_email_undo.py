"""An address that somebody else changed: the letter to the old one brings the account back, once, for three days."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.audit import Actor
from shared.models.email_undo import EmailUndo
from shared.models.user import User
from shared.services import audit, deletions, email_codes, email_undos, invitations, tenants, users
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import equip
from tests.parts.listening import Logs
from tests.parts.post import code_to, letters_to, link_to, token_of
from tests.parts.signed_in import is_signed_in, signed_in
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty

THIEF = "thief@example.org"
NEW = "a wholly new and longer password"


def move(browser: Browser, world: World, to: str = THIEF) -> None:
    """Change the address of whoever is signed in."""
    browser.get("/account/email")
    browser.submit(email=to)
    assert browser.submit(code=code_to(world, to)).path == "/account"


def stolen(world: World) -> str:
    """The link in the letter to ada, whose account somebody has moved away."""
    move(signed_in(world), world)
    return link_to(world, world.ada.email)


def take_back(world: World, link: str, browser: Browser | None = None, **typed: str) -> Page:
    browser = browser or Browser(world.url)
    browser.get(link)
    return browser.submit(**(typed or {"password": NEW}))


def address_of(world: World, person: Person | None = None) -> str:
    with world.inside():
        return world.user(person or world.ada).email


def test_whoever_reads_the_letters_of_the_old_address_has_the_account_back(rp: RelyingParty, world: World) -> None:
    tokens, thief = rp.tokens(), signed_in(world)
    move(thief, world)
    letter = letters_to(world, world.ada.email)[-1]
    assert "for 3 days" in letter and THIEF in letter
    browser = Browser(world.url)
    page = browser.get(link_to(world, world.ada.email))
    assert world.ada.email in page.words and THIEF not in page.words
    page = browser.submit(password=NEW)
    assert page.path == "/login" and "yours again" in page.words, "nobody is signed in by a link"
    assert not is_signed_in(browser) and not is_signed_in(thief) and not is_signed_in(rp.browser)
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
    assert browser.get("/login") and browser.submit(email=THIEF, password=world.ada.password).status == 422
    assert browser.submit(email=world.ada.email, password=world.ada.password).status == 422, "whoever had it knows that one"
    assert browser.submit(email=world.ada.email, password=NEW).path == "/account"
    assert world.ada.email in letters_to(world, THIEF)[-1], "the address that it leaves is told"
    with world.inside():
        (event,) = [row for row in audit.search().items if row.action == "user.email_taken_back"]
        assert event.detail["email"] == [THIEF, world.ada.email]
        assert world.user(world.ada).email_verified


def test_to_look_at_it_changes_nothing_and_it_works_once(world: World) -> None:
    link = stolen(world)
    for _ in range(3):
        assert Browser(world.url).get(link).status == 200, "mail programs look at links"
    assert address_of(world) == THIEF
    assert take_back(world, link, password="short").status == 422 and address_of(world) == THIEF, "a weak one spends nothing"
    take_back(world, link)
    assert address_of(world) == world.ada.email
    assert Browser(world.url).get(link).status == 404


def test_of_fifty_at_once_one_takes_it_back(world: World) -> None:
    link, browser = stolen(world), Browser(world.url)
    token = browser.get(link).form(password="").fields["csrf_token"]

    def press(number: int) -> int:
        copy = Browser(world.url)
        copy.jar.update(browser.jar)
        answer = copy.post(link, csrf_token=token, password=f"{NEW} {number}")
        assert answer.path == "/login" or answer.status == 404, answer.status
        return answer.path == "/login"

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(press, range(50))) == 1
    assert len(letters_to(world, THIEF)) == 2, "the code, and that it left"


def test_a_thief_who_moves_on_gets_rid_of_no_link_and_has_no_use_of_their_own(world: World) -> None:
    thief = signed_in(world)
    move(thief, world)
    move(thief, world, "thief-2@example.org")
    owners, thiefs = link_to(world, world.ada.email), link_to(world, THIEF)
    take_back(world, thiefs)
    assert address_of(world) == THIEF
    take_back(world, owners)
    assert address_of(world) == world.ada.email
    assert Browser(world.url).get(thiefs).status == 404


def test_a_later_link_ends_with_an_earlier_one(world: World) -> None:
    thief = signed_in(world)
    move(thief, world)
    move(thief, world, "thief-2@example.org")
    owners, thiefs = link_to(world, world.ada.email), link_to(world, THIEF)
    take_back(world, owners)
    assert take_back_is_over(world, thiefs) and address_of(world) == world.ada.email


def take_back_is_over(world: World, link: str) -> bool:
    page = Browser(world.url).get(link)
    return page.status == 404 and "no longer works" in page.words


ENDS = {
    "three days": lambda world: world.later(days=3, seconds=1),
    "a disabled account": lambda world: change(world, lambda ada: users.disable(ada, by=TESTS)),
    "a deleted account": lambda world: change(world, lambda ada: deletions.carry_out(ada, by=TESTS)),
    "the same address again": lambda world: move(sign_in_as_thief(world), world, world.ada.email),
}


def change(world: World, act: Callable[[User], object]) -> None:
    with world.inside():
        act(world.user(world.ada))


def sign_in_as_thief(world: World) -> Browser:
    browser = Browser(world.url)
    browser.get("/login")
    assert browser.submit(email=THIEF, password=world.ada.password).path == "/account"
    return browser


@pytest.mark.parametrize("what", ENDS)
def test_what_ends_a_link_is_told_in_one_way(world: World, what: str) -> None:
    link = stolen(world)
    early = Browser(world.url)
    early.get(link)
    ENDS[what](world)
    page, late = Browser(world.url).get(link), early.submit(password=NEW)
    assert page.status == late.status == 404 and "no longer works" in page.words
    assert page.words == late.words


@pytest.mark.parametrize("address", ["/t/acme{link}", "{link}x", "/recover/email", "/recover/email?token=%00", "{short}"])
def test_what_is_no_link_is_told_in_the_same_way(world: World, address: str) -> None:
    link = stolen(world)
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    assert take_back_is_over(world, address.format(link=link, short=link[:-1]))


def test_links_of_other_kinds_take_nothing_back(world: World) -> None:
    with world.inside():
        invitations.create(world.tenant, email="new@example.com", by=TESTS)
    browser = Browser(world.url)
    browser.get("/recover")
    browser.submit(email=world.ada.email)
    for whose in ("new@example.com", world.ada.email):
        assert take_back_is_over(world, f"/recover/email?token={token_of(link_to(world, whose))}")
    assert Browser(world.url).get(f"/recover/password?token={token_of(stolen(world))}").status == 404


def test_the_link_is_at_the_configured_address_whatever_host_was_sent(world: World) -> None:
    browser = signed_in(world)
    browser.http.headers.update({"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    move(browser, world)
    assert "evil.example" not in letters_to(world, world.ada.email)[-1]
    assert link_to(world, world.ada.email).startswith("/recover/email?token=")


def test_a_second_factor_is_asked_for_all_the_same(world: World) -> None:
    link = stolen(world)
    equip(world, world.ada)
    browser = Browser(world.url)
    take_back(world, link, browser)
    assert browser.submit(email=world.ada.email, password=NEW).path == "/factor/totp"
    assert not is_signed_in(browser)


def test_an_address_that_nobody_proved_takes_nothing_back(world: World) -> None:
    """Or whoever makes an account with somebody's address would have them confirm it, password and all."""
    change(world, lambda ada: unverify(ada))
    move(signed_in(world), world)
    letter = letters_to(world, world.ada.email)[-1]
    assert "/recover/email" not in letter and "write to" in letter
    with world.inside():
        assert db.session.scalar(select(func.count(EmailUndo.id))) == 0


def unverify(ada: User) -> None:
    ada.email_verified_at = None
    db.session.commit()


def test_meanwhile_nobody_has_the_address_without_proving_it(world: World) -> None:
    link = stolen(world)
    browser = Browser(world.url)
    browser.get("/signup")
    page = browser.submit(email="ADA@example.com", password=NEW, name="Squatter")
    assert page.status == 409 and "cannot be used for a new account" in page.words
    take_back(world, link)
    assert address_of(world) == world.ada.email


def test_whoever_proved_it_meanwhile_keeps_it(world: World) -> None:
    link = stolen(world)
    other = world.add_person("other@example.com")
    browser = Browser(world.url)
    browser.get("/login")
    browser.submit(email=other.email, password=other.password)
    move(browser, world, world.ada.email)
    page = take_back(world, link)
    assert page.status == 409 and "another account by now" in page.words
    assert address_of(world) == THIEF and address_of(world, other) == world.ada.email


def test_codes_and_recovery_links_of_the_thief_end(world: World) -> None:
    link = stolen(world)
    thief = sign_in_as_thief(world)
    thief.get("/account/email")
    thief.submit(email="thief-2@example.org")
    elsewhere = Browser(world.url)
    elsewhere.get("/recover")
    elsewhere.submit(email=THIEF)
    recovery = link_to(world, THIEF)
    take_back(world, link)
    assert Browser(world.url).get(recovery).status == 404
    with world.inside():
        ada = world.user(world.ada)
        row = email_codes.latest(tenants.get(ada.tenant_id), email_codes.CHANGE, user=ada)
        assert row is not None and row.ended_at is not None


def test_where_nobody_signs_in_with_a_password_none_is_asked_for_and_none_stays(world: World) -> None:
    link = stolen(world)
    with world.inside():
        tenant = tenants.get(world.tenant.id)
        tenants.update(tenant, by=TESTS, factors=["email", "passkey"])
    page = Browser(world.url).get(link)
    assert 'type="password"' not in page.text
    browser = Browser(world.url)
    browser.get(link)
    assert browser.submit().path == "/login"
    with world.inside():
        assert world.user(world.ada).password_hash is None


def test_a_form_from_elsewhere_takes_nothing_back(world: World) -> None:
    link = stolen(world)
    browser = Browser(world.url)
    assert browser.post(link, password=NEW).status == 400
    browser.get(link)
    assert browser.post(link, password=NEW, csrf_token="made up").status == 400
    assert address_of(world) == THIEF


def test_the_secret_stays_where_it_is(world: World, logs: Logs) -> None:
    link = stolen(world)
    browser = Browser(world.url)
    page = browser.get(link)
    assert page.headers["Referrer-Policy"] == "same-origin" and page.headers["Cache-Control"] == "no-store"
    after = browser.submit(password=NEW)
    secret = token_of(link)
    assert secret not in after.url and secret not in after.text and secret not in logs.text
    with world.inside():
        assert secret not in repr([value for row in db.session.execute(select(EmailUndo.__table__)) for value in row])


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_over_is_purged_and_names_nobody_in_the_log_of_who_left(world: World) -> None:
    link = stolen(world)
    take_back(world, link)
    world.later(days=3, seconds=1)
    with world.inside():
        assert email_undos.purge() == 1
        deletions.carry_out(world.user(world.ada), by=Actor.of(world.user(world.admin)))
        told = repr([(row.detail, row.subject_name, row.actor_name) for row in audit.search().items])
    assert THIEF not in told and world.ada.email not in told
