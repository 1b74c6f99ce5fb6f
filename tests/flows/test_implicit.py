"""Tokens without a code, where a tenant allows them (OpenID Connect Core §3.2): off unless somebody asked for it."""

from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives import hashes

from shared.services import clients, granted, resources
from tests.parts.implicit import BOTH, KINDS, NO_PKCE, allow, asks, behind, verified
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def in_browser(spa: RelyingParty, world: World) -> RelyingParty:
    """The public application, which may."""
    allow(world, world.spa)
    return spa


@sqlite
@KINDS
def test_it_is_off(rp: RelyingParty, world: World, kind: str) -> None:
    """RFC 9700 §2.1.2: also for a client that has it in its settings."""
    assert rp.metadata["response_types_supported"] == ["code"]
    assert "implicit" not in rp.metadata["grant_types_supported"]
    with world.inside():
        assert not world.tenant.implicit_allowed
        clients.update(world.client(world.web), profile="openid", response_types=BOTH, by=TESTS)
    answer = rp.start(response_type=kind, **NO_PKCE).answer
    assert answer["error"] == "unsupported_response_type" and not answer.keys() & {"access_token", "id_token", "code"}


@sqlite
def test_discovery_says_what_there_is(implicit_rp: RelyingParty) -> None:
    """Core §15.2, Discovery 1.0 §3."""
    told = implicit_rp.metadata
    assert {*told["response_types_supported"]} == {"code", "id_token", "id_token token"}
    assert {"authorization_code", "implicit"} <= {*told["grant_types_supported"]}
    assert "fragment" in told["response_modes_supported"]


@sqlite
@KINDS
def test_a_client_that_did_not_register_it_is_refused(rp: RelyingParty, world: World, kind: str) -> None:
    """RFC 6749 §4.2.2.1; the error stands where the tokens would (OAuth Multiple Response Types §5)."""
    allow(world)
    assert behind(rp.start(response_type=kind))["error"] == "unauthorized_client"
    other = [each for each in BOTH if each != kind]
    allow(world, world.web, response_types=other)
    assert behind(rp.start(response_type=kind))["error"] == "unauthorized_client"
    assert rp.exchange(rp.sign_in_and_allow()).status == 200, "codes are as they were"


@sqlite
def test_a_client_without_codes_gets_none(implicit_rp: RelyingParty, world: World) -> None:
    allow(world, world.web, response_types=["id_token"])
    assert implicit_rp.start().answer["error"] == "unauthorized_client"


@sqlite
@pytest.mark.parametrize("kind", ["token", "code id_token", "code token", "code id_token token", "none", "id_token id_token"])
def test_no_other_kind_is_offered(implicit_rp: RelyingParty, kind: str) -> None:
    """An access token alone (RFC 6749 §4.2) tells nobody whom it was given to, and the hybrid flow is not built."""
    assert implicit_rp.start(response_type=kind).answer["error"] == "unsupported_response_type"


@pytest.mark.parametrize("kind", ["id_token token", "token id_token"])
def test_an_access_token_and_an_id_token_come_behind_the_hash(implicit_rp: RelyingParty, world: World, kind: str) -> None:
    """Core §3.2.2.5, RFC 6749 §4.2.2, RFC 9207 §2: in whatever order they were asked for."""
    said = asks(implicit_rp, kind)
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "state", "iss"}
    assert (said["token_type"], said["expires_in"], said["state"], said["iss"]) == (
        "Bearer",
        "600",
        implicit_rp.asked.state,
        implicit_rp.issuer,
    )
    claims = verified(implicit_rp, said["id_token"])
    assert claims["at_hash"] == half_hash(said["access_token"])
    assert claims["sub"] == str(world.ada.id) and {"acr", "amr", "auth_time", "sid", "exp", "iat"} <= claims.keys()
    assert "email" not in claims, "userinfo has it (§5.4)"
    assert implicit_rp.userinfo(said["access_token"]).email == world.ada.email
    assert unverified_claims(said["access_token"])["aud"] == [f"{implicit_rp.issuer}/api"]


