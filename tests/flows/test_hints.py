"""id_token_hint and acr_values (OpenID Connect Core §3.1.2.1)."""

import pytest

from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


def test_a_hint_of_who_is_signed_in_goes_on(rp: RelyingParty) -> None:
    hint = rp.tokens().id_token
    assert rp.start(prompt="none", id_token_hint=hint).answer["code"]


def test_an_expired_hint_serves_as_well(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    world.later(hours=1)
    assert rp.start(prompt="none", id_token_hint=hint).answer["code"]


def test_a_hint_of_somebody_else_needs_a_login(rp: RelyingParty, world: World) -> None:
    grace = RelyingParty(world.url, world.web, world.admin)
    hint = grace.tokens().id_token
    rp.tokens()
    assert rp.start(prompt="none", id_token_hint=hint).answer["error"] == "login_required"
    assert rp.start(id_token_hint=hint).path == "/login"
    assert rp.sign_in().path == "/login", "nor does signing in as another one serve"
    page = rp.browser.submit(email=world.admin.email, password=world.admin.password)
    assert page.answer["code"]


@pytest.mark.parametrize("hint", ["", "a.b.c", "access token", "another client's"])
def test_what_is_no_id_token_of_the_client_is_refused(rp: RelyingParty, ours: RelyingParty, hint: str) -> None:
    tokens = rp.tokens()
    sent = {"access token": tokens.access_token, "another client's": ours.tokens().id_token}.get(hint, hint)
    answer = rp.start(prompt="none", id_token_hint=sent).answer
    assert ("code" in answer) if not hint else (answer["error"] == "invalid_request")


def test_acr_1_asks_for_a_login_and_says_so(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.start(prompt="none", acr_values="1").answer["error"] == "login_required"
    assert rp.start(acr_values="urn:unknown 1 0").path == "/login"
    tokens = rp.exchange(rp.sign_in().answer["code"])
    assert unverified_claims(tokens.id_token)["acr"] == "1"


@pytest.mark.parametrize("acr_values", ["0", "0 1", "urn:unknown"])
def test_what_is_less_or_unknown_asks_for_nothing(rp: RelyingParty, acr_values: str) -> None:
    rp.tokens()
    assert rp.start(prompt="none", acr_values=acr_values).answer["code"]
