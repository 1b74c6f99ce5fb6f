"""Whatever comes as a token or an assertion is answered in the words of OAuth, never by a fault (RFC 6749 §5.2, RFC 7662)."""

import pytest

from shared.services import trusted_issuers
from shared.services.client_settings import JWT_BEARER, TOKEN_EXCHANGE
from tests.parts.exchanging import ACCESS_TOKEN, ID_TOKEN, STORE, Scene, set_up
from tests.parts.signers import sqlite
from tests.parts.signing import Signer, base64url, new_key, segment
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply

ISSUER = "https://hr.example"
NOT_HEADERS = ([], 1, None, "x", {}, {"alg": None}, {"alg": ["ES256"]}, {"alg": "none"}, {"alg": "ES256", "kid": {"a": 1}})
ODD_HEADERS = (
    {"alg": "ES256", "crit": "x"},
    {"alg": "ES256", "typ": 5},
    {"alg": "RS256", "kid": [1]},
    {"alg": "HS256", "zip": "DEF"},
)
ODD = [
    *(f"{segment(header)}.{segment({'iss': ISSUER})}.AAAA" for header in (*NOT_HEADERS, *ODD_HEADERS)),
    f"{segment({'alg': 'ES256', 'typ': 'at+jwt'})}.{segment([1])}.AAAA",
    f"{base64url(b'[' * 3000)}.{segment({})}.AAAA",
    f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}..AAAA.AAAA.AAAA",
    "..",
    "a.b.c",
    "~",
    "c.~.x",
    "\u00e9.\u202e.\U0001f600",
]
VALUES = ["", 0, -1, 1e300, 10**40, True, [], [[]], {}, {"a": 1}, "x" * 3000, "\0", "\u202e", "\u00e9"]
HARMLESS = {"iat": (0, -1), "nbf": (0, -1), "jti": ("\0", "\u202e", "\u00e9")}


@pytest.fixture
def scene(world: World, rp: RelyingParty) -> Scene:
    made = set_up(world, rp)
    grants = {
        "grant_types": [TOKEN_EXCHANGE, JWT_BEARER, "client_credentials"],
        "token_exchange": ["impersonation", "delegation"],
    }
    made.change(made.notes, **grants)
    return made


def answered(reply: Reply) -> None:
    assert reply.status == 400 and reply.error, reply.text
    assert reply.headers["Cache-Control"] == "no-store"


@sqlite
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_token_is_no_token(scene: Scene, odd: str) -> None:
    notes = scene.notes
    for kind in (ACCESS_TOKEN, ID_TOKEN):
        answered(notes.token(grant_type=TOKEN_EXCHANGE, subject_token=odd, subject_token_type=kind, resource=STORE))
    own = notes.token(grant_type="client_credentials").access_token
    actor = {"actor_token": odd, "actor_token_type": ACCESS_TOKEN}
    answered(notes.token(grant_type=TOKEN_EXCHANGE, subject_token=own, subject_token_type=ACCESS_TOKEN, **actor))
    answered(notes.token(grant_type=JWT_BEARER, assertion=odd))
    answered(notes.token(grant_type="refresh_token", refresh_token=odd))
    said = notes.post(notes.metadata["introspection_endpoint"], {"token": odd}, notes.basic())
    assert (said.status, said.json) == (200, {"active": False})
    assert notes.post(notes.metadata["revocation_endpoint"], {"token": odd}, notes.basic()).status == 200


@sqlite
@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"])
def test_an_odd_claim_of_a_trusted_issuer_is_no_fault(scene: Scene, claim: str) -> None:
    world, key = scene.world, new_key("ES256")
    signer = Signer(ISSUER, world.url, key, "ES256")
    with world.inside():
        rules = {"jwks": {"keys": [signer.public]}, "subject_is": "email"}
        trusted_issuers.create(world.tenant, issuer=ISSUER, name="Personnel", by=TESTS, **rules)
    for value in VALUES:
        claims = {**signer.claims(sub=world.ada.email), claim: value}
        reply = scene.notes.token(grant_type=JWT_BEARER, assertion=signer.sign({"alg": "ES256"}, claims))
        assert reply.status == (200 if harmless(claim, value) else 400), value


def harmless(claim: str, value: object) -> bool:
    """What began long ago, or is a strange name for an assertion, is right."""
    return value in HARMLESS.get(claim, ()) and not isinstance(value, bool)
