"""Request objects, by value, by reference and pushed (RFC 9101, OpenID Connect Core §6, RFC 9126 §3)."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.services import client_keys, clients
from tests.parts.asking import asked, made, send, shown, signed_in
from tests.parts.https import Https
from tests.parts.signers import change, register
from tests.parts.signing import Signer, new_key, segment
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims

# What is checked does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def signed(world: World) -> tuple[RelyingParty, Signer]:
    return register(world)


def unsigned(claims: dict[str, Any]) -> str:
    return f"{segment({'alg': 'none'})}.{segment(claims)}."


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_a_request_travels_in_a_signed_object(world: World, alg: str) -> None:
    """RFC 9101 §5: client_id and request are all that the browser carries."""
    rp, signer = register(world, alg)
    page = send(rp, request=made(signer, asked(rp)))
    rp.sign_in()
    answer = rp.allow().answer
    assert page.status == 200
    assert (answer["state"], answer["iss"]) == (rp.asked.state, rp.issuer)
    tokens = rp.exchange(answer["code"], headers={}, **signer.form())
    assert unverified_claims(tokens.id_token)["nonce"] == rp.asked.nonce


def test_claims_are_an_object_in_it(signed: tuple[RelyingParty, Signer]) -> None:
    """OpenID Connect Core §5.5, §6.1: not the text that a parameter has."""
    rp, signer = signed
    claims = asked(rp, scope="openid") | {"claims": {"id_token": {"email": {"essential": True}}}, "max_age": 600}
    page = send(rp, request=made(signer, claims))
    assert page.status == 200
    rp.sign_in()
    tokens = rp.exchange(rp.allow().answer["code"], headers={}, **signer.form())
    assert unverified_claims(tokens.id_token)["email"] == "ada@example.com"


def test_any_confidential_client_with_keys_may(rp: RelyingParty, world: World) -> None:
    signer = Signer(rp.application.client_id, rp.issuer, new_key("RS256"), "RS256")
    change(world, rp, jwks={"keys": [signer.public]})
    assert signed_in(rp, send(rp, request=made(signer, asked(rp)))).status == 200


def test_of_an_oauth_request_what_stands_outside_is_not_read(signed: tuple[RelyingParty, Signer]) -> None:
    """RFC 9101 §5, §6.3."""
    rp, signer = signed
    claims = asked(rp, scope="openid")
    outside = {"scope": "email", "state": "outside", "redirect_uri": "https://evil.example/", "prompt": "none"}
    send(rp, request=made(signer, claims), **outside)
    rp.sign_in()
    answer = rp.allow().answer
    assert answer["state"] == rp.asked.state
    assert rp.exchange(answer["code"], headers={}, **signer.form()).scope == "openid"


def test_of_an_openid_request_the_rest_stands_outside(signed: tuple[RelyingParty, Signer]) -> None:
    """OpenID Connect Core §6.1: what stands inside wins, and response_type and scope are outside too."""
    rp, signer = signed
    claims = asked(rp)
    state, nonce = claims.pop("state"), claims.pop("nonce")
    claims.pop("client_id")
    outside = {"response_type": "code", "scope": "openid", "state": state, "nonce": nonce}
    page = send(rp, request=made(signer, claims), redirect_uri="https://evil.example/", **outside)
    assert page.path.endswith("/login")
    rp.sign_in()
    answer = rp.allow().answer
    assert answer["state"] == state
    tokens = rp.exchange(answer["code"], headers={}, **signer.form())
    assert set(tokens.scope.split()) == set(claims["scope"].split())
    assert unverified_claims(tokens.id_token)["nonce"] == nonce


def test_who_must_sign_gets_nothing_from_outside(signed: tuple[RelyingParty, Signer], world: World) -> None:
    rp, signer = signed
    change(world, rp, require_signed_request_object=True)
    page = send(rp, request=made(signer, asked(rp, scope=None)), response_type="code", scope="openid")
    assert page.answer["error"] == "invalid_scope"


def test_numbers_and_objects_become_the_parameters_that_they_stand_for(signed: tuple[RelyingParty, Signer]) -> None:
    """RFC 9101 §4."""
    rp, signer = signed
    claims = asked(
        rp, max_age=300, claims={"id_token": {"auth_time": {"essential": True}}}, unknown=[1, {"a": None}], prompt=None
    )
    assert send(rp, request=made(signer, claims)).path.endswith("/login")
    assert send(rp, request=made(signer, asked(rp, max_age=-1))).answer["error"] == "invalid_request"
    assert send(rp, request=made(signer, asked(rp, max_age=1.5))).answer["error"] == "invalid_request"
    assert send(rp, request=made(signer, asked(rp, resource=["https://a.example", "https://b.example"]))).answer["error"] == (
        "invalid_target"
    )
    assert send(rp, request=made(signer, asked(rp, state="x" * 5000))).left_to is None


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"client_id": "another"}, {}),
        ({"client_id": None}, {}),
        ({"client_id": 1}, {}),
        ({"iss": "another"}, {}),
        ({"aud": "https://another.example"}, {}),
        ({"aud": ["https://another.example"]}, {}),
        ({"aud": {}}, {}),
        ({"exp": 1}, {}),
        ({"exp": "soon"}, {}),
        ({"exp": 1e400}, {}),
        ({"exp": True}, {}),
        ({"nbf": 4_000_000_000}, {}),
        ({"iat": 4_000_000_000}, {}),
        ({"iat": None, "nbf": "x"}, {}),
        ({"request": "a.b.c"}, {}),
        ({"request_uri": "https://client.example/r"}, {}),
        ({}, {"typ": "at+jwt"}),
        ({}, {"typ": "client-authentication+jwt"}),
        ({}, {"crit": ["exp"]}),
        ({}, {"b64": False, "crit": ["b64"]}),
        ({}, {"jku": "https://client.example/jwks"}),
        ({}, {"jwk": {"kty": "EC"}}),
        ({}, {"x5u": "https://client.example/x"}),
        ({}, {"zip": "DEF"}),
        ({}, {"alg": "HS256"}),
        ({}, {"alg": "none"}),
        ({}, {"alg": "ES384"}),
        ({}, {"alg": ["ES256"]}),
        ({}, {"kid": "another"}),
    ],
)
def test_a_wrong_object_is_refused_where_nothing_in_it_is_followed(
    signed: tuple[RelyingParty, Signer], claims: dict[str, Any], header: dict[str, Any]
) -> None:
    rp, signer = signed
    wrong = made(signer, asked(rp, **claims), **header)
    shown(send(rp, request=wrong), "invalid_request_object")
    # An address outside that the client registered may be told (RFC 9101 §7).
    outside = {"response_type": "code", "redirect_uri": rp.application.redirect_uri, "state": "outside"}
    answer = send(rp, request=wrong, **outside).answer
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_request_object", "outside", rp.issuer)


def test_an_object_signed_by_somebody_else_is_refused(signed: tuple[RelyingParty, Signer], world: World) -> None:
    rp, signer = signed
    other = Signer(signer.client_id, signer.audience, new_key("ES256"), "ES256")
    shown(send(rp, request=made(other, asked(rp))), "invalid_request_object")
    shown(send(rp, request=made(other, asked(rp), kid=signer.key.kid)), "invalid_request_object")
    shown(send(rp, request=made(signer, asked(rp))[:-6] + "AAAAAA"), "invalid_request_object")


def test_an_assertion_is_no_request_object(signed: tuple[RelyingParty, Signer]) -> None:
    """RFC 9101 §10.8."""
    rp, signer = signed
    shown(send(rp, request=signer.assertion(client_id=rp.application.client_id)), "invalid_request_object")


@pytest.mark.parametrize("wrong", ["a", "a.b.c", ".", "..", "ä.ä.ä", "e30.e30.", "W10.W10.x", "x" * 40_000, "\0"])
def test_what_is_no_jwt_is_refused(rp: RelyingParty, wrong: str) -> None:
    page = rp.browser.post("/authorize", client_id=rp.application.client_id, request=wrong)
    assert (page.status, page.left_to) == (400, None)


def test_the_redirect_uri_inside_is_one_that_is_registered(signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    page = send(rp, request=made(signer, asked(rp, redirect_uri="https://evil.example/")))
    assert (page.status, page.left_to) == (400, None)


def test_the_response_type_outside_is_the_one_inside(signed: tuple[RelyingParty, Signer]) -> None:
    """OpenID Connect Core §6.1."""
    rp, signer = signed
    outside = {"response_type": "token", "scope": "openid"}
    shown(send(rp, request=made(signer, asked(rp)), **outside), "invalid_request_object")


def test_an_unsigned_object_is_for_those_who_registered_it(rp: RelyingParty, world: World) -> None:
    """OpenID Connect Core §6.1, RFC 9101 §10.1."""
    shown(send(rp, request=unsigned(asked(rp))), "invalid_request_object")
    change(world, rp, request_object_signing_alg="none")
    assert signed_in(rp, send(rp, request=unsigned(asked(rp)))).status == 200
    shown(send(rp, request=unsigned(asked(rp)) + "AAAA"), "invalid_request_object")
    change(world, rp, require_signed_request_object=True)
    shown(send(rp, request=unsigned(asked(rp))), "invalid_request_object")
    assert rp.start().answer["error"] == "invalid_request"


def test_the_algorithm_is_the_registered_one(signed: tuple[RelyingParty, Signer], world: World) -> None:
    rp, signer = signed
    change(world, rp, request_object_signing_alg="RS256")
    shown(send(rp, request=made(signer, asked(rp))), "invalid_request_object")
    change(world, rp, request_object_signing_alg="ES256")
    assert send(rp, request=made(signer, asked(rp))).path.endswith("/login")


def test_a_secret_signs_for_the_client_that_registered_so(world: World) -> None:
    rp, signer = register(world, "HS256")
    shown(send(rp, request=made(signer, asked(rp), kid=None)), "invalid_request_object")
    change(world, rp, request_object_signing_alg="HS256")
    assert send(rp, request=made(signer, asked(rp), kid=None)).path.endswith("/login")
    # HMAC under a public key, the old confusion (RFC 8725 §2.1).
    other, key = register(world, "ES256")
    change(world, other, request_object_signing_alg="HS256")
    forged = Signer(key.client_id, key.audience, new_key("HS256", secret=str(key.public)), "HS256")
    shown(send(other, request=made(forged, asked(other), kid=None)), "invalid_request_object")


def test_who_must_sign_may_not_ask_in_the_open(signed: tuple[RelyingParty, Signer], world: World) -> None:
    """RFC 9101 §10.5."""
    rp, _ = signed
    change(world, rp, require_signed_request_object=True)
    assert rp.start().answer["error"] == "invalid_request"


def test_an_object_is_pushed_and_only_what_stands_inside_counts(signed: tuple[RelyingParty, Signer], world: World) -> None:
    """RFC 9126 §3."""
    rp, signer = signed
    change(world, rp, require_signed_request_object=True)
    claims = asked(rp, scope="openid")
    fields = {"request": made(signer, claims), "scope": "openid email", "response_type": "token", **signer.form()}
    pushed = rp.post(f"{rp.issuer}/par", fields, {})
    assert pushed.status == 201, pushed.text
    rp.browser.get(f"/authorize?client_id={rp.application.client_id}&request_uri={pushed.request_uri}")
    rp.sign_in()
    assert rp.exchange(rp.allow().answer["code"], headers={}, **signer.form()).scope == "openid"
    plain = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    assert rp.post(f"{rp.issuer}/par", {**plain, **signer.form()}, {}).error == "invalid_request"
    wrong = made(signer, asked(rp, client_id="another"))
    refused = rp.post(f"{rp.issuer}/par", {"request": wrong, **signer.form()}, {})
    assert (refused.status, refused.error) == (400, "invalid_request_object")


def test_a_pushed_request_may_be_brought_by_post(rp: RelyingParty) -> None:
    """OpenID Connect Core §3.1.2.1: GET and POST."""
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    pushed = rp.post(f"{rp.issuer}/par", fields, rp.basic())
    page = rp.browser.post("/authorize", client_id=rp.application.client_id, request_uri=pushed.request_uri)
    assert signed_in(rp, page).status == 200


def test_both_ways_at_once_are_refused(signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    shown(send(rp, request=made(signer, asked(rp)), request_uri="https://client.example/r"), "invalid_request")


def test_keys_of_an_address_serve_for_request_objects_too(rp: RelyingParty, world: World, https: Https) -> None:
    signer = Signer(rp.application.client_id, rp.issuer, new_key("ES256"), "ES256")
    client_keys._sources.clear()
    https.answer("/jwks.json", ('{"keys": [' + str(signer.public).replace("'", '"') + "]}").encode())
    with world.inside():
        clients.update(world.client(rp.application), jwks_uri=https.url + "/jwks.json", by=TESTS)
    assert send(rp, request=made(signer, asked(rp))).path.endswith("/login")


def test_what_is_announced_is_true(rp: RelyingParty) -> None:
    told = rp.metadata
    assert told["request_parameter_supported"] is told["request_uri_parameter_supported"] is True
    assert told["require_request_uri_registration"] is True
    assert told["request_object_signing_alg_values_supported"] == ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"]
