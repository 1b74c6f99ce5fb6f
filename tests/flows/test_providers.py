"""Signing in with others: there and back again, and who one is then."""

import base64

import pytest
from sqlalchemy import select

from shared.kit.db import db, transaction
from shared.models.provider import Identity
from shared.models.user import User
from shared.services import identities, kept_tokens, tenants, users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import CLIENT_ID, SECRET, SOMEBODY, Elsewhere, come_back, leave, sent, sign_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, challenge


def who(world: World, email: str) -> User | None:
    with world.inside():
        return users.find_by_email(world.tenant, email)


def test_whoever_comes_for_the_first_time_is_given_an_account_and_is_known_the_next_time(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    page = sign_in(browser, elsewhere)
    assert page.path == "/account" and "Some Body" in page.words, page.words
    made = who(world, "some@body.example")
    assert made is not None and made.email_verified and made.password_hash is None
    again = Browser(world.url)
    # What the provider says of them may change; who they are there does not.
    elsewhere.claims |= {"email": "other@body.example", "name": "Other Name"}
    assert "Some Body" in sign_in(again, elsewhere).words
    with world.inside():
        assert db.session.scalars(select(Identity.subject)).all() == ["somebody-1"]
        assert users.find_by_email(world.tenant, "other@body.example") is None


def test_the_request_is_bound_by_state_nonce_and_pkce(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    assert asked["client_id"] == CLIENT_ID and asked["response_type"] == "code" and asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == f"{world.url}/login/with/elsewhere/callback"
    assert asked["code_challenge_method"] == "S256" and min(len(asked["state"]), len(asked["nonce"])) >= 43
    elsewhere.tokens(elsewhere.id_token(asked))
    come_back(browser, asked)
    form = elsewhere.exchanged()
    assert challenge(form["code_verifier"]) == asked["code_challenge"]
    assert (form["code"], form["redirect_uri"]) == ("a-code", asked["redirect_uri"])
    # RFC 6749 §2.3.1: encoded before they are joined.
    pair = base64.b64decode(str(form["authorization"]).removeprefix("Basic ")).decode()
    assert pair == f"{CLIENT_ID}:our%20secret%2Fat%2Bthe%20provider" and SECRET not in str(form)
    other = leave(Browser(world.url))
    assert all(asked[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_showing_the_login_page_fetches_nothing(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    elsewhere.https.asked.clear()
    for path in ("/login", "/signup"):
        assert "Continue with Elsewhere" in browser.get(path).words
    assert elsewhere.https.asked == []


def test_discovery_and_keys_are_fetched_once(world: World, elsewhere: Elsewhere) -> None:
    for _ in range(3):
        assert sign_in(Browser(world.url), elsewhere).path == "/account"
    assert elsewhere.https.seen("/op/.well-known/openid-configuration") == 1 == elsewhere.https.seen("/op/jwks.json")


def test_an_application_gets_its_person_by_way_of_a_provider(world: World, elsewhere: Elsewhere, rp: RelyingParty) -> None:
    page = rp.start(scope="openid profile email")
    assert page.path == "/login" and "with-elsewhere" in page.text
    asked = sent(rp.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked))
    page = come_back(rp.browser, asked)
    assert page.path == "/consent", page.words
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json["email"] == SOMEBODY["email"]


def test_a_fresh_login_that_an_application_asks_for_can_be_made_with_a_provider(
    world: World, elsewhere: Elsewhere, ours: RelyingParty
) -> None:
    sign_in(ours.browser, elsewhere)
    page = ours.start(prompt="login")
    assert page.path == "/login"
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked))
    assert "code" in come_back(ours.browser, asked).answer


def test_the_button_of_the_last_time_says_so(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    elsewhere.add_to(world, "another")
    assert "Last used here" not in browser.get("/login").words
    sign_in(browser, elsewhere)
    browser.get("/account")
    browser.submit(press="sign-out")
    assert "Continue with Elsewhere Last used here" in browser.get("/login").words


def test_a_page_of_ours_that_was_asked_for_is_found_again_and_no_other(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    for wanted, got in (
        ("/account/sessions", "/account/sessions"),
        ("//evil.example/", "/account"),
        ("https://evil.example", "/account"),
    ):
        other = Browser(world.url)
        asked = leave(other, at=f"/login?next={wanted}")
        elsewhere.tokens(elsewhere.id_token(asked))
        assert come_back(other, asked).path == got


def test_a_closed_account_stays_closed(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(browser, elsewhere)
    with world.inside():
        user = users.find_by_email(world.tenant, "some@body.example")
        assert user is not None
        users.disable(user, by=TESTS)
    page = sign_in(Browser(world.url), elsewhere)
    assert page.path == "/login" and "This account is closed" in page.words


def test_one_who_changes_their_mind_is_back_at_the_login_page(world: World, elsewhere: Elsewhere, ours: RelyingParty) -> None:
    ours.start()
    asked = sent(ours.browser.submit(press="with-elsewhere"))
    page = come_back(ours.browser, asked, code=None, error="access_denied")
    assert page.path == "/login" and "Elsewhere did not let you in" in page.words
    # And the application still waits.
    assert "code" in ours.sign_in().answer


@pytest.mark.parametrize(
    ("mode", "domains", "let_in"),
    [("off", [], False), ("invitation", [], False), ("domain", ["body.example"], True), ("domain", ["x.example"], False)],
)
def test_new_accounts_are_made_as_the_tenant_allows(
    world: World, elsewhere: Elsewhere, browser: Browser, mode: str, domains: list[str], let_in: bool
) -> None:
    with world.inside():
        with transaction() as session:
            row = session.get_one(type(world.tenant), world.tenant.id)
            row.sign_up, row.sign_up_domains = mode, domains
        tenants._kept.clear()
    page = sign_in(browser, elsewhere)
    assert page.path == ("/account" if let_in else "/login"), page.words
    assert (who(world, "some@body.example") is not None) is let_in
    assert let_in or "ew accounts" in page.words


def test_an_address_that_nobody_vouches_for_is_asked_for_and_is_not_verified(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    page = sign_in(browser, elsewhere, email_verified=False)
    assert page.path == "/login/joining" and page.form().fields["email"] == "some@body.example"
    page = browser.submit(email="mine@body.example", name="Me")
    assert page.path == "/account"
    made = who(world, "mine@body.example")
    assert made is not None and not made.email_verified and made.name == "Me"


def test_a_provider_that_tells_no_address_has_it_asked_for(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    elsewhere.json("/userinfo", {"sub": "somebody-1"})
    page = sign_in(browser, elsewhere, email=None, name=None)
    assert page.path == "/login/joining"
    assert "not an e-mail address" in browser.submit(email="nonsense").words
    assert browser.submit(email="mine@body.example").path == "/account"
    assert sign_in(Browser(world.url), elsewhere, email=None).path == "/account"


def test_claims_that_are_only_at_userinfo_are_read_there(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    assert sign_in(browser, elsewhere, email=None, email_verified=None, name=None).path == "/account"
    made = who(world, "some@body.example")
    assert made is not None and made.name == "Some Body" and made.email_verified


def test_tokens_are_kept_sealed_for_those_who_want_them(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    kept = elsewhere.add_to(world, "keeps", keeps_tokens=True)
    sign_in(browser, elsewhere, "keeps")
    with world.inside():
        user = users.find_by_email(world.tenant, "some@body.example")
        assert user is not None
        linked = identities.of(user)[0]
        assert linked.provider.id == kept.id and "refresh" not in str(linked.identity.tokens_sealed)
        told = kept_tokens.read(linked.identity, linked.provider, by=TESTS)
        assert told["refresh_token"] == "a refresh token" and told["expires_at"] > 0
