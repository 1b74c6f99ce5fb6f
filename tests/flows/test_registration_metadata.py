"""What a client may say of itself when it registers (RFC 7591 §2, OpenID Connect Registration 1.0 §2, §5)."""

import json
from typing import Any

import pytest

from shared.services import clients
from tests.parts.https import Https
from tests.parts.registering import BACK, let, refused, register
from tests.parts.signing import new_key
from tests.parts.world import World

# What is checked does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

KEY = new_key("ES256").as_dict(private=False)


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


@pytest.mark.parametrize(
    "metadata",
    [
        {"redirect_uris": "https://newcomer.example/callback"},
        {"redirect_uris": [1]},
        {"response_types": ["token"]},
        {"response_types": ["id_token", "code id_token"]},
        {"response_types": "code"},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": ["refresh_token"], "response_types": ["code", "token"]},
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


def test_a_library_registers_every_flow_that_it_knows_and_gets_those_that_there_are(world: World) -> None:
    """RFC 7591 §2, §3.2.1: what is asked for may be replaced, and the answer says by what."""
    let(world)
    flows = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
    made = register(world, response_types=flows, grant_types=["authorization_code", "implicit", "refresh_token"])
    assert (made.status, made.response_types) == (201, ["code"])
    assert made.grant_types == ["authorization_code", "refresh_token"]


def test_what_operators_may_nobody_registers_for(world: World) -> None:
    let(world)
    everything = "openid profile email address phone offline_access"
    assert register(world, scope=f"{everything} bailiwick:admin").scope == everything
    assert register(world).scope is None, "whoever named none is not limited by it"
    assert register(world, scope="openid bailiwick:admin notes:read").scope == "openid"
    assert register(world, scope="bailiwick:admin").scope is None


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


@pytest.mark.parametrize(
    "odd", [{"client_name": "moc.elpmaxe\u202e"}, {"client_name": "A\nB"}, {"request_uris": ["https://newcomer.example/#a\0"]}]
)
def test_what_misleads_or_no_database_takes_is_refused(world: World, odd: dict[str, Any]) -> None:
    let(world, "open")
    refused(register(world, **odd))
