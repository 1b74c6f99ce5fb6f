"""A second Bailiwick as the provider of the first, and what the first asks besides: a second factor, fields, a fresh login."""

import pytest

from shared.kit.db import transaction
from shared.models.tenant import TOTP
from shared.models.user import User
from shared.models.user_field import UserField
from shared.services import user_fields, users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere, linked, sign_in
from tests.parts.https import Https
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


def there_and_back(browser: Browser, upstream: World, https: Https) -> None:
    """Press the button, sign in to the second as ada, and come back."""
    browser.get("/login")
    left = browser.submit(press="with-upstream").left_to
    assert left is not None
    second = Browser(upstream.url)
    second.http.verify = str(https.ca_file)
    second.get(left)
    page = second.submit(email=upstream.ada.email, password=upstream.ada.password)
    assert page.left_to is not None, page.words
    browser.get(page.left_to)


def test_people_of_one_bailiwick_sign_in_to_another(world: World, upstream: World, https: Https, browser: Browser) -> None:
    with upstream.inside():
        users.rename(upstream.user(upstream.ada), name="Ada Upstream", by=TESTS)
    there_and_back(browser, upstream, https)
    # The address is ada's here too: she signs in here first.
    assert browser.page.path == "/login/joining" and "You have an account already" in browser.page.words
    browser.follow("sign-in")
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.submit(press="link").path == "/account"
    assert linked(world) == [(str(upstream.ada.id), world.ada.email)]
    again = Browser(world.url)
    there_and_back(again, upstream, https)
    assert again.page.path == "/account" and "Ada Lovelace" in again.page.words


def test_a_person_with_a_second_factor_gives_it_here(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """What was done at a provider is one proof of who somebody is, and the tenant may demand two."""
    sign_in(Browser(world.url), elsewhere)
    with world.inside(), transaction() as session:
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made is not None
        session.get_one(User, made.id).second_factors = [TOTP]
    assert sign_in(browser, elsewhere).path.startswith("/factor")
    assert browser.get("/account").path != "/account"


def test_the_linking_waits_for_the_second_factor_too(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    with world.inside(), transaction() as session:
        session.get_one(User, world.ada.id).second_factors = [TOTP]
    sign_in(browser, elsewhere, email=world.ada.email)
    browser.follow("sign-in")
    assert browser.submit(email=world.ada.email, password=world.ada.password).path.startswith("/factor")
    assert browser.get("/account/identities/arrival").path.startswith("/factor") and linked(world) == []


@pytest.fixture
def club(world: World) -> UserField:
    with world.inside():
        return user_fields.create(world.tenant, kind="string", name="Club", at_sign_up=True, required=True, by=TESTS)


def test_what_a_new_account_needs_is_asked_for(world: World, elsewhere: Elsewhere, browser: Browser, club: UserField) -> None:
    page = sign_in(browser, elsewhere)
    assert page.path == "/login/joining" and "Club" in page.words
    assert browser.submit(email="some@body.example").path == "/login/joining", "it is required"
    name = next(name for name in browser.page.form(email="x").fields if "club" in name)
    assert browser.submit(**{name: "Chess"}).path == "/account"
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made is not None and made.email_verified and made.fields == {"club": "Chess"}


def test_a_fresh_login_is_asked_for_there_too(world: World, elsewhere: Elsewhere, rp: RelyingParty) -> None:
    sign_in(rp.browser, elsewhere)
    world.later(minutes=30)
    rp.browser.get("/account/identities/link/elsewhere")
    assert rp.browser.page.path == "/login"
    left = rp.browser.submit(press="with-elsewhere").left_to
    assert left is not None and "prompt=login" in left


def test_a_second_bailiwick_shows_that_somebody_signed_in_just_now(
    world: World, upstream: World, https: Https, browser: Browser
) -> None:
    """An open session there does not prove it: the password is asked for there, and its auth_time says so here."""
    second = Browser(upstream.url)
    second.http.verify = str(https.ca_file)

    def go(press: str = "with-upstream") -> None:
        left = browser.submit(press=press).left_to
        assert left is not None
        second.get(left)

    browser.get("/login")
    go()
    second.submit(email=upstream.ada.email, password=upstream.ada.password)
    browser.get(str(second.page.left_to))
    browser.follow("sign-in")
    browser.submit(email=world.ada.email, password=world.ada.password)
    browser.submit(press="link")
    for clock in (world, upstream):
        clock.later(minutes=15)
    assert browser.get("/account/deletion").path == "/login"
    go()
    assert second.page.path == "/login" and second.page.left_to is None, "its open session is not enough"
    second.submit(password=upstream.ada.password, email=upstream.ada.email)
    assert browser.get(str(second.page.left_to)).path == "/account/deletion"
    # Whoever takes the wish out of the address on the way is let in there, and not here.
    world.later(minutes=30)
    browser.get("/account/deletion")
    left = browser.submit(press="with-upstream").left_to
    assert left is not None
    second.get(left.replace("prompt=login", "x=y").replace("max_age=0", "y=z"))
    page = browser.get(str(second.page.left_to))
    assert page.path == "/login" and "does not show that you signed in there just now" in page.words
