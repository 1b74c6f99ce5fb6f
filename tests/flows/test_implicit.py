"""Tokens without a code, where a tenant allows them (OpenID Connect Core §3.2): off unless somebody asked for it."""

from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from joserfc import jwt
from joserfc.jwk import KeySet

from shared.kit import db
from shared.kit.errors import Invalid
from shared.services import client_profiles, clients, granted, person_claims, resources, tenants
from tests.parts.asking import made
from tests.parts.browsing import Page
from tests.parts.proofs import Holder
from tests.parts.registering import call, let, party, refused, register
from tests.parts.signers import register as register_signer
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, Reply, unverified_claims, unverified_header

BOTH = ["code", "id_token", "id_token token"]
KINDS = pytest.mark.parametrize("kind", ["id_token", "id_token token"])
GRANTS = ["authorization_code", "implicit"]
NO_PKCE = {"code_challenge": None, "code_challenge_method": None}


def allow(world: World, *applications: Application, **more: Any) -> None:
    """Let the tenant have the flow, and these applications use it."""
    with world.inside():
        tenants.update(world.tenant, implicit_allowed=True, by=TESTS)
        for each in applications:
            clients.update(world.client(each), by=TESTS, **{"profile": "openid", "response_types": BOTH, **more})


@pytest.fixture
def party_of(rp: RelyingParty, world: World) -> RelyingParty:
    """The confidential application, which may."""
    allow(world, world.web)
    return rp


@pytest.fixture
def in_browser(spa: RelyingParty, world: World) -> RelyingParty:
    """The public application, which may."""
    allow(world, world.spa)
    return spa


def asks(rp: RelyingParty, kind: str = "id_token token", **more: Any) -> dict[str, str]:
    """What comes back behind the #, once the person has signed in and allowed it; nothing of it stands elsewhere."""
    return behind(rp.walk(response_type=kind, **{**NO_PKCE, **more}))


def behind(page: Page) -> dict[str, str]:
    assert page.left_to is not None, page.words
    parts = urlsplit(page.left_to)
    assert not parts.query, page.left_to
    return dict(parse_qsl(parts.fragment, strict_parsing=True))


def verified(rp: RelyingParty, token: str) -> dict[str, Any]:
    """What an ID token says, signed by its issuer (Core §3.2.2.11)."""
    found = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=[unverified_header(token)["alg"]])
    assert (found.claims["iss"], found.claims["aud"]) == (rp.issuer, [rp.application.client_id])
    assert found.claims["nonce"] == rp.asked.nonce
    return found.claims


# Whether there is any such thing.


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
def test_discovery_says_what_there_is(party_of: RelyingParty) -> None:
    """Core §15.2, Discovery 1.0 §3."""
    told = party_of.metadata
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
def test_a_client_without_codes_gets_none(party_of: RelyingParty, world: World) -> None:
    allow(world, world.web, response_types=["id_token"])
    assert party_of.start().answer["error"] == "unauthorized_client"


@sqlite
@pytest.mark.parametrize("kind", ["token", "code id_token", "code token", "code id_token token", "none", "id_token id_token"])
def test_no_other_kind_is_offered(party_of: RelyingParty, kind: str) -> None:
    """An access token alone (RFC 6749 §4.2) tells nobody whom it was given to, and the hybrid flow is not built."""
    assert party_of.start(response_type=kind).answer["error"] == "unsupported_response_type"


# What comes back.


@pytest.mark.parametrize("kind", ["id_token token", "token id_token"])
def test_an_access_token_and_an_id_token_come_behind_the_hash(party_of: RelyingParty, world: World, kind: str) -> None:
    """Core §3.2.2.5, RFC 6749 §4.2.2, RFC 9207 §2: in whatever order they were asked for."""
    said = asks(party_of, kind)
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "state", "iss"}
    assert (said["token_type"], said["expires_in"], said["state"], said["iss"]) == (
        "Bearer",
        "600",
        party_of.asked.state,
        party_of.issuer,
    )
    claims = verified(party_of, said["id_token"])
    assert claims["at_hash"] == half_hash(said["access_token"])
    assert claims["sub"] == str(world.ada.id) and {"acr", "amr", "auth_time", "sid", "exp", "iat"} <= claims.keys()
    assert "email" not in claims, "userinfo has it (§5.4)"
    assert party_of.userinfo(said["access_token"]).email == world.ada.email
    assert unverified_claims(said["access_token"])["aud"] == [f"{party_of.issuer}/api"]


