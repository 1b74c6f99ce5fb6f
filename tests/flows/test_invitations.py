"""Making an account with an invitation: once, at one address, for seven days."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kit.errors import Conflict, Invalid
from shared.models.invitation import Invitation
from shared.services import audit, invitations, tenants, users
from tests.parts.browsing import Browser, Page
from tests.parts.post import letters_to, link_to, token_of
from tests.parts.world import TESTS, World

STRONG = "difference engines all the way"
NEW = "charles@example.com"


@pytest.fixture
def invited(world: World) -> Invitation:
    with world.inside():
        tenants.update(world.tenant, sign_up="invitation", by=TESTS)
        return invitations.create(world.tenant, email=NEW, by=TESTS)


def accept(world: World, link: str, **typed: str) -> Page:
    browser = Browser(world.url)
    browser.get(link)
    return browser.submit(**{"name": "Charles", "password": STRONG, **typed})


def test_whoever_is_invited_makes_an_account_that_is_verified(world: World, invited: Invitation) -> None:
    page = accept(world, link_to(world, NEW))
    assert page.path == "/account" and NEW in page.words
    with world.inside():
        charles, row = users.find_by_email(world.tenant, NEW), invitations.get(None, invited.id)
        assert charles is not None and charles.email_verified
        assert (row.state, row.user_id) == ("accepted", charles.id)
        assert {event.action for event in audit.search(action="invitation.").items} == {
            "invitation.created",
            "invitation.accepted",
        }


def test_the_address_is_that_of_the_letter_whatever_is_sent(world: World, invited: Invitation) -> None:
    browser, link = Browser(world.url), link_to(world, NEW)
    token = browser.get(link).form(password="").fields["csrf_token"]
    browser.post(link, csrf_token=token, email="eve@example.com", name="", password=STRONG)
    with world.inside():
        assert users.find_by_email(world.tenant, "eve@example.com") is None
        assert users.find_by_email(world.tenant, NEW) is not None


def test_to_look_at_it_spends_nothing(world: World, invited: Invitation) -> None:
    link = link_to(world, NEW)
    for _ in range(5):
        assert Browser(world.url).get(link).status == 200
    assert accept(world, link).path == "/account"


def test_a_weak_password_spends_nothing(world: World, invited: Invitation) -> None:
    link = link_to(world, NEW)
    assert accept(world, link, password="short").status == 422
    assert accept(world, link, password=NEW).status == 422
    assert accept(world, link).path == "/account"


def test_wrong_used_expired_revoked_and_another_tenants_are_told_alike(world: World, invited: Invitation) -> None:
    used = link_to(world, NEW)
    accept(world, used)
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
        rows = [invitations.create(world.tenant, email=email, by=TESTS) for email in ("a@example.com", "b@example.com")]
    expired, revoked = link_to(world, "a@example.com"), link_to(world, "b@example.com")
    world.later(days=7, seconds=1)
    with world.inside():
        invitations.revoke(rows[1], by=TESTS)
        invitations.create(acme, email="c@example.com", by=TESTS)
    theirs = link_to(world, "c@example.com").removeprefix("/t/acme")
    said = {
        (page.status, page.words)
        for link in (used, expired, revoked, theirs, "/invitation?token=wrong", "/invitation", "/invitation?token=%00")
        for page in [Browser(world.url).get(link)]
    }
    assert len(said) == 1
    status, words = said.pop()
    assert status == 404 and "no longer works" in words


def test_a_second_letter_ends_the_link_of_the_first(world: World, invited: Invitation) -> None:
    first = link_to(world, NEW)
    with world.inside():
        again = invitations.create(world.tenant, email=NEW.upper(), by=TESTS)
        assert again.id == invited.id
    assert Browser(world.url).get(first).status == 404
    assert len(letters_to(world, NEW)) == 2
    assert accept(world, link_to(world, NEW)).path == "/account"


def test_of_fifty_at_once_one_makes_the_account(world: World, invited: Invitation) -> None:
    browser, link = Browser(world.url), link_to(world, NEW)
    token = browser.get(link).form(password="").fields["csrf_token"]

    def press(_: int) -> int:
        copy = Browser(world.url)
        copy.jar.update(browser.jar)
        return copy.post(link, csrf_token=token, name="", password=STRONG).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(press, range(50)))
    assert statuses.count(200) == 1 and set(statuses) <= {200, 404, 409}
    with world.inside():
        assert len(users.search(world.tenant, NEW).items) == 1


def test_an_account_that_was_made_meanwhile_stays_what_it_is(world: World, invited: Invitation) -> None:
    link = link_to(world, NEW)
    with world.inside():
        made = users.create(world.tenant, email=NEW, password="another password of theirs", by=TESTS)
    page = accept(world, link)
    assert page.status == 409 and "There is an account with this address already" in page.words
    with world.inside():
        assert users.find_by_email(world.tenant, NEW).password_hash == made.password_hash


def test_an_operator_is_told_that_somebody_has_an_account(world: World, invited: Invitation) -> None:
    with world.inside(), pytest.raises(Conflict):
        invitations.create(world.tenant, email="ADA@example.com", by=TESTS)
    with world.inside(), pytest.raises(Invalid):
        invitations.create(world.tenant, email="nobody", by=TESTS)


def test_what_was_accepted_is_neither_revoked_nor_sent_again(world: World, invited: Invitation) -> None:
    accept(world, link_to(world, NEW))
    for verb in (invitations.revoke, invitations.send_again):
        with world.inside(), pytest.raises(Conflict):
            verb(invited, by=TESTS)


def test_the_link_is_kept_as_a_fingerprint(world: World, invited: Invitation) -> None:
    token = token_of(link_to(world, NEW))
    assert token not in repr({column.name: getattr(invited, column.name) for column in Invitation.__table__.columns})
    assert re.fullmatch(r"[\w-]{43}", token)