def half_hash(token: str) -> str:
    """As the specification spells it (Core §3.2.2.9), by other means than the server's."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(token.encode("ascii"))
    return urlsafe_b64encode(digest.finalize()[:16]).decode().rstrip("=")


@sqlite
def test_an_id_token_alone_says_what_the_scopes_ask_for(implicit_rp: RelyingParty, world: World) -> None:
    """Core §5.4: where there is no access token, userinfo cannot be asked. Core §3.2.2.10: then there is no at_hash."""
    said = asks(implicit_rp, "id_token")
    assert said.keys() == {"id_token", "state", "iss"}
    claims = verified(implicit_rp, said["id_token"])
    assert (claims["email"], claims["email_verified"], claims["name"]) == (world.ada.email, True, world.ada.name)
    assert "at_hash" not in claims and "tenant_id" not in claims
    claims = verified(implicit_rp, asks(implicit_rp, "id_token", scope="openid")["id_token"])
    assert not {"email", "name"} & claims.keys()


@sqlite
def test_claims_can_be_asked_for_one_by_one(implicit_rp: RelyingParty, world: World) -> None:
    """Core §5.5."""
    said = asks(implicit_rp, "id_token", scope="openid", claims='{"id_token": {"name": {"essential": true}}}')
    claims = verified(implicit_rp, said["id_token"])
    assert claims["name"] == world.ada.name and "email" not in claims


@sqlite
@KINDS
def test_there_is_never_a_refresh_token(implicit_rp: RelyingParty, world: World, kind: str) -> None:
    """RFC 6749 §4.2.2; Core §11: offline_access asks for nothing then, nor is the person asked about it."""
    page = implicit_rp.start(response_type=kind, scope="openid offline_access", **NO_PKCE)
    page = implicit_rp.sign_in()
    assert "while you are away" not in page.words
    said = behind(implicit_rp.allow())
    assert "refresh_token" not in said and said.get("scope", "openid") == "openid"


@sqlite
def test_a_public_client_gets_them_too(in_browser: RelyingParty, world: World) -> None:
    said = asks(in_browser)
    assert verified(in_browser, said["id_token"])["sub"] == str(world.ada.id)
    assert in_browser.userinfo(said["access_token"]).status == 200


@sqlite
def test_they_come_by_form_where_the_client_may(implicit_rp: RelyingParty, world: World) -> None:
    """Form Post Response Mode §2."""
    fields = implicit_rp.walk(response_type="id_token", response_mode="form_post", **NO_PKCE).form(press="Continue").fields
    assert verified(implicit_rp, fields["id_token"])["sub"] == str(world.ada.id)
    assert (fields["state"], fields["iss"]) == (implicit_rp.asked.state, implicit_rp.issuer)
    allow(world, world.web, response_modes=["query"])
    assert behind(implicit_rp.start(response_type="id_token", response_mode="form_post"))["error"] == "invalid_request"
    assert asks(implicit_rp, "id_token").keys() == {"id_token", "state", "iss"}, "the fragment comes with the response type"


@sqlite
def test_what_names_an_api_is_for_that_api(implicit_rp: RelyingParty, world: World) -> None:
    """RFC 8707 §2."""
    notes = "https://notes.example/api"
    with world.inside():
        resources.create(world.tenant, identifier=notes, name="Notes", scopes={"read": "Read"}, token_seconds=60, by=TESTS)
    said = asks(implicit_rp, scope="openid read", resource=notes)
    claims = unverified_claims(said["access_token"])
    assert (claims["aud"], claims["scope"], said["scope"], said["expires_in"]) == ([notes], "read", "openid read", "60")
    assert implicit_rp.userinfo(said["access_token"]).status == 401


def test_they_end_with_the_session(implicit_rp: RelyingParty) -> None:
    """There is no offline_access, so nothing outlives it."""
    said = asks(implicit_rp)
    implicit_rp.logout(id_token_hint=said["id_token"])
    assert implicit_rp.userinfo(said["access_token"]).status == 401


def test_their_authorization_is_one_like_every_other(implicit_rp: RelyingParty, world: World) -> None:
    """RFC 7009 §2.1, RFC 7662 §2.2."""
    first, second = asks(implicit_rp), asks(implicit_rp)
    facts = implicit_rp.post(f"{implicit_rp.issuer}/introspect", {"token": first["access_token"]}, implicit_rp.basic())
    assert facts.active is True and facts.token_type == "Bearer"
    implicit_rp.post(f"{implicit_rp.issuer}/revoke", {"token": first["access_token"]}, implicit_rp.basic())
    assert implicit_rp.userinfo(first["access_token"]).status == 401
    with world.inside():
        [kept] = granted.of(world.user(world.ada), world.tenant)
        assert (kept.way, kept.client.id) == ("In a browser, without a code", world.web.id)
        granted.end_all(world.user(world.ada), by=TESTS)
    assert implicit_rp.userinfo(second["access_token"]).status == 401


@sqlite
def test_they_live_as_long_as_the_client_s_tokens(implicit_rp: RelyingParty, world: World) -> None:
    allow(world, world.web, access_token_seconds=60)
    said = asks(implicit_rp)
    assert said["expires_in"] == "60"
    world.later(seconds=61)
    assert implicit_rp.userinfo(said["access_token"]).status == 401
