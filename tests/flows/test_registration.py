"""Dynamic registration (RFC 7591, OpenID Connect Registration 1.0)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from shared.models.audit import AuditEvent
from shared.services import audit, guesses, initial_access
from tests.parts.registering import let, party, refused, register
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import unverified_header

# What is written is tried on both databases, what is checked is the same on either.
sqlite = pytest.mark.parametrize("database", ["sqlite"])

KEY = new_key("ES256").as_dict(private=False)


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
def test_a_public_client_has_no_secret_and_needs_pkce(world: World) -> None:
    let(world)
    made = register(world, token_endpoint_auth_method="none")
    assert made.client_secret is None
    assert "client_secret_expires_at" not in made.json
    rp = party(world, made)
    assert rp.start(code_challenge=None, code_challenge_method=None).answer["error"] == "invalid_request"
    assert rp.tokens().status == 200


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
    statuses = [register(world, redirect_uris=None).status for _ in range(2)]
    with world.inside():
        for _ in range(997):
            guesses.take_registration("127.0.0.1")
    statuses += [register(world, redirect_uris=None).status for _ in range(2)]
    assert statuses == [400, 400, 400, 429]


@sqlite
def test_scripts_of_other_sites_may_register(world: World) -> None:
    """As MCP clients in a browser do (the Fetch standard)."""
    let(world)
    asked = {"Origin": "https://inspector.example", "Access-Control-Request-Method": "POST"}
    assert requests.options(f"{world.url}/register", headers=asked, timeout=30).status_code == 204
    assert register(world).headers["Access-Control-Allow-Origin"] == "*"
