"""Client authentication by a signed JWT: what it says, and that it serves once (RFC 7523 §3, OpenID Connect Core §9)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import auth_service
from shared.kit import clock
from shared.services import marks
from tests.parts.signers import GRANT, ask, known, refused, register, sqlite
from tests.parts.signing import Signer, new_key
from tests.parts.world import World
from tests.relying_party import RelyingParty

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA", "Ed25519", "HS256")


@pytest.fixture
def signed(world: World) -> tuple[RelyingParty, Signer]:
    return register(world)


@sqlite
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_client_that_signs_does_all_that_others_do(world: World, alg: str) -> None:
    """At the token endpoint, /par, /introspect and /revoke (RFC 9126 §2, RFC 7662 §2.1, RFC 7009 §2.1)."""
    rp, signer = register(world, alg)
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    pushed = rp.post(f"{rp.issuer}/par", {**fields, **signer.form()}, {})
    assert pushed.status == 201, pushed.text
    rp.browser.get(f"/authorize?client_id={rp.application.client_id}&request_uri={pushed.request_uri}")
    rp.sign_in()
    tokens = rp.exchange(rp.allow().answer["code"], headers={}, **signer.form())
    assert tokens.status == 200, tokens.text
    asked = {"token": tokens.access_token}
    assert rp.post(f"{rp.issuer}/introspect", {**asked, **signer.form()}, {}).active is True
    assert rp.refresh(tokens.refresh_token, headers={}, **signer.form()).status == 200
    assert rp.post(f"{rp.issuer}/revoke", {**asked, **signer.form()}, {}).status == 200
    assert rp.post(f"{rp.issuer}/introspect", {**asked, **signer.form()}, {}).active is False


@sqlite
def test_the_client_id_may_stand_beside_its_assertion_when_it_is_the_same(
    signed: tuple[RelyingParty, Signer], spa: RelyingParty
) -> None:
    rp, signer = signed
    known(ask(rp, {**signer.form(), "client_id": signer.client_id}))
    refused(ask(rp, {**signer.form(), "client_id": spa.application.client_id}))


@sqlite
def test_the_audience_is_the_issuer_the_token_endpoint_or_the_endpoint_called(
    signed: tuple[RelyingParty, Signer], world: World
) -> None:
    """RFC 7523 §3, RFC 9126 §2."""
    rp, signer = signed
    for aud in (world.url, [world.url], f"{world.url}/token", ["https://other.example", f"{world.url}/token"]):
        known(ask(rp, signer.form(aud=aud)))
    for aud in (
        f"{world.url}/par",
        world.url + "/",
        "https://other.example",
        [],
        [[world.url]],
        {},
        1,
        None,
        True,
        f"{world.url}/t/x",
    ):
        refused(ask(rp, signer.form(aud=aud)))
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    for aud in (world.url, f"{world.url}/token", f"{world.url}/par"):
        assert rp.post(f"{rp.issuer}/par", {**fields, **signer.form(aud=aud)}, {}).status == 201


@sqlite
def test_a_client_can_be_held_to_the_issuer_as_one_string(world: World) -> None:
    """FAPI 2.0 Security Profile §5.3.2.1."""
    rp, signer = register(world, assertion_audience="issuer")
    known(ask(rp, signer.form()))
    for aud in ([world.url], f"{world.url}/token", [world.url, f"{world.url}/token"], "", None):
        refused(ask(rp, signer.form(aud=aud)))


@sqlite
@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_clock_may_be_ten_seconds_fast_and_not_sixty(signed: tuple[RelyingParty, Signer], name: str) -> None:
    """FAPI 2.0 Security Profile §5.3.2.1."""
    rp, signer = signed
    now = clock.timestamp()
    known(ask(rp, signer.form(**{name: now + 10})))
    known(ask(rp, signer.form(**{name: now - 3000})))
    for moment in (now + 60, now + 3600, "now", True, 1e300, [now]):
        refused(ask(rp, signer.form(**{name: moment})))


@sqlite
def test_it_must_end_not_yet_and_before_long(signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    now = clock.timestamp()
    for exp in (now + 5, now + 60.5, now + 3600):
        known(ask(rp, signer.form(exp=exp)))
    for exp in (None, now, now - 1, 0, -1, now + 2 * 3600, 10**30, 1e300, "soon", str(now + 60), True, [now + 60]):
        refused(ask(rp, signer.form(exp=exp)))


@sqlite
def test_issuer_and_subject_are_the_client(signed: tuple[RelyingParty, Signer], rp: RelyingParty) -> None:
    """RFC 7523 §3: both, and a signature of one client says nothing of another."""
    signer_rp, signer = signed
    other = rp.application.client_id
    for changes in (
        {"iss": None},
        {"sub": None},
        {"iss": other},
        {"sub": other},
        {"iss": other, "sub": other},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": ["x"], "sub": ["x"]},
        {"iss": 1, "sub": 1},
        {"iss": "a\0b", "sub": "a\0b"},
        {"iss": "\ud800", "sub": "\ud800"},
        {"iss": "x" * 2000, "sub": "x" * 2000},
    ):
        refused(ask(signer_rp, signer.form(**changes)))


@sqlite
def test_it_has_an_id_of_its_own(signed: tuple[RelyingParty, Signer]) -> None:
    """OpenID Connect Core §9: jti is required."""
    rp, signer = signed
    for jti in (None, "", 1, [], {}, "x" * 301, "\ud800"):
        refused(ask(rp, signer.form(jti=jti)))
    known(ask(rp, signer.form(jti="ä \0 " + "x" * 200)))


def test_an_assertion_serves_once_over_nodes_and_restarts(world: World, signed: tuple[RelyingParty, Signer]) -> None:
    """RFC 7523 §3, OpenID Connect Core §9."""
    rp, signer = signed
    form = signer.form(exp=clock.timestamp() + 600)
    known(ask(rp, form))
    refused(ask(rp, form))
    world.valkey.client.flushall()
    refused(ask(rp, form))
    other_node = auth_service.create_app(world.settings).test_client()
    assert other_node.post("/token", data={**GRANT, **form}).status_code == 401
    world.later(seconds=590)
    with world.inside():
        assert marks.purge() == 0
    refused(ask(rp, form))
    world.later(seconds=20)
    with world.inside():
        assert marks.purge() == 1
    refused(ask(rp, form))


def test_of_ten_that_bring_one_assertion_at_once_one_is_believed(signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    form = signer.form()
    with ThreadPoolExecutor(10) as pool:
        errors = sorted(str(reply.error) for reply in pool.map(lambda _: ask(rp, form), range(10)))
    assert errors == ["invalid_client"] * 9 + ["invalid_grant"]


@sqlite
def test_two_clients_may_use_the_same_id(world: World, signed: tuple[RelyingParty, Signer]) -> None:
    rp, signer = signed
    other_rp, other = register(world)
    known(ask(rp, signer.form(jti="one")))
    known(ask(other_rp, other.form(jti="one")))


@sqlite
def test_what_was_refused_is_not_used_up(signed: tuple[RelyingParty, Signer], world: World) -> None:
    """Nobody spoils an id by sending it with a wrong signature."""
    rp, signer = signed
    stranger = Signer(signer.client_id, world.url, new_key("ES256"), "ES256")
    refused(ask(rp, stranger.form(jti="one", header={"kid": signer.key.kid})))
    known(ask(rp, signer.form(jti="one")))


@sqlite
def test_nothing_of_an_assertion_is_kept_with_a_pushed_request_or_logged(
    signed: tuple[RelyingParty, Signer], world: World, logs: Any
) -> None:
    rp, signer = signed
    form = signer.form()
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    assert rp.post(f"{rp.issuer}/par", {**fields, **form}, {}).status == 201
    refused(rp.post(f"{rp.issuer}/par", {**fields, **form}, {}))
    kept = b"".join(world.valkey.client.get(key) or b"" for key in world.valkey.client.keys("pending:*"))
    assert b"nonce" in kept
    assert form["client_assertion"].split(".")[2].encode() not in kept
    assert form["client_assertion"].split(".")[2] not in logs.text
    assert any(event["mend"] == "Make a new assertion for each request." for event in logs.named("protocol.refused"))


@sqlite
def test_discovery_says_how_clients_may_prove_who_they_are(rp: RelyingParty) -> None:
    """RFC 8414 §2."""
    for endpoint, methods in (("token", {"none"}), ("revocation", {"none"}), ("introspection", set())):
        said = rp.metadata[f"{endpoint}_endpoint_auth_methods_supported"]
        assert set(said) == {"client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"} | methods
        assert set(rp.metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]) == set(ALGORITHMS)
