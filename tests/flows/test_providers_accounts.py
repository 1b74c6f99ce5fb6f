"""Whose account it is: identity is (provider, subject), never an address that somebody claims."""

from typing import Any

import pytest

from shared.services import users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere, come_back, linked, nobody, sent, sign_in
from tests.parts.https import Https
from tests.parts.world import TESTS, World


def test_an_address_that_somebody_claims_opens_nobodys_account(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """Identity is (provider, sub), never an address, even one that the provider calls verified."""
    page = sign_in(browser, elsewhere, email="ADA@example.com")
    assert page.path == "/login/joining" and "You have an account already" in page.words
    assert nobody(browser) and linked(world) == []
    # Nor is the page a way to make a second one, or to jump to the last step.
    assert browser.post("/account/identities/arrival", decision="link").status == 400
    page = browser.get("/account/identities/arrival")
    assert page.path == "/login" and linked(world) == []


def test_its_owner_signs_in_first_and_then_links(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(browser, elsewhere, email="ada@example.com")
    browser.follow("sign-in")
    page = browser.submit(email=world.ada.email, password=world.ada.password)
    assert page.path == "/account/identities/arrival" and linked(world) == [], "never by itself"
    page = browser.submit(press="link")
    assert page.path == "/account" and "You can sign in with Elsewhere now." in page.words
    assert linked(world) == [("somebody-1", "ada@example.com")]
    assert sign_in(Browser(world.url), elsewhere, email="ada@example.com").path == "/account"
    # It happens once.
    assert browser.get("/account/identities/arrival").path == "/account"


def test_the_application_that_waited_is_answered_after_the_linking(world: World, elsewhere: Elsewhere, ours: Any) -> None:
    ours.start()
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, email="ada@example.com"))
    come_back(ours.browser, asked)
    ours.browser.follow("sign-in")
    assert ours.sign_in().path == "/account/identities/arrival"
    assert "code" in ours.browser.submit(press="leave").answer and linked(world) == []


def test_whoever_signs_in_as_somebody_else_links_nothing(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(browser, elsewhere, email="ada@example.com")
    browser.follow("sign-in")
    page = browser.submit(email=world.admin.email, password=world.admin.password)
    assert page.path == "/account" and "nothing was linked" in page.words and linked(world) == []


def test_a_planted_account_is_not_merged_with_its_victim(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """Pre-hijacking: an attacker makes an account with the address of a victim, who then comes with a provider."""
    with world.inside():
        users.create(world.tenant, email="some@body.example", password="the attacker's password", by=TESTS)
    page = sign_in(browser, elsewhere)
    assert "You have an account already" in page.words and nobody(browser) and linked(world) == []


def test_a_provider_that_vouches_for_nothing_verifies_no_address(world: World, https: Https, browser: Browser) -> None:
    """The other way round: an attacker claims the address of a victim at a provider that checks none."""
    careless = Elsewhere(https, "/careless")
    careless.add_to(world, "careless", trusts_email=False)
    page = sign_in(browser, careless, "careless", email="victim@body.example", email_verified=True)
    assert page.path == "/login/joining"
    browser.submit(email="victim@body.example")
    with world.inside():
        made = users.find_by_email(world.tenant, "victim@body.example")
        assert made is not None and not made.email_verified


def test_another_address_than_the_one_that_was_vouched_for_is_not_verified(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    page = sign_in(browser, elsewhere, email_verified=False)
    assert page.path == "/login/joining"
    page = browser.submit(email=world.ada.email)
    assert page.path == "/login/joining" and "You have an account already" in page.words and nobody(browser)


def test_somebody_at_one_provider_is_nobody_at_another(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(browser, elsewhere)
    evil = Elsewhere(elsewhere.https, "/evil")
    evil.add_to(world, "evil")
    other = Browser(world.url)
    assert sign_in(other, evil, "evil").path == "/login/joining" and nobody(other)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a\0b", "x" * 5000, "a\r\nb", "\u202egpj", "\u2028", "{{7*7}}", ["x"], 7, " "]
)
def test_a_name_that_a_provider_says_is_text(world: World, elsewhere: Elsewhere, browser: Browser, name: Any) -> None:
    page = sign_in(browser, elsewhere, name=name)
    assert page.path == "/account" and "<script>alert" not in page.text and "49" not in page.title
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made is not None and len(made.name) <= 200 and made.name.isprintable()
    browser.get("/account/identities")
    assert browser.page.status == 200 and "<script>alert" not in browser.page.text


@pytest.mark.parametrize(
    "email", ["no address", "a@b\r\nBcc: c@d.example", "<b>@x", "x" * 400 + "@body.example", 7, ["a@b.example"]]
)
def test_an_address_that_is_none_is_asked_for(world: World, elsewhere: Elsewhere, browser: Browser, email: Any) -> None:
    page = sign_in(browser, elsewhere, email=email)
    assert page.path == "/login/joining" and page.form().fields["email"] == "", page.words


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_address_that_the_provider_has_not_confirmed_is_said_to_be_so(
    world: World, elsewhere: Elsewhere, browser: Browser, confirmed: bool
) -> None:
    sign_in(browser, elsewhere, email=world.ada.email, email_verified=confirmed)
    browser.follow("sign-in")
    page = browser.submit(email=world.ada.email, password=world.ada.password)
    assert page.path == "/account/identities/arrival"
    assert ("Nobody has confirmed that this address is yours." in page.words) is not confirmed
    browser.submit(press="link")
    page = browser.get("/account/identities")
    assert "ada@example.com" in page.words and ("Not confirmed" in page.words) is not confirmed
