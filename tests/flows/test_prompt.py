"""prompt, max_age and login_hint (OpenID Connect Core §3.1.2.1, Initiating User Registration 1.0)."""

import pytest

from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


def test_none_without_a_session_needs_a_login(rp: RelyingParty) -> None:
    answer = rp.start(prompt="none").answer
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", rp.asked.state, rp.issuer)


def test_none_without_consent_needs_consent(rp: RelyingParty) -> None:
    rp.sign_in_and_allow(scope="openid")
    assert rp.start(prompt="none", scope="openid email").answer["error"] == "consent_required"


def test_none_with_all_that_is_needed_answers_silently(rp: RelyingParty) -> None:
    rp.sign_in_and_allow()
    tokens = rp.exchange(rp.start(prompt="none").answer["code"])
    assert unverified_claims(tokens.id_token)["acr"] == "0", "a session, not a login"


def test_none_and_an_old_login(rp: RelyingParty, world: World) -> None:
    rp.sign_in_and_allow()
    world.later(minutes=5)
    assert rp.start(prompt="none", max_age="299").answer["error"] == "login_required"
    assert "code" in rp.start(prompt="none", max_age="301").answer


def test_none_with_a_choice_to_make(rp: RelyingParty) -> None:
    rp.sign_in_and_allow()
    assert rp.start(prompt="none select_account").answer["error"] == "invalid_request"


def test_login_asks_though_someone_is_signed_in(rp: RelyingParty, world: World) -> None:
    before = unverified_claims(rp.tokens().id_token)
    world.later(seconds=10)
    assert rp.start(prompt="login").path == "/login"
    after = unverified_claims(rp.exchange(rp.sign_in().answer["code"]).id_token)
    assert after["auth_time"] >= before["auth_time"] + 10
    assert after["acr"] == "1"


def test_max_age_asks_when_the_login_is_older(rp: RelyingParty, world: World) -> None:
    rp.sign_in_and_allow()
    world.later(minutes=5)
    assert "code" in rp.start(max_age="3600").answer
    assert rp.start(max_age="60").path == "/login"
    assert rp.sign_in().answer["code"]


def test_max_age_zero_asks_once(rp: RelyingParty) -> None:
    rp.sign_in_and_allow()
    assert rp.start(max_age="0").path == "/login"
    assert rp.sign_in().answer["code"]


def test_consent_asks_again(rp: RelyingParty) -> None:
    rp.sign_in_and_allow()
    assert rp.start(prompt="consent").path == "/consent"
    assert rp.allow().answer["code"]


def test_select_account_offers_the_one_signed_in(rp: RelyingParty) -> None:
    rp.sign_in_and_allow()
    page = rp.start(prompt="select_account")
    assert page.path == "/select_account"
    assert "ada@example.com" in page.words
    assert rp.browser.submit(press="continue").answer["code"]


def test_create_begins_with_a_new_account(rp: RelyingParty) -> None:
    assert rp.start(prompt="create").path == "/signup"
    page = rp.browser.submit(name="Charles", email="charles@example.com", password="difference engines all the way")
    assert page.path == "/consent"
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json["email"] == "charles@example.com"


@pytest.mark.parametrize("prompt", ["anything", "login anything", "none login", "NONE"])
def test_an_unknown_prompt_is_refused(rp: RelyingParty, prompt: str) -> None:
    assert rp.start(prompt=prompt).answer["error"] == "invalid_request"


@pytest.mark.parametrize("max_age", ["-1", "soon", "1.5", "٣", "9" * 30])
def test_an_impossible_max_age_is_refused(rp: RelyingParty, max_age: str) -> None:
    assert rp.start(max_age=max_age).answer["error"] == "invalid_request"


def test_the_login_hint_is_in_the_form(rp: RelyingParty) -> None:
    page = rp.start(login_hint="someone@example.com")
    assert page.form(password="").fields["email"] == "someone@example.com"


def test_whoever_is_to_prove_it_once_more_finds_their_address_filled_in(rp: RelyingParty, world: World) -> None:
    assert rp.start().form(email="").fields["email"] == "", "nobody is signed in"
    hint = rp.tokens().id_token
    for asks in ({"prompt": "login"}, {"max_age": "0"}):
        page = rp.start(**asks)
        assert (page.path, page.form(email="").fields["email"]) == ("/login", world.ada.email)
    assert rp.start(prompt="login", login_hint="grace@example.com").form(email="").fields["email"] == "grace@example.com"
    for another in ({"prompt": "login select_account"}, {"prompt": "login", "id_token_hint": hint}):
        assert rp.start(**another).form(email="").fields["email"] == "", "it may want somebody else"


def test_whoever_chooses_another_account_types_its_address(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.start(prompt="select_account").path == "/select_account"
    assert rp.browser.submit(press="another").form(email="").fields["email"] == ""
