"""A fresh login by way of a provider is one that the provider shows: its auth_time, or nothing (OpenID Connect Core §3.1.3.7)."""

from typing import Any

import pytest

from shared.kit import clock
from shared.kit.db import transaction
from shared.models.provider import Provider
from shared.models.tenant import EMAIL, PASSKEY, PASSWORD
from shared.services import clients, providers, tenants
from shared.services.provider_presets import DISCOVERY
from tests.parts.browsing import Browser, Page
from tests.parts.elsewhere import CLIENT_ID, Elsewhere, come_back, leave, sent, sign_in
from tests.parts.https import Https
from tests.parts.post import code_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims

NOT_SHOWN = "does not show that you signed in there just now"
DAY = 86400


def set_factors(world: World, *factors: str) -> None:
    with world.inside():
        tenants.update(world.tenant, factors=list(factors), by=TESTS)


def forge(world: World, https: Https) -> Elsewhere:
    """A provider that speaks OAuth 2 alone, and so says nothing of when somebody signed in."""
    made = Elsewhere(https, "/forge")
    with world.inside():
        providers.create(
            world.tenant,
            preset="oauth2",
            name="Forge",
            client_id=CLIENT_ID,
            secret="s",
            endpoints={name: f"{made.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
            paths={"subject": "sub", "email": "email", "email_verified": "email_verified", "name": "name"},
            trusts_email=True,
            by=TESTS,
        )
    made.tokens()
    return made


def by_forge(browser: Browser) -> Page:
    return come_back(browser, leave(browser, "forge"), "forge")


def claims_of(tokens: Any) -> dict[str, Any]:
    return unverified_claims(tokens.id_token)


def known(world: World, https: Https, slug: str) -> Elsewhere:
    """As if the provider of a preset were here."""
    made = Elsewhere(https, f"/{slug}")
    row = made.add_to(world, slug, preset=slug)
    with world.inside(), transaction() as session:
        session.get_one(Provider, row.id).discovery_url = made.issuer + DISCOVERY
    return made


# What is asked of the provider.


def test_a_fresh_login_is_asked_for_so_that_it_can_be_checked(world: World, elsewhere: Elsewhere, ours: RelyingParty) -> None:
    for asked_for, expected in (
        ({}, (None, None)),
        ({"prompt": "login"}, ("login", "0")),
        ({"max_age": "0"}, ("login", "0")),
        ({"max_age": "300"}, (None, "300")),
        ({"acr_values": "1"}, ("login", "0")),
    ):
        ours.browser = Browser(world.url)
        ours.start(**asked_for)
        asked = sent(ours.browser.submit(press="with-elsewhere"))
        assert (asked.get("prompt"), asked.get("max_age")) == expected, asked_for


def test_google_is_asked_for_auth_time_by_the_parameter_claims(world: World, https: Https, browser: Browser) -> None:
    known(world, https, "google")
    asked = sent(browser_at(browser, "/login").submit(press="with-google"))
    assert asked["claims"] == '{"id_token":{"auth_time":{"essential":true}}}' and "max_age" not in asked and "prompt" not in asked


def browser_at(browser: Browser, path: str) -> Browser:
    browser.get(path)
    return browser


# What the provider says of it.


def test_auth_time_of_the_provider_is_that_of_our_session_and_tokens(
    world: World, elsewhere: Elsewhere, ours: RelyingParty
) -> None:
    then = clock.timestamp() - 3 * DAY
    ours.start()
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=then))
    tokens = ours.exchange(come_back(ours.browser, asked).answer["code"])
    assert claims_of(tokens)["auth_time"] == then and claims_of(tokens)["acr"] == "0" and claims_of(tokens)["amr"] == ["fed"]


UNBELIEVABLE: dict[str, Any] = {
    "none": None,
    "to come": 99999999999,
    "text": "9999999999",
    "true": True,
    "negative": -1,
    "zero": 0,
    "a list": [1],
    "enormous": 1e30,
}


