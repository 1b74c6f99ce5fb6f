"""Tokens for the APIs that operators keep (RFC 8707, RFC 9068 §3)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from shared.models.resource import Resource
from shared.services import resources, tenants
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_claims

NOTES, MAPS = "https://notes.example/api", "urn:example:maps"
SCOPE = "openid offline_access"


@pytest.fixture
def notes(world: World) -> Resource:
    """An API for notes, with tokens of two minutes."""
    with world.inside():
        scopes = {"read": "Read your notes", "write": "Change your notes"}
        return keep(world, NOTES, name="Notes", scopes=scopes, token_seconds=120)


@pytest.fixture
def maps(world: World) -> Resource:
    """An API for maps; it has a scope of the same name."""
    with world.inside():
        return keep(world, MAPS, name="Maps", scopes={"read": "See where you are"})


def keep(world: World, identifier: str, **rules: object) -> Resource:
    return resources.create(world.tenant, identifier=identifier, by=TESTS, **rules)


def introspect(rp: RelyingParty, token: str) -> Reply:
    return rp.post(rp.metadata["introspection_endpoint"], {"token": token}, rp.basic())


def test_a_token_is_for_the_resource_that_was_asked(rp: RelyingParty, notes: Resource) -> None:
    """RFC 8707 §2, RFC 9068 §2.2.3, §3: its audience, its scopes, and the shorter of the lifetimes."""
    tokens = rp.tokens(resource=NOTES, scope=f"{SCOPE} read")
    claims = unverified_claims(tokens.access_token)
    assert (claims["aud"], claims["scope"]) == ([NOTES], "read")
    assert (tokens.expires_in, claims["exp"] - claims["iat"]) == (120, 120)
    assert tokens.scope == "openid offline_access read"
    assert unverified_claims(tokens.id_token)["aud"] == [rp.application.client_id]


def test_who_names_an_api_and_no_scope_asks_for_all_of_it(rp: RelyingParty, notes: Resource) -> None:
    """RFC 6749 §3.3: the default; clients of MCP servers go by it."""
    rp.start(resource=NOTES, scope=None)
    page = rp.sign_in()
    assert "Read your notes" in page.words and "Change your notes" in page.words
    tokens = rp.exchange(rp.allow().answer["code"])
    assert unverified_claims(tokens.access_token)["scope"] == tokens.scope == "read write"
    assert tokens.id_token is None


def test_an_api_without_scopes_is_asked_for_by_its_name(rp: RelyingParty, world: World) -> None:
    with world.inside():
        keep(world, NOTES, name="Notes")
    rp.start(resource=NOTES, scope=None)
    assert "Use Notes in your name" in rp.sign_in().words
    tokens = rp.exchange(rp.allow().answer["code"])
    assert (unverified_claims(tokens.access_token)["aud"], tokens.scope) == ([NOTES], "")


def test_our_own_api_is_never_the_default(rp: RelyingParty) -> None:
    """Nobody would be asked, and the token would still say who the person is."""
    assert rp.start(resource=f"{rp.issuer}/api", scope=None).answer["error"] == "invalid_scope"
    assert rp.start(scope=None).answer["error"] == "invalid_scope"


def test_without_a_resource_the_token_is_for_our_own_api(rp: RelyingParty, notes: Resource) -> None:
    tokens = rp.tokens()
    assert unverified_claims(tokens.access_token)["aud"] == [f"{rp.issuer}/api"]
    assert (tokens.expires_in, rp.userinfo(tokens.access_token).status) == (600, 200)


def test_a_token_for_another_api_opens_none_of_ours(rp: RelyingParty, notes: Resource) -> None:
    tokens = rp.tokens(resource=NOTES, scope="openid read")
    refused = rp.userinfo(tokens.access_token)
    assert refused.status == 401 and 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_who_wants_both_names_both(rp: RelyingParty, notes: Resource) -> None:
    own = f"{rp.issuer}/api"
    both = rp.tokens(resource=[own, NOTES], scope="openid email offline_access read")
    claims = unverified_claims(both.access_token)
    assert (claims["aud"], claims["scope"]) == ([own, NOTES], "openid email offline_access read")
    assert rp.userinfo(both.access_token).json["email"] == rp.person.email
    ours = rp.refresh(both.refresh_token, resource=own)
    assert unverified_claims(ours.access_token)["scope"] == "openid email offline_access"


@pytest.mark.parametrize(
    "unverified", ["notes", "/notes", f"{NOTES}#x", "https://other.example", f"{NOTES}/", "a b", "https://ä.example"]
)
def test_a_resource_that_is_none_is_refused(rp: RelyingParty, notes: Resource, unverified: str) -> None:
    """RFC 8707 §2."""
    assert rp.start(resource=unverified, scope="openid").answer["error"] == "invalid_target"


def test_an_empty_resource_is_none(rp: RelyingParty) -> None:
    """RFC 6749 §3.1: a parameter without a value is as if left out."""
    assert unverified_claims(rp.tokens(resource="").access_token)["aud"] == [f"{rp.issuer}/api"]


def test_a_scope_of_a_resource_needs_the_resource(rp: RelyingParty, notes: Resource) -> None:
    assert rp.start(scope="openid read").answer["error"] == "invalid_scope"
    assert rp.start(resource=NOTES, scope="openid erase").answer["error"] == "invalid_scope"


def test_a_resource_may_be_for_some_clients_only(rp: RelyingParty, ours: RelyingParty, world: World, notes: Resource) -> None:
    with world.inside():
        resources.update(notes, clients=[ours.application.client_id], by=TESTS)
    assert rp.start(resource=NOTES, scope="openid read").answer["error"] == "invalid_target"
    assert ours.tokens(resource=NOTES, scope="openid read").status == 200


def test_a_resource_of_another_tenant_is_unknown(rp: RelyingParty, world: World) -> None:
    with world.inside():
        resources.create(tenants.create(name="Acme", by=TESTS), identifier=NOTES, name="Notes", by=TESTS)
    assert rp.start(resource=NOTES, scope="openid").answer["error"] == "invalid_target"


def test_a_pushed_request_names_resources_too(rp: RelyingParty, notes: Resource, maps: Resource) -> None:
    """RFC 9126 §2.1: one resource parameter each."""
    fields = parse_qs(urlsplit(rp.authorize_url(scope="openid read")).query)
    endpoint = rp.metadata["pushed_authorization_request_endpoint"]
    refused = rp.post(endpoint, fields | {"resource": [NOTES, "nowhere"]}, rp.basic())
    assert (refused.status, refused.error) == (400, "invalid_target")
    pushed = rp.post(endpoint, fields | {"resource": [NOTES, MAPS]}, rp.basic())
    rp.browser.get("/authorize", client_id=rp.application.client_id, request_uri=pushed.request_uri)
    rp.sign_in()
    tokens = rp.exchange(rp.allow().answer["code"])
    assert unverified_claims(tokens.access_token)["aud"] == [NOTES, MAPS]


def test_consent_is_given_for_each_resource(rp: RelyingParty, notes: Resource, maps: Resource) -> None:
    """`read` of one API is not `read` of another."""
    rp.tokens(resource=NOTES, scope="openid read")
    assert rp.start(resource=NOTES, scope="openid read").answer.get("code"), "what was allowed is not asked again"
    page = rp.start(resource=MAPS, scope="openid read")
    assert page.path.endswith("/consent") and "Maps: See where you are" in page.text
    assert "Notes: Read your notes" not in page.text
    rp.allow()
    page = rp.start(resource=NOTES, scope="openid write")
    assert page.path.endswith("/consent") and "Notes: Change your notes" in page.text
    applications = rp.browser.get("/account/applications").text
    assert "Notes: Read your notes" in applications and "Maps: See where you are" in applications


def test_a_resource_without_a_scope_is_asked_about(rp: RelyingParty, notes: Resource) -> None:
    rp.tokens(scope="openid")
    page = rp.start(resource=NOTES, scope="openid")
    assert page.path.endswith("/consent") and "Use Notes in your name" in page.text


def test_the_token_endpoint_gives_a_part_and_never_more(rp: RelyingParty, notes: Resource, maps: Resource) -> None:
    """RFC 8707 §2.2."""
    code = rp.sign_in_and_allow(resource=[NOTES, MAPS], scope=f"{SCOPE} read write")
    assert rp.exchange(code, resource=f"{rp.issuer}/api").error == "invalid_target"
    assert rp.exchange(code, resource="nowhere").error == "invalid_target"
    first = rp.exchange(code, resource=MAPS)
    assert first.status == 200, "a refused request leaves the code unspent"
    claims = unverified_claims(first.access_token)
    assert (claims["aud"], claims["scope"], first.scope) == ([MAPS], "read", "openid offline_access read")
    assert first.expires_in == 600
    second = rp.refresh(first.refresh_token, resource=NOTES, scope="write")
    claims = unverified_claims(second.access_token)
    assert (claims["aud"], claims["scope"]) == ([NOTES], "write")
    refused = rp.refresh(second.refresh_token, resource="https://other.example")
    assert (refused.status, refused.error) == (400, "invalid_target")
    whole = unverified_claims(rp.refresh(second.refresh_token).access_token)
    assert (whole["aud"], whole["scope"]) == ([NOTES, MAPS], "read write"), "what was granted stays granted"


def test_a_login_for_our_own_api_does_not_grow_a_resource(rp: RelyingParty, notes: Resource) -> None:
    tokens = rp.tokens()
    assert rp.refresh(tokens.refresh_token, resource=NOTES).error == "invalid_target"
    assert rp.refresh(tokens.refresh_token, resource=f"{rp.issuer}/api").status == 200


def test_a_resource_that_is_gone_gets_no_new_tokens(rp: RelyingParty, world: World, notes: Resource) -> None:
    tokens = rp.tokens(resource=NOTES, scope=f"{SCOPE} read")
    with world.inside():
        resources.update(notes, scopes={"write": "Change your notes"}, by=TESTS)
    assert unverified_claims(rp.refresh(tokens.refresh_token).access_token)["scope"] == "", "a scope that is gone means nothing"
    with world.inside():
        resources.delete(notes, by=TESTS)
    refused = rp.refresh(tokens.refresh_token)
    assert refused.error == "invalid_target", "and never our own API instead"


def test_a_resource_sees_what_is_meant_for_it(
    rp: RelyingParty, ours: RelyingParty, world: World, notes: Resource, maps: Resource
) -> None:
    """RFC 7662 §2.2: what other resources may do with the token is no business of this one."""
    with world.inside():
        resources.update(notes, introspectors=[ours.application.client_id], by=TESTS)
    both = rp.tokens(resource=[NOTES, MAPS], scope="openid offline_access read write")
    seen = introspect(ours, both.access_token)
    assert (seen.active, seen.aud, seen.scope) == (True, [NOTES], "read write")
    assert (seen.client_id, seen.iss) == (rp.application.client_id, rp.issuer)
    assert introspect(ours, both.refresh_token).json == {"active": False}
    other = rp.refresh(both.refresh_token, resource=MAPS)
    assert introspect(ours, other.access_token).json == {"active": False}
    assert introspect(ours, rp.tokens().access_token).json == {"active": False}
    assert introspect(rp, both.access_token).aud == [NOTES, MAPS], "its own client sees all of it"
    revoked = rp.post(rp.metadata["revocation_endpoint"], {"token": both.access_token}, ours.basic())
    assert (revoked.status, introspect(ours, both.access_token).active) == (200, True), "it sees, and ends nothing"
