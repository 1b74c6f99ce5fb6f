"""Who comes by a provider for the first time, where accounts open after a code, or for whoever is invited."""

import re

import pytest

from shared.models.user import User
from shared.services import invitations, tenants, users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere, linked, nobody, sign_in
from tests.parts.post import code_to, letters_to, link_to
from tests.parts.world import TESTS, World

SOMEBODY = "some@body.example"


def found(world: World, email: str = SOMEBODY) -> User | None:
    with world.inside():
        return users.find_by_email(world.tenant, email)


@pytest.fixture
def before(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)


@pytest.fixture
def invited(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, sign_up="invitation", by=TESTS)
        invitations.create(world.tenant, email=SOMEBODY, by=TESTS)


def test_an_address_that_is_vouched_for_needs_no_code(world: World, elsewhere: Elsewhere, browser: Browser, before: None) -> None:
    assert sign_in(browser, elsewhere).path == "/account"
    made = found(world)
    assert made is not None and made.email_verified


def test_one_that_is_not_opens_by_its_code_and_then_links(
    world: World, elsewhere: Elsewhere, browser: Browser, before: None
) -> None:
    page = sign_in(browser, elsewhere, email_verified=False)
    assert page.path == "/login/joining"
    page = browser.submit(email=SOMEBODY)
    assert page.path == "/signup/code" and found(world) is None
    page = browser.submit(code=code_to(world, SOMEBODY))
    assert page.path == "/account/identities/arrival" and linked(world) == []
    assert browser.submit(press="link").path == "/account"
    assert linked(world) == [("somebody-1", SOMEBODY)]
    made = found(world)
    assert made is not None and made.email_verified and made.password_hash is None


def test_nobody_learns_who_has_an_account_by_claiming_an_address(
    world: World, elsewhere: Elsewhere, browser: Browser, before: None
) -> None:
    """A provider that vouches for nothing says whatever somebody wants it to say."""
    seen = []
    for email in (world.ada.email, "nobody@example.com"):
        mine = Browser(world.url)
        page = sign_in(mine, elsewhere, sub=f"claims-{email}", email=email, email_verified=False)
        seen.append((page.status, page.path, [url.partition("?")[0] for url in page.trail]))
        page = mine.submit(email=email)
        words = re.sub(r"\S+@example\.com", "…", page.words)
        seen.append((page.status, page.path, words))
        assert nobody(mine)
    assert seen[:2] == seen[2:]
    assert linked(world) == [] and len(letters_to(world, world.ada.email)) == 1


def test_whoever_has_the_account_all_along_signs_in_and_links(
    world: World, elsewhere: Elsewhere, browser: Browser, before: None
) -> None:
    sign_in(browser, elsewhere, email=world.ada.email, email_verified=False)
    browser.submit(email=world.ada.email)
    browser.get("/login")
    assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/account/identities/arrival"
    browser.submit(press="link")
    assert linked(world) == [("somebody-1", world.ada.email)]


def test_somebody_else_who_signs_in_there_links_nothing(
    world: World, elsewhere: Elsewhere, browser: Browser, before: None
) -> None:
    sign_in(browser, elsewhere, email=world.ada.email, email_verified=False)
    browser.submit(email=world.ada.email)
    browser.get("/login")
    page = browser.submit(email=world.admin.email, password=world.admin.password)
    assert page.path == "/account" and "nothing was linked" in page.words and linked(world) == []


def test_whoever_is_invited_comes_by_a_provider_that_vouches_for_the_address(
    world: World, elsewhere: Elsewhere, browser: Browser, invited: None
) -> None:
    other = Browser(world.url)
    page = sign_in(other, elsewhere, sub="other", email="other@body.example")
    assert page.path == "/login" and "New accounts are not open here." in page.words
    assert sign_in(browser, elsewhere).path == "/account"
    made = found(world)
    with world.inside():
        row = invitations.search(world.tenant).items[0]
        assert made is not None and made.email_verified and (row.user_id, row.accepted_at is None) == (made.id, False)


def test_an_invitation_serves_nobody_who_only_claims_its_address(
    world: World, elsewhere: Elsewhere, browser: Browser, invited: None
) -> None:
    page = sign_in(browser, elsewhere, email_verified=False)
    assert page.path == "/login" and "New accounts are not open here." in page.words and found(world) is None
    assert browser.post("/login/joining", email=SOMEBODY).status == 400


def test_an_invitation_makes_one_account(world: World, elsewhere: Elsewhere, browser: Browser, invited: None) -> None:
    sign_in(Browser(world.url), elsewhere)
    page = sign_in(browser, elsewhere, sub="another")
    assert "You have an account already" in page.words and linked(world) == [("somebody-1", SOMEBODY)]


def test_whoever_first_proves_an_address_has_its_account_to_themselves(world: World, elsewhere: Elsewhere) -> None:
    """Pre-hijacking the other way round: an attacker waits, by a provider, in an account with the address of a victim."""
    attacker, victim = Browser(world.url), Browser(world.url)
    sign_in(attacker, elsewhere, sub="attacker", email_verified=False)
    attacker.submit(email=SOMEBODY)
    assert linked(world) == [("attacker", SOMEBODY)]
    victim.get("/recover")
    victim.submit(email=SOMEBODY)
    victim.get(link_to(world, SOMEBODY))
    victim.submit(password="a wholly new and longer password")
    assert linked(world) == [] and nobody(attacker)
    again = Browser(world.url)
    assert sign_in(again, elsewhere, sub="attacker", email_verified=False).path == "/login/joining"
