"""Clients that look after their registration (RFC 7592)."""

from typing import Any

import pytest

from shared.services import clients
from tests.parts.registering import BACK, call, let, party, register
from tests.parts.world import TESTS, World
from tests.relying_party import Reply

sqlite = pytest.mark.parametrize("database", ["sqlite"])
OURS = {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
SECRET = "client_secret"


@pytest.fixture
def made(world: World) -> Reply:
    let(world)
    return register(world, contacts=["ops@newcomer.example"])


def own(made: Reply, method: str, body: Any = None) -> Reply:
    return call(method, made.registration_client_uri, made.registration_access_token, body)


def said(made: Reply, **changes: Any) -> dict[str, Any]:
    """The registration as it is sent back, with changes; None takes away."""
    kept = {name: value for name, value in made.json.items() if name not in OURS | {SECRET}}
    return {name: value for name, value in {**kept, **changes}.items() if value is not None}


def test_a_client_reads_changes_and_ends_its_registration(made: Reply, world: World) -> None:
    read = own(made, "GET")
    assert read.status == 200
    assert read.headers["Cache-Control"] == "no-store"
    assert {**read.json, "client_secret": made.client_secret, "client_secret_expires_at": 0} == made.json
    changed = own(made, "PUT", said(made, client_name="Renamed", contacts=None, redirect_uris=[BACK, BACK + "2"]))
    assert (changed.status, changed.client_name, changed.redirect_uris) == (200, "Renamed", [BACK, BACK + "2"])
    # RFC 7592 §2.2: what is left out is as if it had never been registered.
    assert changed.contacts is None
    assert changed.client_secret is None
    rp = party(world, made)
    assert rp.tokens(redirect_uri=BACK + "2").status == 200
    assert own(made, "DELETE").status == 204
    assert own(made, "GET").status == 401
    assert rp.start().status == 400


@sqlite
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_its_own_token_opens_a_registration(made: Reply, world: World, method: str) -> None:
    other = register(world)
    for token in (None, "wrong", other.registration_access_token, made.client_secret):
        reply = call(method, made.registration_client_uri, token, said(made))
        assert (reply.status, reply.error) == (401, "invalid_token")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
    # RFC 7592 §2.1: a client that is gone is no other answer.
    assert call(method, f"{world.url}/register/unknown", made.registration_access_token, {}).status == 401
    by_operator = f"{world.url}/register/{world.web.client_id}"
    assert call(method, by_operator, made.registration_access_token, {}).status == 401


@sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"client_id": None},
        {"client_secret": "another"},
        {"client_secret": 1},
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://evil.example/"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 0},
        {"grant_types": ["client_credentials"]},
    ],
)
def test_a_client_says_only_what_is_its_own_to_say(made: Reply, changes: dict[str, Any]) -> None:
    """RFC 7592 §2.2."""
    refused = own(made, "PUT", said(made, **changes))
    assert (refused.status, refused.error) == (400, "invalid_client_metadata")
    assert own(made, "GET").json["grant_types"] == ["authorization_code"]


@sqlite
def test_a_change_that_is_refused_changes_nothing(made: Reply) -> None:
    refused = own(made, "PUT", said(made, client_name="Renamed", redirect_uris=["http://evil.example/"]))
    assert (refused.status, refused.error) == (400, "invalid_redirect_uri")
    assert own(made, "PUT", said(made, token_endpoint_auth_method="private_key_jwt")).status == 400
    assert own(made, "GET").client_name == "Newcomer"


@sqlite
def test_a_secret_comes_and_goes_with_the_way_to_prove_oneself(made: Reply, world: World) -> None:
    same = own(made, "PUT", said(made, client_secret=made.client_secret))
    assert (same.status, same.client_secret) == (200, None)
    public = own(made, "PUT", said(made, token_endpoint_auth_method="none"))
    assert (public.status, public.client_secret) == (200, None)
    with world.inside():
        client = clients.find(world.tenant, made.client_id)
        assert client is not None
        assert (client.client_type, client.secret_fingerprint, client.pkce_required) == ("public", None, True)
    again = own(made, "PUT", said(made, token_endpoint_auth_method="client_secret_jwt"))
    assert again.client_secret not in (None, made.client_secret)
    assert again.client_secret_expires_at == 0


@sqlite
def test_what_an_operator_decided_stays(made: Reply, world: World) -> None:
    with world.inside():
        client = clients.find(world.tenant, made.client_id)
        assert client is not None
        grants = ["authorization_code", "client_credentials"]
        decided = {"access_token_seconds": 60, "response_modes": ["query"], "require_pkce": True, "grant_types": grants}
        clients.update(client, **decided, by=TESTS)
    again = said(own(made, "GET"))
    assert again["grant_types"] == grants
    assert own(made, "PUT", again).status == 200
    with world.inside():
        client = clients.find(world.tenant, made.client_id)
        assert client is not None
        assert {name: getattr(client, name) for name in decided} == decided
        assert client.verified is False


@sqlite
def test_a_registration_outlives_the_tenants_change_of_mind(made: Reply, world: World) -> None:
    let(world, "off")
    assert own(made, "GET").status == 200
    assert register(world).status == 403