@pytest.mark.parametrize("odd", UNBELIEVABLE)
def test_without_a_believable_auth_time_our_tokens_say_none(
    world: World, elsewhere: Elsewhere, ours: RelyingParty, odd: str
) -> None:
    ours.start()
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=UNBELIEVABLE[odd]))
    tokens = ours.exchange(come_back(ours.browser, asked).answer["code"])
    assert "auth_time" not in claims_of(tokens) and claims_of(tokens)["acr"] == "0"
    # And nothing of the account opens that asks for a fresh login.
    assert ours.browser.get("/account/deletion").path == "/login" and "Is it still you?" in ours.browser.page.words


def test_userinfo_says_nothing_of_the_login(world: World, elsewhere: Elsewhere, ours: RelyingParty) -> None:
    elsewhere.json("/userinfo", {**elsewhere.claims, "auth_time": clock.timestamp()})
    ours.start(prompt="login")
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=None, email=None))
    assert come_back(ours.browser, asked).path == "/login"


def test_slacks_auth_time_is_that_of_the_token_and_shows_nothing(world: World, https: Https, ours: RelyingParty) -> None:
    elsewhere = known(world, https, "slack")
    ours.start(prompt="login")
    asked = sent(ours.browser.submit(press="with-slack"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=clock.timestamp()))
    assert come_back(ours.browser, asked, "slack").path == "/login" and NOT_SHOWN in ours.browser.page.words


# What an application asks for.


@pytest.mark.parametrize("wanted", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "3600"}, {"acr_values": "1"}])
@pytest.mark.parametrize("age", [None, DAY])
def test_a_login_that_is_not_shown_to_be_fresh_answers_no_request_for_one(
    world: World, elsewhere: Elsewhere, ours: RelyingParty, wanted: dict[str, str], age: int | None
) -> None:
    ours.start(**wanted)
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=None if age is None else clock.timestamp() - age))
    page = come_back(ours.browser, asked)
    assert page.path == "/login" and NOT_SHOWN in page.words, page.words
    # And once the provider shows it, the request is answered.
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked))
    tokens = ours.exchange(come_back(ours.browser, asked).answer["code"])
    assert abs(claims_of(tokens)["auth_time"] - clock.timestamp()) < 60 and claims_of(tokens)["acr"] == "1"


def test_a_login_there_that_is_young_enough_answers(world: World, elsewhere: Elsewhere, ours: RelyingParty) -> None:
    then = clock.timestamp() - 1000
    ours.start(max_age="3600")
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=then))
    tokens = ours.exchange(come_back(ours.browser, asked).answer["code"])
    assert claims_of(tokens)["auth_time"] == then and claims_of(tokens)["acr"] == "0"


def test_a_provider_of_oauth2_alone_shows_nothing_and_a_letter_does(world: World, https: Https, ours: RelyingParty) -> None:
    """Whose only way in is such a provider, at a tenant that offers no letters, is not locked out."""
    set_factors(world, PASSWORD, PASSKEY)
    forge(world, https)
    ours.start(prompt="login")
    asked = sent(ours.browser.submit(press="with-forge"))
    page = come_back(ours.browser, asked, "forge")
    assert page.path == "/login" and NOT_SHOWN in page.words
    ours.browser.follow("login-code")
    assert "readonly" in ours.browser.page.text
    ours.browser.submit(email="ada@example.com")
    assert "some@body.example" in world.letters()[-1], "to their own address and no other"
    tokens = ours.exchange(ours.browser.submit(code=code_to(world, "some@body.example")).answer["code"])
    assert claims_of(tokens)["amr"] == ["otp"] and claims_of(tokens)["acr"] == "1"


