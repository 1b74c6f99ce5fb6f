"""Userinfo as a JWT for the client that registered it so (OpenID Connect Core §5.3.2)."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from shared.models.client import PAIRWISE
from shared.services import clients
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_claims


def signed_party(world: World, alg: str, **more: object) -> RelyingParty:
    return RelyingParty(world.url, world.add_application("Signed", userinfo_signed_response_alg=alg, **more), world.ada)


def opened(rp: RelyingParty, answer: Reply, alg: str) -> dict[str, object]:
    """The claims, after the checks that a client makes."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jwt")
    token = jwt.decode(answer.text, KeySet.import_key_set(rp.jwks()), algorithms=[alg])
    assert token.header["alg"] == alg
    assert (token.claims.pop("iss"), token.claims.pop("aud")) == (rp.issuer, rp.application.client_id)
    return token.claims


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_is_signed_as_registered(world: World, alg: str, method: str) -> None:
    rp = signed_party(world, alg)
    tokens = rp.tokens(scope="openid email")
    told = opened(rp, rp.userinfo(tokens.access_token, method=method), alg)
    assert told == {"sub": str(world.ada.id), "email": "ada@example.com", "email_verified": True}


def test_the_token_may_come_in_a_form(world: World) -> None:
    rp = signed_party(world, "ES256")
    tokens = rp.tokens(scope="openid")
    answer = rp.post(rp.metadata["userinfo_endpoint"], {"access_token": tokens.access_token}, {})
    assert opened(rp, answer, "ES256").keys() == {"sub"}


def test_it_has_the_sub_of_the_id_token(world: World) -> None:
    rp = signed_party(world, "RS256", subject_type=PAIRWISE)
    tokens = rp.tokens(scope="openid")
    assert opened(rp, rp.userinfo(tokens.access_token), "RS256")["sub"] == unverified_claims(tokens.id_token)["sub"]


def test_it_is_no_id_token(world: World) -> None:
    rp = signed_party(world, "RS256")
    text = rp.userinfo(rp.tokens(scope="openid").access_token).text
    assert not {"exp", "iat", "nonce"} & unverified_claims(text).keys()
    assert rp.start(id_token_hint=text).answer["error"] == "invalid_request"


def test_an_error_is_not_signed(world: World) -> None:
    rp = signed_party(world, "RS256")
    answer = rp.userinfo("nonsense")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json")


def test_others_get_json(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens(scope="openid")
    assert rp.userinfo(tokens.access_token).json["sub"] == str(world.ada.id)
    with world.inside():
        clients.update(world.client(world.web), userinfo_signed_response_alg="ES256", by=TESTS)
    assert opened(rp, rp.userinfo(tokens.access_token), "ES256")["sub"] == str(world.ada.id)


def test_discovery_names_the_algorithms(rp: RelyingParty) -> None:
    assert set(rp.metadata["userinfo_signing_alg_values_supported"]) == {"RS256", "ES256"}
