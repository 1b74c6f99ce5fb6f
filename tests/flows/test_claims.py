"""Scopes and the claims that they open (OpenID Connect Core §5.1, §5.3, §5.4)."""

from typing import Any

import pytest

from shared.models.claims import OF_SCOPE
from tests.parts.known import know_all
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def known(world: World) -> dict[str, Any]:
    """All that there is to know of ada."""
    return know_all(world)


def told(rp: RelyingParty, **params: str) -> dict[str, Any]:
    """What userinfo says after a login, without who it is and when it changed last."""
    claims = rp.userinfo(rp.tokens(**params).access_token).json
    return {name: value for name, value in claims.items() if name not in ("sub", "updated_at")}


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone"])
def test_a_scope_opens_its_claims_and_no_others(rp: RelyingParty, known: dict[str, Any], scope: str) -> None:
    expected = {name: known[name] for name in OF_SCOPE[scope] if name != "updated_at"}
    assert told(rp, scope=f"openid {scope}") == expected


def test_all_scopes_open_all(rp: RelyingParty, known: dict[str, Any]) -> None:
    del known["updated_at"]
    assert told(rp, scope="openid profile email address phone") == known


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_answers_get_and_post(rp: RelyingParty, method: str) -> None:
    tokens = rp.tokens(scope="openid email")
    answer = rp.userinfo(tokens.access_token, method=method)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["sub"] == unverified_claims(tokens.id_token)["sub"], "§5.3.2: the sub of the ID token"


def test_userinfo_takes_the_token_in_a_form(rp: RelyingParty) -> None:
    tokens = rp.tokens(scope="openid email")
    answer = rp.post(rp.metadata["userinfo_endpoint"], {"access_token": tokens.access_token}, {})
    assert answer.json["email"] == "ada@example.com"


def test_what_is_not_known_is_left_out(rp: RelyingParty) -> None:
    """§5.3.2: neither null nor empty."""
    assert told(rp, scope="openid profile address phone") == {"name": "Ada Lovelace"}


def test_a_third_party_finds_them_in_userinfo_alone(rp: RelyingParty, known: dict[str, Any]) -> None:
    claims = unverified_claims(rp.tokens(scope="openid profile email address phone").id_token)
    assert not known.keys() & claims.keys()


def test_a_first_party_application_asks_for_address_and_phone_as_others_do(ours: RelyingParty, known: dict[str, Any]) -> None:
    claims = unverified_claims(ours.tokens(scope="openid").id_token)
    assert claims["family_name"] == "Lovelace" and "phone_number" not in claims
    assert unverified_claims(ours.tokens(scope="openid phone").id_token)["phone_number"] == "+442079460000"


def test_the_consent_page_names_address_and_phone(rp: RelyingParty) -> None:
    rp.start(scope="openid address phone")
    words = rp.sign_in().words
    assert "See your postal address" in words and "See your phone number" in words


def test_discovery_names_them(rp: RelyingParty) -> None:
    assert {"profile", "email", "address", "phone"} < set(rp.metadata["scopes_supported"])
    assert {name for names in OF_SCOPE.values() for name in names} < set(rp.metadata["claims_supported"])


def test_signing_in_is_no_change_of_the_profile(rp: RelyingParty, world: World) -> None:
    """§5.1: updated_at is when what is told of the person changed."""
    first = rp.userinfo(rp.tokens(scope="openid profile").access_token).json["updated_at"]
    world.later(minutes=5)
    assert rp.userinfo(rp.tokens(scope="openid profile", prompt="login").access_token).json["updated_at"] == first
