"""Dynamic registration (RFC 7591, OpenID Connect Registration 1.0)."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from shared.models.audit import AuditEvent
from shared.services import audit, clients, initial_access
from tests.parts.https import Https
from tests.parts.registering import BACK, let, party, register
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import Reply, unverified_header

# What is written is tried on both databases, what is checked is the same on either.
sqlite = pytest.mark.parametrize("database", ["sqlite"])

KEY = new_key("ES256").as_dict(private=False)


def refused(reply: Reply, error: str = "invalid_client_metadata") -> None:
    assert (reply.status, reply.error) == (400, error), reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.error_description.isascii()
    assert '"' not in reply.error_description


def events(world: World) -> list[AuditEvent]:
    with world.inside():
        return list(audit.search(action="client.", limit=100).items)


def test_a_client_registers_and_signs_somebody_in(world: World) -> None:
    let(world)
    made = register(world)
    assert made.headers["Content-Type"] == "application/json"
    assert made.headers["Cache-Control"] == "no-store"
    assert made.client_secret_expires_at == 0
    assert made.registration_client_uri == f"{world.url}/register/{made.client_id}"
    assert made.json.keys() >= {"client_id_issued_at", "registration_access_token"}
    # RFC 7591 §2, OpenID Connect Registration §2: what leaving out means.
    assert made.token_endpoint_auth_method == "client_secret_basic"
    assert (made.grant_types, made.response_types, made.application_type) == (["authorization_code"], ["code"], "web")
    assert (made.id_token_signed_response_alg, made.subject_type) == ("RS256", "public")
    # A confidential OpenID client may know no PKCE.
    rp = party(world, made)
    tokens = rp.exchange(rp.sign_in_and_allow(code_challenge=None, code_challenge_method=None), code_verifier=None)
    assert unverified_header(tokens.id_token)["alg"] == "RS256"
    assert tokens.refresh_token is None, "it did not ask for the grant"
    assert rp.userinfo(tokens.access_token).email == "ada@example.com"


@sqlite
def test_nobody_registers_unless_the_tenant_lets_them(world: World) -> None:
    assert register(world).status == 403
    assert "registration_endpoint" not in requests.get(f"{world.url}/.well-known/openid-configuration", timeout=30).json()
    let(world)
    told = requests.get(f"{world.url}/.well-known/openid-configuration", timeout=30).json()
    assert told["registration_endpoint"] == f"{world.url}/register"


def test_an_initial_access_token_serves_as_often_as_it_says(world: World) -> None:
    let(world, "token")
    with world.inside():
        row, token = initial_access.create(world.tenant, name="Partners", uses=2, by=TESTS)
    for wrong in (None, "wrong", token + "x"):
        reply = register(world, token=wrong)
        assert (reply.status, reply.error) == (401, "invalid_token")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
    refused(register(world, token=token, redirect_uris=["http://evil.example/"]), "invalid_redirect_uri")
    assert [register(world, token=token).status for _ in range(3)] == [201, 201, 401]
    created = [event for event in events(world) if event.actor_kind == "initial access token"]
    assert {event.actor_id for event in created} == {str(row.id)}


def test_of_many_registrations_at_once_as_many_pass_as_the_token_has_uses(world: World) -> None:
    let(world, "token")
    with world.inside():
        _, token = initial_access.create(world.tenant, name="Partners", uses=3, by=TESTS)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: register(world, token=token).status, range(8)))
    assert statuses.count(201) == 3
    assert statuses.count(401) == 5


@sqlite
def test_a_token_ends_by_time_and_by_an_operator(world: World) -> None:
    let(world, "token")
    with world.inside():
        _, brief = initial_access.create(world.tenant, name="Brief", days=1, by=TESTS)
        row, other = initial_access.create(world.tenant, name="Other", by=TESTS)
    assert register(world, token=brief).status == register(world, token=other).status == 201
    world.later(days=1, seconds=1)
    assert register(world, token=brief).status == 401
    with world.inside():
        initial_access.revoke(row, by=TESTS)
        assert initial_access.of(world.tenant) == []
    assert register(world, token=other).status == 401


@sqlite
@pytest.mark.parametrize(
    "uris",
    [
        None,
        [],
        ["https://newcomer.example/callback#fragment"],
        ["http://newcomer.example/callback"],
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["file:///etc/passwd"],
        ["https://*.newcomer.example/"],
        ["https://user@newcomer.example/"],
        ["/callback"],
        [BACK, "http://evil.example/"],
        ['https://newcomer.example/"'],
        ["https://newcomer.example/a/../b"],
        ["com.example.app:/callback"],
        [f"https://newcomer.example/{number}" for number in range(51)],
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(world: World, uris: list[str] | None) -> None:
    """RFC 7591 §5, RFC 9700 §2.1."""
    let(world)
    refused(register(world, redirect_uris=uris), "invalid_redirect_uri")


@sqlite
@pytest.mark.parametrize(
    "metadata",
    [
        {"redirect_uris": "https://newcomer.example/callback"},
        {"redirect_uris": [1]},
        {"response_types": ["token"]},
        {"response_types": ["code", "code id_token"]},
        {"response_types": "code"},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": []},
        {"grant_types": ["refresh_token"], "response_types": ["code"]},
        {"application_type": "desktop"},
        {"client_name": 1},
        {"client_name": "x" * 201},
        {"contacts": ["x" * 500]},
        {"logo_uri": "http://newcomer.example/logo.png"},
        {"logo_uri": "javascript:alert(1)"},
        {"client_uri": "ftp://newcomer.example/"},
        {"policy_uri": "https://user@newcomer.example/"},
        {"tos_uri": "data:text/html,x"},
        {"jwks": {"keys": [KEY]}, "jwks_uri": "https://newcomer.example/jwks"},
        {"jwks": {"keys": [new_key("ES256").as_dict(private=True)]}},
        {"jwks": []},
        {"jwks_uri": "http://newcomer.example/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"},
        {"token_endpoint_auth_signing_alg": "none"},
        {"subject_type": "secret"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"userinfo_encrypted_response_enc": "A128GCM"},
        {"request_object_encryption_alg": "RSA-OAEP"},
        {"userinfo_signed_response_alg": "none"},
        {"request_object_signing_alg": "HS512"},
        {"request_uris": ["http://newcomer.example/r"]},
        {"default_max_age": "300"},
        {"default_max_age": -1},
        {"default_max_age": True},
        {"require_auth_time": "true"},
        {"initiate_login_uri": "http://newcomer.example/login"},
        {"backchannel_logout_uri": "http://newcomer.example/bye"},
        {"frontchannel_logout_uri": "javascript:x"},
        {"post_logout_redirect_uris": ["http://newcomer.example/bye"]},
        {"tls_client_certificate_bound_access_tokens": True},
        {"client_name#fr": 1},
        {"logo_uri#fr": "http://newcomer.example/logo.png"},
        {"software_id": {}},
        {"client_name": "a\0b"},
    ],
)
def test_every_member_that_counts_is_checked(world: World, metadata: dict[str, Any]) -> None:
    """RFC 7591 §2, §3.2.2."""
    let(world)
    about = "invalid_redirect_uri" if "redirect_uris" in metadata else "invalid_client_metadata"
    refused(register(world, **metadata), about)


@sqlite
def test_all_that_is_registered_is_answered_and_the_rest_is_passed_over(world: World) -> None:
    let(world)
    said = {
        "client_name#fr": "Nouveau venu",
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "2.1",
        "contacts": ["ops@newcomer.example"],
        "logo_uri": "https://newcomer.example/logo.png",
        "client_uri": "https://newcomer.example/",
        "policy_uri": "https://newcomer.example/privacy",
        "tos_uri": "https://newcomer.example/terms",
        "jwks": {"keys": [KEY]},
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
        "request_object_signing_alg": "none",
        "request_uris": ["https://newcomer.example/r#edition"],
        "default_max_age": 300,
        "require_auth_time": True,
        "default_acr_values": ["1"],
        "initiate_login_uri": "https://newcomer.example/login",
        "post_logout_redirect_uris": ["https://newcomer.example/bye"],
        "backchannel_logout_uri": "https://newcomer.example/backchannel",
        "backchannel_logout_session_required": True,
        "frontchannel_logout_uri": "https://newcomer.example/frontchannel",
        "frontchannel_logout_session_required": True,
        "dpop_bound_access_tokens": True,
        "require_pushed_authorization_requests": True,
        "scope": "openid email",
    }
    made = register(world, mood="calm", scope_of_work={"a": [1]}, **said)
    assert made.status == 201, made.text
    assert {name: made.json.get(name) for name in said} == said
    assert not {"mood", "scope_of_work"} & set(made.json)
    with world.inside():
        client = clients.find(world.tenant, made.client_id)
        assert client is not None
        assert (client.verified, client.first_party, client.registered_by) == (False, False, "registration")


@sqlite
def test_what_operators_may_nobody_registers_for(world: World) -> None:
    let(world)
    assert "bailiwick:admin" not in register(world).scope
    assert register(world, scope="openid bailiwick:admin notes:read").scope == "openid"
    assert register(world, scope="bailiwick:admin").scope is None


@sqlite
def test_a_public_client_has_no_secret_and_needs_pkce(world: World) -> None:
    let(world)
    made = register(world, token_endpoint_auth_method="none")
    assert made.client_secret is None
    assert "client_secret_expires_at" not in made.json
    rp = party(world, made)
    assert rp.start(code_challenge=None, code_challenge_method=None).answer["error"] == "invalid_request"
    assert rp.tokens().status == 200


@sqlite
@pytest.mark.parametrize(
    ("uris", "kind", "right"),
    [
        (["http://localhost:3030/callback"], None, "native"),
        (["http://127.0.0.1/callback"], "native", "native"),
        (["com.example.app:/callback"], "native", "native"),
        ([BACK], "native", "native"),
        (["http://localhost:3030/callback"], "web", None),
        (["https://localhost/callback"], "web", None),
    ],
)
def test_an_installed_application_returns_to_itself(world: World, uris: list[str], kind: str | None, right: str | None) -> None:
    """OpenID Connect Registration §2, RFC 8252 §7."""
    let(world)
    made = register(world, redirect_uris=uris, application_type=kind, token_endpoint_auth_method="none")
    assert made.application_type == right, made.text


@sqlite
def test_a_client_that_signs_registers_its_keys(world: World) -> None:
    let(world)
    signer = Signer("", world.url, new_key("RS256"), "RS256")
    made = register(world, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [signer.public]})
    assert made.client_secret is None
    signer.client_id = made.client_id
    rp = party(world, made)
    assert rp.exchange(rp.sign_in_and_allow(), **signer.form()).status == 200


@sqlite
def test_a_client_that_signs_with_its_secret_is_given_one(world: World) -> None:
    let(world)
    made = register(world, token_endpoint_auth_method="client_secret_jwt")
    signer = Signer(made.client_id, world.url, new_key("HS256", secret=made.client_secret), "HS256")
    rp = party(world, made)
    assert rp.exchange(rp.sign_in_and_allow(), headers={}, **signer.form()).status == 200


@sqlite
def test_a_sector_lists_every_redirect_uri(world: World, https: Https) -> None:
    """OpenID Connect Registration §5."""
    let(world)
    uris = [BACK, "https://other.example/callback"]
    refused(register(world, redirect_uris=uris, subject_type="pairwise"))
    sector = {"sector_identifier_uri": f"{https.url}/sector.json", "subject_type": "pairwise", "redirect_uris": uris}
    for wrong in (b"[]", json.dumps([BACK]).encode(), b"{}", b"null", b"no JSON"):
        https.answer("/sector.json", wrong)
        refused(register(world, **sector))
    https.answer("/sector.json", json.dumps([*uris, "https://third.example/"]).encode())
    made = register(world, **sector)
    assert (made.status, made.subject_type, made.sector_identifier_uri) == (201, "pairwise", sector["sector_identifier_uri"])
    https.answer("/sector.json", b"", status=404)
    refused(register(world, **sector))


@sqlite
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"{", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 5000, "application/json"),
        (b"redirect_uris=x", "application/x-www-form-urlencoded"),
        (b'{"redirect_uris": ["https://newcomer.example/"]}', "text/plain"),
        (b'{"client_name": "\\ud800"}', "application/json"),
    ],
)
def test_what_is_no_metadata_is_refused(world: World, body: bytes, kind: str) -> None:
    let(world)
    answer = requests.post(f"{world.url}/register", data=body, headers={"Content-Type": kind}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@sqlite
def test_a_body_has_its_limit(world: World) -> None:
    let(world)
    assert register(world, client_name="x" * 70_000).status == 413


@sqlite
def test_an_address_registers_so_many_clients_and_no_more(world: World) -> None:
    let(world)
    statuses = [register(world, redirect_uris=None).status for _ in range(101)]
    assert statuses == [400] * 100 + [429]


@sqlite
def test_scripts_of_other_sites_may_register(world: World) -> None:
    """As MCP clients in a browser do (the Fetch standard)."""
    let(world)
    asked = {"Origin": "https://inspector.example", "Access-Control-Request-Method": "POST"}
    assert requests.options(f"{world.url}/register", headers=asked, timeout=30).status_code == 204
    assert register(world).headers["Access-Control-Allow-Origin"] == "*"