def test_a_client_that_is_promised_the_time_of_the_login_has_one(world: World, https: Https, ours: RelyingParty) -> None:
    """OpenID Connect Dynamic Client Registration §2, require_auth_time."""
    forge(world, https)
    with world.inside():
        clients.update(world.client(world.ours), require_auth_time=True, by=TESTS)
    ours.start()
    asked = sent(ours.browser.submit(press="with-forge"))
    assert come_back(ours.browser, asked, "forge").path == "/login"
    ours.browser = Browser(world.url)
    assert "auth_time" in claims_of(ours.exchange(ours.sign_in_and_allow()))


# What our own pages ask for.


def test_no_page_of_the_account_that_needs_a_fresh_login_opens_by_one_that_is_not_shown(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    sign_in(browser, elsewhere, auth_time=None)
    assert browser.get("/account").path == "/account" and browser.get("/account/identities").path == "/account/identities"
    for path in ("/account/password", "/account/deletion", "/account/email", "/account/identities/link/elsewhere"):
        asked = sent(browser_at(browser, path).submit(press="with-elsewhere"))
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        elsewhere.tokens(elsewhere.id_token(asked, auth_time=clock.timestamp() - DAY))
        page = come_back(browser, asked)
        assert page.path == "/login" and NOT_SHOWN in page.words, path
        asked = sent(browser.submit(press="with-elsewhere"))
        elsewhere.tokens(elsewhere.id_token(asked))
        assert come_back(browser, asked).path == path
        world.later(minutes=30)


def test_a_login_of_ours_is_not_made_older_by_a_provider(world: World, elsewhere: Elsewhere, ours: RelyingParty) -> None:
    sign_in(ours.browser, elsewhere, auth_time=clock.timestamp())
    ours.start(prompt="login")
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked, auth_time=None))
    assert come_back(ours.browser, asked).path == "/login"
    assert ours.browser.get("/account/deletion").path == "/account/deletion"


def test_providers_that_can_show_nothing_are_not_offered_to_whoever_is_to_show_it(
    world: World, https: Https, browser: Browser
) -> None:
    forge(world, https)
    by_forge(browser)
    page = browser.get("/account/deletion")
    assert "Is it still you?" in page.words and "Forge" not in page.words and 'name="password"' not in page.text
    browser.submit()
    assert browser.submit(code=code_to(world, "some@body.example")).path == "/account/deletion"


@pytest.mark.parametrize("offered", [(PASSWORD, PASSKEY), (PASSWORD, PASSKEY, EMAIL)])
def test_an_address_that_is_not_verified_is_verified_first(
    world: World, https: Https, browser: Browser, offered: tuple[str, ...]
) -> None:
    """A letter to it would shut out whatever opened the account until then: the provider too."""
    set_factors(world, *offered)
    elsewhere = forge(world, https)
    elsewhere.json("/userinfo", {**elsewhere.claims, "email_verified": False})
    by_forge(browser)
    assert browser.submit(email="some@body.example").path == "/account"
    browser.get("/account/deletion")
    page = browser.submit()
    assert page.path == "/account/verify" or "verif" in page.path, page.path
    browser.submit(code=code_to(world, "some@body.example"))
    assert browser.page.path == "/login" and "Is it still you?" in browser.page.words
    browser.submit()
    assert browser.submit(code=code_to(world, "some@body.example")).path == "/account/deletion"
    assert "Forge" in browser.get("/account/identities").words


def test_a_letter_serves_nobody_else_where_none_are_offered(world: World, https: Https, browser: Browser) -> None:
    set_factors(world, PASSWORD, PASSKEY)
    forge(world, https)
    stranger = Browser(world.url)
    assert stranger.get("/login/code").status == 403 == stranger.get("/login/code?again=1").status
    # Nor whoever has a password.
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.get("/login/code?again=1").status == 403
    # Nor for another's address.
    by_forge(stranger)
    stranger.get("/login/code?again=1")
    count = len(world.letters())
    form = {**stranger.page.form().fields, "email": world.ada.email}
    answer = stranger.post("/login/code", **form)
    assert len(world.letters()) == count and answer.status == 403
