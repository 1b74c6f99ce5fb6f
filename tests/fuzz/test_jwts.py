"""JWTs and JSON of any shape, wherever they may come in; also such that are signed as they should be (RFC 8725 §3)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parts.registering import let
from tests.parts.signers import register
from tests.parts.signing import base64url, segment, sent
from tests.parts.spoiling import Asker, refused
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
# One world for all examples of a test.
quick = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXT = st.one_of(
    st.sampled_from(["", "\0", '"', "ä", "x" * 3_000, "none", "ES256", "HS256", "JWT", "at+jwt", "dpop+jwt", "sig", "https://["]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
NUMBER = st.one_of(st.integers(), st.floats(), st.sampled_from([0, -1, 2**31, 2**63, 2**70, 1e308, float("nan"), float("inf")]))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
HEADERS = "alg kid typ crit b64 jwk jku x5u x5c x5t zip enc p2c p2s epk cty".split()
CLAIMS = (
    "iss sub aud exp iat nbf jti azp sid nonce scope client_id events act may_act cnf ath htm htu typ response_type redirect_uri "
    "state max_age prompt claims acr_values resource request request_uri code_challenge code_challenge_method"
).split()
CARRIERS = "request id_token_hint assertion subject_token actor_token token client_assertion code refresh_token claims".split()
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"


def some_of(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.one_of(st.sampled_from(names), TEXT), JSON, max_size=5)


def unsigned(header: Any, claims: Any) -> str:
    return f"{segment(header)}.{segment(claims)}.{base64url(b'x' * 64)}"


@pytest.fixture
def asker(world: World) -> Asker:
    return Asker(world)


@quick
@given(header=st.one_of(some_of(HEADERS), JSON), claims=st.one_of(some_of(CLAIMS), JSON), carrier=st.sampled_from(CARRIERS))
def test_a_jwt_may_have_any_shape(asker: Asker, header: Any, claims: Any, carrier: str) -> None:
    token = unsigned(header, claims)
    form = {"subject_token_type": JWT_TYPE, "actor_token_type": JWT_TYPE, carrier: token}
    for right in asker.right():
        asker.post(right.path, {**right.params, **form})
        asker.post(right.path, right.params, headers={**asker.proof, "DPoP": token})
    asker.get("/authorize", {**asker.request, carrier: token})
    asker.get("/logout", {carrier: token})
    for scheme in ("Bearer", "DPoP"):
        headers = {"Authorization": f"{scheme} {token}", "DPoP": token}
        assert asker.ask(asker.world.api, "GET", "/api/userinfo", headers=headers).status_code in (400, 401)


@quick
@given(header=some_of(HEADERS), claims=some_of(CLAIMS))
def test_what_a_client_signed_may_have_any_shape(asker: Asker, header: dict[str, Any], claims: dict[str, Any]) -> None:
    """The signature is right: what stands in it is a stranger's all the same."""
    rp, signer = register(asker.world, redirect_uris=[asker.world.web.redirect_uri])
    told = {"alg": signer.alg, "kid": signer.key.kid, **header}
    spoilt = signer.sign(told, {**signer.claims(), **claims})
    answer = asker.post("/token", {"grant_type": "refresh_token", "refresh_token": "x", **sent(spoilt)}, headers={})
    refused(answer, "invalid_client", "invalid_grant", "invalid_request")
    request = {**asker.request, "client_id": rp.application.client_id}
    spoilt = signer.sign(told, {**request, "iss": signer.client_id, "aud": asker.world.url, **claims})
    for carrier in ("request", "id_token_hint"):
        answer = asker.get("/authorize", {**request, carrier: spoilt})
        assert answer.status_code in (302, 303, 400)
        assert answer.headers.get("Location", "/").startswith(("/", f"{request['redirect_uri']}?"))


@quick
@given(claims=JSON)
def test_the_claims_parameter_may_be_any_json(asker: Asker, claims: Any) -> None:
    """OpenID Connect Core §5.5."""
    for said in (claims, {"id_token": claims}, {"userinfo": {"email": claims}}, {"id_token": {"sub": {"values": claims}}}):
        assert asker.get("/authorize", {**asker.request, "claims": json.dumps(said)}).status_code in (302, 303)


@quick
@given(metadata=some_of(["redirect_uris", "jwks", "grant_types", "response_types", "scope", "client_name", "software_statement"]))
def test_registration_may_be_sent_any_json(asker: Asker, metadata: dict[str, Any]) -> None:
    let(asker.world)
    asker.world.valkey.client.flushall()
    for body in (metadata, {"redirect_uris": ["https://app.example/"], **metadata}):
        answer = asker.post("/register", json.dumps(body), headers={}, kind="application/json")
        if answer.status_code != 201:
            refused(answer, "invalid_client_metadata", "invalid_redirect_uri", "invalid_software_statement")
