"""Client authentication by a signed JWT: whose key, which algorithm, which header, and no other way (RFC 7523, RFC 8725)."""

import base64
import hmac
from typing import Any

import pytest
from joserfc.jwk import OctKey

from shared.services import clients
from tests.parts.signers import ask, change, known, refused, register, sqlite
from tests.parts.signing import TYPE, Signer, base64url, new_key, segment, sent
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


@pytest.fixture
def signed(world: World) -> tuple[RelyingParty, Signer]:
    return register(world)


@sqlite
def test_only_its_own_key_signs_for_a_client(signed: tuple[RelyingParty, Signer], world: World) -> None:
    rp, signer = signed
    stranger = Signer(signer.client_id, world.url, new_key("ES256"), "ES256")
    refused(ask(rp, stranger.form()))
    refused(ask(rp, stranger.form(header={"kid": signer.key.kid})))
    refused(ask(rp, stranger.form(header={"kid": None})))
    known(ask(rp, signer.form(header={"kid": None})))
    head, body, signature = signer.assertion().split(".")
    forged = segment(signer.claims(jti="other"))
    for compact in (
        f"{head}.{forged}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.AAAA",
    ):
        refused(ask(rp, sent(compact)))
    known(ask(rp, sent(f"{head}.{body}.{signature}")))


@sqlite
@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": True},
        {"zip": "DEF"},
        {"typ": "at+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": "logout+jwt"},
        {"typ": 1},
        {"kid": "unknown"},
        {"kid": 1},
    ],
)
def test_a_header_chooses_no_key_and_asks_for_nothing(signed: tuple[RelyingParty, Signer], header: dict[str, Any]) -> None:
    """RFC 8725 §3.10, §3.11, RFC 7515 §4.1.11."""
    rp, signer = signed
    refused(ask(rp, signer.form(header=header)))