def half_hash(token: str) -> str:
    """As the specification spells it (Core §3.2.2.9), by other means than the server's."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(token.encode("ascii"))
    return urlsafe_b64encode(digest.finalize()[:16]).decode().rstrip("=")


@sqlite
def test_an_id_token_alone_says_what_the_scopes_ask_for(party_of: RelyingParty, world: World) -> None:
    """Core §5.4: where there is no access token, userinfo cannot be asked. Core §3.2.2.10: then there is no at_hash."""
    said = asks(party_of, "id_token")
    assert said.keys() == {"id_token", "state", "iss"}
    claims = verified(party_of, said["id_token"])
    assert (claims["email"], claims["email_verified"], claims["name"]) == (world.ada.email, True, world.ada.name)
    assert "at_hash" not in claims and "tenant_id" not in claims
    claims = verified(party_of, asks(party_of, "id_token", scope="openid")["id_token"])
    assert not {"email", "name"} & claims.keys()


@sqlite
def test_claims_can_be_asked_for_one_by_one(party_of: RelyingParty, world: World) -> None:
    """Core §5.5."""
    said = asks(party_of, "id_token", scope="openid", claims='{"id_token": {"name": {"essential": true}}}')
    claims = verified(party_of, said["id_token"])
    assert claims["name"] == world.ada.name and "email" not in claims


@sqlite
@KINDS
def test_there_is_never_a_refresh_token(party_of: RelyingParty, world: World, kind: str) -> None:
    """RFC 6749 §4.2.2; Core §11: offline_access asks for nothing then, nor is the person asked about it."""
    page = party_of.start(response_type=kind, scope="openid offline_access", **NO_PKCE)
    page = party_of.sign_in()
    assert "while you are away" not in page.words
    said = behind(party_of.allow())
    assert "refresh_token" not in said and said.get("scope", "openid") == "openid"


@sqlite
def test_a_public_client_gets_them_too(in_browser: RelyingParty, world: World) -> None:
    said = asks(in_browser)
    assert verified(in_browser, said["id_token"])["sub"] == str(world.ada.id)
    assert in_browser.userinfo(said["access_token"]).status == 200


@sqlite
def test_they_come_by_form_where_the_client_may(party_of: RelyingParty, world: World) -> None:
    """Form Post Response Mode §2."""
    fields = party_of.walk(response_type="id_token", response_mode="form_post", **NO_PKCE).form(press="Continue").fields
    assert verified(party_of, fields["id_token"])["sub"] == str(world.ada.id)
    assert (fields["state"], fields["iss"]) == (party_of.asked.state, party_of.issuer)
    allow(world, world.web, response_modes=["query"])
    assert behind(party_of.start(response_type="id_token", response_mode="form_post"))["error"] == "invalid_request"
    assert asks(party_of, "id_token").keys() == {"id_token", "state", "iss"}, "the fragment comes with the response type"


@sqlite
def test_what_names_an_api_is_for_that_api(party_of: RelyingParty, world: World) -> None:
    """RFC 8707 §2."""
    notes = "https://notes.example/api"
    with world.inside():
        resources.create(world.tenant, identifier=notes, name="Notes", scopes={"read": "Read"}, token_seconds=60, by=TESTS)
    said = asks(party_of, scope="openid read", resource=notes)
    claims = unverified_claims(said["access_token"])
    assert (claims["aud"], claims["scope"], said["scope"], said["expires_in"]) == ([notes], "read", "openid read", "60")
    assert party_of.userinfo(said["access_token"]).status == 401


# What a request must be.


@sqlite
@KINDS
def test_it_needs_a_nonce(party_of: RelyingParty, kind: str) -> None:
    """Core §3.2.2.1."""
    refusal = behind(party_of.start(response_type=kind, nonce=None, **NO_PKCE))
    assert (refusal["error"], refusal["state"], refusal["iss"]) == ("invalid_request", party_of.asked.state, party_of.issuer)


@sqlite
@KINDS
def test_tokens_never_stand_in_a_query(party_of: RelyingParty, world: World, kind: str) -> None:
    """OAuth Multiple Response Types §5."""
    allow(world, world.web, response_modes=["query", "fragment", "form_post"])
    assert behind(party_of.start(response_type=kind, response_mode="query"))["error"] == "invalid_request"


@sqlite
@pytest.mark.parametrize("scope", ["profile", "openid bailiwick:admin", "openid everything"])
def test_it_is_a_login_and_never_for_operators(party_of: RelyingParty, world: World, scope: str) -> None:
    """Core §3.2.2.1, §3.1.2.1. What runs this server is not sent through addresses, whatever a client may ask for."""
    allow(world, world.web, scopes=["openid", "profile", "bailiwick:admin"])
    assert behind(party_of.start(response_type="id_token token", scope=scope))["error"] == "invalid_scope"


@sqlite
def test_http_is_for_installed_applications(party_of: RelyingParty, world: World) -> None:
    """Core §3.2.2.1."""
    back = "http://127.0.0.1:4711/callback"
    allow(world, world.web, redirect_uris=[world.web.redirect_uri, back])
    assert behind(party_of.start(response_type="id_token", redirect_uri=back))["error"] == "invalid_request"
    allow(world, world.web, application_type="native")
    assert "id_token" in asks(party_of, "id_token", redirect_uri=back)


@sqlite
def test_what_must_be_bound_to_a_key_is_not_given_here(party_of: RelyingParty, world: World) -> None:
    """RFC 9449 §5.2, §10."""
    for kind in ("id_token", "id_token token"):
        assert behind(party_of.start(response_type=kind, dpop_jkt="x" * 43))["error"] == "invalid_request"
    allow(world, world.web, dpop_bound_access_tokens=True)
    assert behind(party_of.start(response_type="id_token token"))["error"] == "invalid_request"
    assert "access_token" not in asks(party_of, "id_token")


@sqlite
@pytest.mark.parametrize("profile", ["oauth21", "fapi2", "mcp"])
def test_only_openid_connect_has_it(party_of: RelyingParty, world: World, profile: str) -> None:
    """A client that is held to another profile never gets them, however that came to be."""
    with world.inside():
        row = world.client(world.web)
        with db.transaction():
            row.profile = profile
    assert behind(party_of.start(response_type="id_token"))["error"] == "unauthorized_client"


@sqlite
def test_an_answer_that_is_too_long_for_an_address_is_refused(party_of: RelyingParty, world: World) -> None:
    """A header that no front door takes would be its error page, and not ours."""
    with world.inside():
        long = dict.fromkeys(("picture", "website", "profile"), f"https://ada.example/{'x' * 1900}")
        person_claims.change(world.user(world.ada), long, by=TESTS)
    said = asks(party_of, "id_token", scope="openid profile", state="&" * 2700)
    assert (said["error"], said["state"]) == ("invalid_request", "&" * 2700)
    page = party_of.start(response_type="id_token", response_mode="form_post", scope="openid profile", **NO_PKCE)
    assert "id_token" in page.form(press="Continue").fields


# The walk is that of every request.


@sqlite
@KINDS
def test_prompt_none_gives_them_at_once_or_says_why_not(party_of: RelyingParty, kind: str) -> None:
    """Core §3.1.2.1, §3.1.2.6, §3.2.2.6."""
    silent = {"response_type": kind, "prompt": "none", **NO_PKCE}
    refusal = behind(party_of.start(**silent))
    assert (refusal["error"], refusal["state"]) == ("login_required", party_of.asked.state)
    first = verified(party_of, asks(party_of, kind)["id_token"])
    again = verified(party_of, behind(party_of.start(**silent))["id_token"])
    assert (again["auth_time"], again["sid"], again["acr"]) == (first["auth_time"], first["sid"], "0")
    assert behind(party_of.start(**{**silent, "scope": "openid phone"}))["error"] == "consent_required"


@sqlite
def test_the_person_may_refuse(party_of: RelyingParty) -> None:
    party_of.start(response_type="id_token", **NO_PKCE)
    party_of.sign_in()
    assert behind(party_of.deny())["error"] == "access_denied"


@sqlite
def test_an_old_login_is_not_good_enough(party_of: RelyingParty, world: World) -> None:
    """Core §3.1.2.1: max_age, and acr of a login for this request."""
    asks(party_of, "id_token")
    world.later(minutes=10)
    assert party_of.start(response_type="id_token", max_age="60", **NO_PKCE).path == "/login"
    claims = verified(party_of, behind(party_of.sign_in())["id_token"])
    assert claims["acr"] == "1"


@sqlite
def test_it_can_be_pushed_and_stand_in_a_request_object(world: World) -> None:
    """RFC 9126 §2.1, RFC 9101 §5; Core §6.1: the response type outside is the one inside, in whatever order."""
    rp, signer = register_signer(world)
    allow(world, rp.application)
    params = dict(parse_qsl(urlsplit(rp.authorize_url(response_type="id_token token", **NO_PKCE)).query))
    pushed = rp.post(f"{rp.issuer}/par", {**params, **signer.form()}, {})
    assert pushed.status == 201, pushed.text
    rp.browser.get("/authorize", client_id=rp.application.client_id, request_uri=pushed.request_uri)
    rp.sign_in()
    assert {"access_token", "id_token"} <= behind(rp.allow()).keys()
    outside = {"scope": "openid", "response_type": "token id_token", "client_id": rp.application.client_id}
    page = rp.browser.get("/authorize", **outside, request=made(signer, {**params, "iss": signer.client_id, "aud": rp.issuer}))
    assert {"access_token", "id_token"} <= behind(page).keys()


@sqlite
def test_a_proof_at_par_does_not_bind_them(world: World) -> None:
    """RFC 9449 §10.1: whoever proves a key there wants its token bound to it, which cannot be done here."""
    rp, signer = register_signer(world)
    allow(world, rp.application)
    params = dict(parse_qsl(urlsplit(rp.authorize_url(response_type="id_token token", **NO_PKCE)).query))
    assert Holder().post(rp, "/par", {**params, **signer.form()}).error == "invalid_request"


@sqlite
def test_an_operator_who_turns_it_off_is_heard_at_once(party_of: RelyingParty, world: World) -> None:
    party_of.start(response_type="id_token token", **NO_PKCE)
    party_of.sign_in()
    with world.inside():
        tenants.update(world.tenant, implicit_allowed=False, by=TESTS)
    answer = party_of.allow().answer
    assert answer["error"] == "unsupported_response_type" and "access_token" not in answer


# What ends them.


def test_they_end_with_the_session(party_of: RelyingParty) -> None:
    """There is no offline_access, so nothing outlives it."""
    said = asks(party_of)
    party_of.logout(id_token_hint=said["id_token"])
    assert party_of.userinfo(said["access_token"]).status == 401


def test_their_authorization_is_one_like_every_other(party_of: RelyingParty, world: World) -> None:
    """RFC 7009 §2.1, RFC 7662 §2.2."""
    first, second = asks(party_of), asks(party_of)
    facts = party_of.post(f"{party_of.issuer}/introspect", {"token": first["access_token"]}, party_of.basic())
    assert facts.active is True and facts.token_type == "Bearer"
    party_of.post(f"{party_of.issuer}/revoke", {"token": first["access_token"]}, party_of.basic())
    assert party_of.userinfo(first["access_token"]).status == 401
    with world.inside():
        [kept] = granted.of(world.user(world.ada), world.tenant)
        assert (kept.way, kept.client.id) == ("In a browser, without a code", world.web.id)
        granted.end_all(world.user(world.ada), by=TESTS)
    assert party_of.userinfo(second["access_token"]).status == 401


@sqlite
def test_they_live_as_long_as_the_client_s_tokens(party_of: RelyingParty, world: World) -> None:
    allow(world, world.web, access_token_seconds=60)
    said = asks(party_of)
    assert said["expires_in"] == "60"
    world.later(seconds=61)
    assert party_of.userinfo(said["access_token"]).status == 401


# Registration.


@sqlite
@pytest.mark.parametrize("kinds", [["id_token"], ["token id_token"], ["id_token", "id_token token"]])
def test_a_client_registers_it(world: World, kinds: list[str]) -> None:
    """RFC 7591 §2, §2.1; OpenID Connect Registration 1.0 §2."""
    let(world, implicit_allowed=True)
    registered = register(world, response_types=kinds, grant_types=["implicit"])
    rp = party(world, registered)
    assert ({*registered.response_types}, registered.grant_types) == (
        {"".join(k) if k != "token id_token" else "id_token token" for k in kinds},
        ["implicit"],
    )
    kind = registered.response_types[-1]
    assert verified(rp, asks(rp, kind)["id_token"])["sub"] == str(world.ada.id)
    assert rp.start().answer["error"] == "unauthorized_client", "it registered no code"


@sqlite
def test_who_registers_every_flow_gets_those_that_there_are(world: World) -> None:
    flows = [*BOTH, "code id_token", "code token", "code id_token token"]
    let(world, implicit_allowed=True)
    registered = register(world, response_types=flows, grant_types=[*GRANTS, "refresh_token"])
    assert (registered.response_types, {*registered.grant_types}) == (BOTH, {*GRANTS, "refresh_token"})
    shown: Reply = call("GET", registered.registration_client_uri, registered.registration_access_token)
    assert (shown.response_types, shown.grant_types) == (registered.response_types, registered.grant_types)


@sqlite
@pytest.mark.parametrize(
    ("kinds", "grants", "left"),
    [
        (["code", "id_token"], ["authorization_code"], (["code"], ["authorization_code"])),
        (["id_token"], GRANTS, (["id_token"], ["implicit"])),
        (["code"], GRANTS, (["code"], ["authorization_code"])),
        (None, GRANTS, (["code"], ["authorization_code"])),
    ],
)
def test_flows_and_grants_go_together(world: World, kinds: list[str] | None, grants: list[str], left: tuple[Any, Any]) -> None:
    """RFC 7591 §2.1: what has no counterpart is left out, and the answer says so."""
    let(world, implicit_allowed=True)
    registered = register(world, response_types=kinds, grant_types=grants)
    assert (registered.response_types, registered.grant_types) == left


@sqlite
@pytest.mark.parametrize(
    "metadata",
    [
        {"response_types": ["id_token"]},
        {"response_types": ["id_token"], "grant_types": ["authorization_code"]},
        {"response_types": ["code"], "grant_types": ["implicit"]},
        {"grant_types": ["implicit"]},
        {"response_types": ["code id_token"], "grant_types": GRANTS},
    ],
)
def test_what_does_not_go_together_at_all_is_refused(world: World, metadata: dict[str, Any]) -> None:
    let(world, implicit_allowed=True)
    refused(register(world, **metadata))


@sqlite
def test_where_it_is_off_nobody_registers_it(world: World) -> None:
    let(world)
    refused(register(world, response_types=["id_token"], grant_types=["implicit"]))
    registered = register(world, response_types=BOTH, grant_types=GRANTS)
    assert (registered.response_types, registered.grant_types) == (["code"], ["authorization_code"])


@sqlite
def test_it_needs_an_address_to_return_to(world: World) -> None:
    let(world, implicit_allowed=True)
    refused(register(world, response_types=["id_token"], grant_types=["implicit"], redirect_uris=None), "invalid_redirect_uri")


# Settings.


@sqlite
def test_the_settings_keep_it_to_one_profile(world: World) -> None:
    """And a profile that is applied takes it away; the linter names it in each."""
    with world.inside():
        row = world.client(world.web)
        for profile in ("oauth21", "fapi2", "mcp"):
            with pytest.raises(Invalid, match="profile openid"):
                clients.update(row, profile=profile, response_types=["token id_token"], by=TESTS)
        row = clients.update(row, profile="openid", response_types=["token id_token"], by=TESTS)
        assert row.response_types == ["id_token token"]
        for profile in client_profiles.PROFILES:
            [found] = [each for each in client_profiles.departures(row, profile) if each.setting == "response_types"]
            assert (found.change, "RFC 9700 §2.1.2" in found.why) == (["code"], True)
        assert clients.apply_profile(row, "oauth21", by=TESTS).response_types == ["code"]
        assert clients.update(row, response_types=[], by=TESTS).response_types == ["code"]
        with pytest.raises(Invalid):
            clients.update(row, response_types=["token"], by=TESTS)
