"""Linking and unlinking accounts elsewhere."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest

from shared.kit import clock
from shared.kit.db import db, release
from shared.kit.errors import Denied
from shared.models.provider import Identity
from shared.models.user import User
from shared.services import deletions, identities, password_changes, providers, tenants, users
from shared.services.arrivals import Told
from tests.parts.browsing import Browser
from tests.parts.elsewhere import OVER, Elsewhere, come_back, leave, linked, nobody, sent, sign_in
from tests.parts.world import TESTS, World


def test_linking_asks_for_a_fresh_login_and_a_form_of_ours(
    world: World, elsewhere: Elsewhere, browser: Browser, later: Any
) -> None:
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.post("/account/identities/link/elsewhere").status == 400
    later(minutes=30)
    browser.get("/account/identities")
    page = browser.submit(press="link-elsewhere")
    assert page.path == "/login" and page.left_to is None
    page = browser.submit(password=world.ada.password)
    assert page.path == "/account/identities/link/elsewhere"
    asked = sent(browser.submit(press="Continue"))
    elsewhere.tokens(elsewhere.id_token(asked))
    page = come_back(browser, asked)
    assert page.path == "/account/identities" and "some@body.example" in page.words
    assert linked(world) == [("somebody-1", "ada@example.com")]
    assert "To: ada@example.com" in world.letters()[-1] and "Elsewhere now opens your account" in world.letters()[-1]


def test_an_answer_for_linking_links_to_whoever_asked_and_nobody_else(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    """An attacker who is signed in begins, and lets a victim's browser end: what is theirs would open the victim's account."""

    def begin(who: Browser) -> dict[str, str]:
        who.get("/account/identities")
        return sent(who.submit(press="link-elsewhere"))

    attacker = Browser(world.url)
    attacker.get("/login")
    attacker.submit(email=world.ada.email, password=world.ada.password)
    asked = begin(attacker)
    elsewhere.tokens(elsewhere.id_token(asked))
    browser.get("/login")
    browser.submit(email=world.admin.email, password=world.admin.password)
    assert OVER in come_back(browser, asked).words and linked(world) == []
    # In one and the same browser, where somebody else has signed in meanwhile.
    asked = begin(attacker)
    elsewhere.tokens(elsewhere.id_token(asked))
    attacker.get("/account")
    attacker.submit(press="sign-out")
    attacker.get("/login")
    attacker.submit(email=world.admin.email, password=world.admin.password)
    assert OVER in come_back(attacker, asked).words and linked(world) == []


def test_an_account_elsewhere_opens_one_account_here(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(Browser(world.url), elsewhere)
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    browser.get("/account/identities")
    asked = sent(browser.submit(press="link-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked))
    page = come_back(browser, asked)
    assert "is linked already" in page.words and linked(world) == [("somebody-1", "some@body.example")]


def test_the_last_way_in_is_not_unlinked(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(browser, elsewhere)
    browser.get("/account/identities")
    question = urljoin(browser.page.url, browser.page.links["Unlink"])
    assert "only way in" in browser.follow("Unlink").words, "it is said before anything is asked"
    token = browser.get("/account").form(name="").fields["csrf_token"]
    page = browser.post(question, csrf_token=token)
    assert "only way in" in page.words and len(linked(world)) == 1
    with world.inside():
        user = users.find_by_email(world.tenant, "some@body.example")
        assert user is not None
        password_changes.change(user, password="a password of some length", by=TESTS)
    sign_in(browser, elsewhere)
    browser.get("/account/identities")
    browser.follow("Unlink")
    assert "It is unlinked." in browser.submit(press="Unlink").words and linked(world) == []
    assert "To: some@body.example" in world.letters()[-1]


def test_of_two_who_unlink_at_once_one_is_left(world: World, elsewhere: Elsewhere) -> None:
    evil = Elsewhere(elsewhere.https, "/other")
    other = evil.add_to(world, "other")
    sign_in(Browser(world.url), elsewhere)
    with world.inside():
        user = users.find_by_email(world.tenant, "some@body.example")
        assert user is not None
        identities.link(user, other, identities.Told("x"), by=TESTS)
        every = [each.identity.id for each in identities.of(user)]
    barrier, refused = threading.Barrier(2), []

    def unlink(identifier: Any) -> None:
        with world.inside():
            mine = db.session.get_one(User, user.id)
            barrier.wait()
            try:
                identities.unlink(mine, identifier, by=TESTS)
            except Exception as error:
                refused.append(error)
            db.session.remove()

    threads = [threading.Thread(target=unlink, args=(each,)) for each in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1 and len(linked(world)) == 1


def test_nobody_unlinks_what_is_anothers(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(Browser(world.url), elsewhere)
    with world.inside():
        theirs = db.session.query(Identity.id).scalar()
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.get(f"/account/identities/{theirs}/unlinked").status == 404
    assert len(linked(world)) == 1


def test_a_provider_that_is_switched_off_lets_nobody_in(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    with world.inside():
        provider = providers.called(world.tenant, "elsewhere")
        providers.update(provider, enabled=False, by=TESTS)
    assert come_back(browser, asked).status == 404 and nobody(browser)
    assert "Elsewhere" not in browser.get("/login").words


def test_providers_of_one_tenant_are_unknown_at_another(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    with world.inside():
        tenants.create(name="Acme", slug="acme", by=TESTS)
    assert browser.get(f"/t/acme/login/with/elsewhere/callback?state={asked['state']}&code=x").status == 404


@pytest.mark.parametrize("end", [identities.unlink_all, deletions.carry_out])
def test_nobody_comes_in_by_what_ended_a_moment_ago(
    world: World, elsewhere: Elsewhere, browser: Browser, end: Callable[..., None]
) -> None:
    """Between the look who comes and their sign-in, the account elsewhere was unlinked, or the account here deleted."""
    sign_in(browser, elsewhere)

    def meanwhile() -> None:
        with world.inside():
            user = users.find_by_email(world.tenant, "some@body.example")
            assert user is not None
            end(user, by=TESTS)

    with world.inside():
        provider = providers.called(world.tenant, "elsewhere")
        found = identities.find(provider, "somebody-1")
        assert found is not None
        release()
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join()
        with pytest.raises(Denied):
            identities.sign_in(provider, found, Told("somebody-1"), left_at=clock.timestamp())