@sqlite
def test_other_headers_are_passed_over(signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    for header in (
        {"typ": "JWT"},
        {"typ": "client-authentication+jwt"},
        {"typ": "application/jwt"},
        {"x": "y"},
        {"x5c": ["A" * 2000]},
    ):
        known(ask(rp, signer.form(header=header)))


@sqlite
@pytest.mark.parametrize(("registered", "used"), [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")])
def test_ed25519_is_known_by_its_older_name_too(world: World, registered: str, used: str) -> None:
    """RFC 9864 §4.1.2: libraries change from one to the other in their own time."""
    rp, signer = register(world, used)
    change(world, rp, token_endpoint_auth_signing_alg=registered, request_object_signing_alg=registered)
    known(ask(rp, signer.form()))
    request = signer.sign({"alg": used, "kid": signer.key.kid}, {"client_id": signer.client_id, "aud": rp.issuer})
    reply = rp.post(rp.metadata["pushed_authorization_request_endpoint"], {"request": request, **signer.form()}, {})
    assert "response_type" in reply.error_description, "the object was believed"


@sqlite
def test_the_algorithm_fits_the_client(world: World) -> None:
    """RFC 8725 §3.1: never `none`, never HMAC under a public key, never one that the client did not register."""
    rp, signer = register(world, "RS256")
    known(ask(rp, signer.form()))
    pss = Signer(signer.client_id, world.url, signer.key, "PS256")
    known(ask(rp, pss.form()))
    change(world, rp, token_endpoint_auth_signing_alg="PS256")
    refused(ask(rp, signer.form()))
    known(ask(rp, pss.form()))
    head, body = segment({"alg": "HS256", "kid": signer.key.kid}), segment(signer.claims())
    for secret in (signer.key.as_pem(private=False), signer.key.as_der(private=False), b"", b"x" * 40):
        mac = base64url(hmac.digest(secret, f"{head}.{body}".encode(), "sha256"))
        refused(ask(rp, sent(f"{head}.{body}.{mac}")))
    for alg in ("none", "None", "NONE", "", "RS1", "ES384", "RSA-OAEP", 5, ["PS256"], None):
        head = segment({"alg": alg, "kid": signer.key.kid})
        _, body, signature = pss.assertion().split(".")
        refused(ask(rp, sent(f"{head}.{body}.")))
        refused(ask(rp, sent(f"{head}.{body}.{signature}")))


@sqlite
def test_a_key_for_something_else_does_not_authenticate(world: World) -> None:
    """RFC 7517 §4.2, §4.4."""
    rp, signer = register(world, "RS256")
    public = signer.key.as_dict(private=False)
    for more in ({"use": "enc"}, {"alg": "PS256"}, {"key_ops": ["sign"]}, {"kid": "another"}):
        change(world, rp, jwks={"keys": [{**public, **more}]})
        refused(ask(rp, signer.form()))
    change(world, rp, jwks={"keys": [{**public, "use": "sig", "alg": "RS256", "key_ops": ["verify"]}]})
    known(ask(rp, signer.form()))


@sqlite
def test_who_registered_one_way_uses_no_other(world: World, signed: tuple[RelyingParty, Signer], rp: RelyingParty) -> None:
    """RFC 7591 §2: token_endpoint_auth_method."""
    signer_rp, signer = signed
    refused(ask(signer_rp, {"client_id": signer.client_id}))
    mac_rp, mac = register(world, "HS256")
    secret = mac_rp.application.client_secret or ""
    refused(ask(mac_rp, {"client_id": mac.client_id, "client_secret": secret}))
    refused(ask(mac_rp, {}, **mac_rp.basic()))
    # A client with a secret of which only the fingerprint is kept, and a public one.
    own = Signer(rp.application.client_id, world.url, OctKey.import_key(rp.application.client_secret or ""), "HS256")
    refused(ask(rp, own.form()))
    spa = Signer(world.spa.client_id, world.url, new_key("ES256"), "ES256")
    refused(ask(rp, spa.form()))


@sqlite
def test_a_client_may_change_to_signing_and_back(world: World, rp: RelyingParty) -> None:
    key = new_key("ES256")
    signer = Signer(rp.application.client_id, world.url, key, "ES256")
    change(world, rp, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [signer.public]})
    known(ask(rp, signer.form()))
    refused(ask(rp, {}, **rp.basic()))
    change(world, rp, token_endpoint_auth_method="client_secret_post")
    known(ask(rp, {}, **rp.basic()))
    change(world, rp, token_endpoint_auth_method="client_secret_jwt")
    with world.inside():
        secret = clients.rotate_secret(world.client(world.web), by=TESTS)
    mac = Signer(rp.application.client_id, world.url, OctKey.import_key(secret), "HS256")
    known(ask(rp, mac.form()))
    refused(ask(rp, {}, **rp.basic(secret)))


@sqlite
def test_two_ways_at_once_are_refused(signed: tuple[RelyingParty, Signer], rp: RelyingParty) -> None:
    """RFC 6749 §2.3, RFC 7521 §4.2."""
    signer_rp, signer = signed
    for fields, headers in (
        ({**signer.form(), "client_secret": "x"}, {}),
        (signer.form(), rp.basic()),
        ({**signer.form(), "client_secret": "x"}, rp.basic()),
    ):
        reply = ask(signer_rp, fields, **headers)
        assert (reply.status, reply.error) == (400, "invalid_request")


@sqlite
def test_it_comes_with_its_type_and_in_one_piece(signed: tuple[RelyingParty, Signer]) -> None:
    """RFC 7521 §4.2, RFC 7523 §2.2."""
    rp, signer = signed
    good = signer.assertion()
    for kind in ("", "jwt", TYPE + "x", TYPE.upper(), "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        refused(ask(rp, {"client_assertion": good, "client_assertion_type": kind}))
    refused(ask(rp, {"client_assertion": good}))
    refused(ask(rp, {"client_assertion_type": TYPE}))
    refused(ask(rp, {"client_assertion_type": TYPE, "client_id": signer.client_id}))
    head, body, signature = good.split(".")
    deep = base64.urlsafe_b64encode(b"[" * 4000).decode()
    for odd in (
        *("x", "..", "a.b.c", "ä.ö.ü", '"."."', "." * 4000, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0...."),
        *(f"{head}.{body}", f"{good}.", f"{good}.x", f"{head}.{body}.ä", f"{head}.{body}=.{signature}"),
        *(f"{head}.{other}.{signature}" for other in (head, "W10", deep, "eyJpc3MiOk5hTn0", segment("text"))),
        *(f"{other}.{body}.{signature}" for other in (body, "W10", deep, "bm90IEpTT04")),
    ):
        refused(ask(rp, sent(odd)))
    known(ask(rp, sent(good)))
