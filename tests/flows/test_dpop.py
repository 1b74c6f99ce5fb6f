"""Tokens that are bound to a key of their holder, at the authorization server (RFC 9449)."""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import auth_service
from shared.services import clients, marks
from tests.device import Device, allow_devices
from tests.parts.proofs import Holder
from tests.parts.signers import register, sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_claims


@pytest.fixture
def holder(rp: RelyingParty) -> Holder:
    """Holds a key, and has been given a nonce."""
    made = Holder()
    made.token(rp, grant_type="refresh_token", refresh_token="unknown")
    return made


def introspect(rp: RelyingParty, token: str) -> Reply:
    return rp.post(f"{rp.issuer}/introspect", {"token": token}, rp.basic())


def push(rp: RelyingParty, holder: Holder | None, **params: str) -> Reply:
    fields = dict(parse_qsl(urlsplit(rp.authorize_url(**params)).query))
    if holder is None:
        return rp.post(f"{rp.issuer}/par", fields, rp.basic())
    return holder.post(rp, "/par", fields, rp.basic())


def code_of(rp: RelyingParty, pushed: Reply) -> str:
    assert pushed.status == 201, pushed.text
    rp.browser.get("/authorize?" + urlencode({"client_id": rp.application.client_id, "request_uri": pushed.request_uri}))
    rp.sign_in()
    return rp.allow().answer["code"]


def dead(rp: RelyingParty, holder: Holder, **changes: object) -> Reply:
    """A token request that fails for its grant alone, when its proof is believed."""
    proof = holder.proof("POST", f"{rp.issuer}/token", **changes)
    return rp.token(grant_type="refresh_token", refresh_token="unknown", headers={**rp.basic(), "DPoP": proof})


@sqlite
@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_tokens_are_bound_to_the_key_that_asks(rp: RelyingParty, alg: str) -> None:
    """§5, §6.1, §6.2: token_type, cnf, and both in introspection."""
    holder = Holder(alg)
    tokens = holder.exchange(rp, rp.sign_in_and_allow())
    assert (tokens.status, tokens.token_type) == (200, "DPoP"), tokens.text
    assert unverified_claims(tokens.access_token)["cnf"] == {"jkt": holder.jkt}
    said = introspect(rp, tokens.access_token)
    assert (said.active, said.token_type, said.cnf) == (True, "DPoP", {"jkt": holder.jkt})


@sqlite
def test_without_a_proof_nothing_changes(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    assert tokens.token_type == "Bearer"
    assert "cnf" not in unverified_claims(tokens.access_token)
    assert "DPoP-Nonce" not in tokens.headers
    assert introspect(rp, tokens.access_token).token_type == "Bearer"


@sqlite
def test_every_grant_binds(world: World, rp: RelyingParty) -> None:
    """§5: whatever the grant."""
    with world.inside():
        grants = ["authorization_code", "refresh_token", "client_credentials"]
        clients.update(world.client(world.web), grant_types=grants, by=TESTS)
    holder = Holder()
    tokens = holder.exchange(rp, rp.sign_in_and_allow())
    for given in (holder.refresh(rp, tokens.refresh_token), holder.token(rp, grant_type="client_credentials")):
        assert given.token_type == "DPoP", given.text
        assert unverified_claims(given.access_token)["cnf"] == {"jkt": holder.jkt}


@sqlite
def test_a_device_binds_its_tokens(world: World) -> None:
    allow_devices(world, world.spa)
    device, holder = Device(world.url, world.spa, world.ada), Holder()
    asked = device.ask()
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked.device_code}
    assert holder.token(device, **form).error == "authorization_pending"
    device.answer(asked, "allow")
    world.later(seconds=10)
    tokens = holder.token(device, **form)
    assert tokens.token_type == "DPoP", tokens.text
    assert Holder().refresh(device, tokens.refresh_token).error == "invalid_grant"
    assert holder.refresh(device, tokens.refresh_token).status == 200


@sqlite
def test_whoever_has_no_nonce_is_given_one(rp: RelyingParty) -> None:
    """§8: 400 use_dpop_nonce with a DPoP-Nonce that nothing keeps."""
    reply = dead(rp, Holder())
    assert (reply.status, reply.error) == (400, "use_dpop_nonce")
    assert reply.headers["Cache-Control"] == "no-store"
    assert dead(rp, Holder(nonce=reply.headers["DPoP-Nonce"])).error == "invalid_grant"


@sqlite
def test_every_answer_to_a_proof_brings_the_nonce_for_the_next(rp: RelyingParty, holder: Holder, world: World) -> None:
    """§8.2: whoever takes it is never refused for it."""
    for _ in range(12):
        world.later(seconds=100)
        reply = dead(rp, holder)
        assert reply.error == "invalid_grant"
        holder.nonce = reply.headers["DPoP-Nonce"]


@sqlite
def test_a_nonce_serves_for_some_minutes(rp: RelyingParty, holder: Holder, world: World) -> None:
    world.later(seconds=170)
    assert dead(rp, holder).error == "invalid_grant"
    world.later(seconds=200)
    assert dead(rp, holder).error == "use_dpop_nonce"


@sqlite
def test_a_refused_nonce_uses_nothing_up(world: World) -> None:
    """§8: the client sends the same request again, with the same assertion and the same code."""
    rp, signer = register(world)
    holder, url = Holder(), f"{world.url}/token"
    form = {**signer.form(), "grant_type": "authorization_code", "code": rp.sign_in_and_allow()}
    form |= {"redirect_uri": rp.asked.redirect_uri, "code_verifier": rp.asked.verifier}
    first = rp.post(url, form, {"DPoP": holder.proof("POST", url)})
    assert first.error == "use_dpop_nonce"
    holder.nonce = first.headers["DPoP-Nonce"]
    assert rp.post(url, form, {"DPoP": holder.proof("POST", url)}).token_type == "DPoP"


def test_a_proof_serves_once_over_nodes_and_restarts(world: World, rp: RelyingParty, holder: Holder) -> None:
    """§11.1: and when Redis forgets."""
    url = f"{world.url}/token"
    headers = {**rp.basic(), "DPoP": holder.proof("POST", url)}
    form = {"grant_type": "refresh_token", "refresh_token": "unknown"}
    assert rp.post(url, form, headers).error == "invalid_grant"
    assert rp.post(url, form, headers).error == "invalid_dpop_proof"
    world.valkey.client.flushall()
    other_node = auth_service.create_app(world.settings).test_client()
    assert other_node.post("/token", data=form, headers=headers).json["error"] == "invalid_dpop_proof"
    with world.inside():
        assert marks.purge() == 0
        world.later(seconds=400)
        assert marks.purge() >= 1
    assert rp.post(url, form, headers).error == "invalid_dpop_proof"


def test_of_fifty_that_bring_one_proof_at_once_one_is_believed(world: World, rp: RelyingParty, holder: Holder) -> None:
    """§11.1."""
    headers = {**rp.basic(), "DPoP": holder.proof("POST", f"{world.url}/token")}
    form = {"grant_type": "refresh_token", "refresh_token": "unknown"}
    nodes = [auth_service.create_app(world.settings) for _ in range(2)]

    def ask(number: int) -> str:
        return nodes[number % 2].test_client().post("/token", data=form, headers=headers).json["error"]

    with ThreadPoolExecutor(10) as pool:
        errors = sorted(pool.map(ask, range(50)))
    assert errors == ["invalid_dpop_proof"] * 49 + ["invalid_grant"]


@sqlite
def test_two_headers_are_refused(rp: RelyingParty, holder: Holder) -> None:
    """§4.3 (1): also when both are good."""
    url = urlsplit(f"{rp.issuer}/token")
    connection = HTTPConnection(url.netloc, timeout=30)
    body = "grant_type=refresh_token&refresh_token=x"
    connection.putrequest("POST", url.path)
    for _ in range(2):
        connection.putheader("DPoP", holder.proof("POST", url.geturl()))
    for name, value in {**rp.basic(), "Content-Type": "application/x-www-form-urlencoded", "Content-Length": len(body)}.items():
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    answer = connection.getresponse()
    assert (answer.status, b"invalid_dpop_proof" in answer.read()) == (400, True)


@sqlite
def test_the_address_is_the_public_one_of_the_tenant(world: World, rp: RelyingParty, holder: Holder) -> None:
    """§4.3 (9): whatever Host says, and never another tenant's."""
    for right in (f"{world.url}/token", f"{world.url.upper().replace('HTTP', 'Http')}/token?x", f"{world.url}/%74oken#y"):
        assert dead(rp, holder, htu=right).error == "invalid_grant"
    for wrong in (f"{world.url}/par", f"{world.url}/t/acme/token", "http://evil.example/token", f"{world.url}/token/"):
        assert dead(rp, holder, htu=wrong).error == "invalid_dpop_proof"
    headers = {**rp.basic(), "DPoP": holder.proof("POST", "http://evil.example/token"), "Host": "evil.example"}
    assert rp.post(f"{world.url}/token", {"grant_type": "refresh_token"}, headers).error == "invalid_dpop_proof"


@sqlite
def test_a_client_can_be_made_to_prove_a_key(rp: RelyingParty, world: World) -> None:
    """§5.2: dpop_bound_access_tokens; the code is still there for a request with a proof."""
    with world.inside():
        clients.update(world.client(world.web), dpop_bound_access_tokens=True, by=TESTS)
    code = rp.sign_in_and_allow()
    assert rp.exchange(code).error == "invalid_request"
    assert Holder().exchange(rp, code).status == 200


@sqlite
@pytest.mark.parametrize("pushed", [True, False])
def test_a_code_can_be_for_one_key(rp: RelyingParty, holder: Holder, pushed: bool) -> None:
    """§10: dpop_jkt, in the browser and pushed."""
    code = code_of(rp, push(rp, None, dpop_jkt=holder.jkt)) if pushed else rp.sign_in_and_allow(dpop_jkt=holder.jkt)
    assert Holder().exchange(rp, code).error == "invalid_grant"
    assert rp.exchange(code).error == "invalid_grant"
    assert holder.exchange(rp, code).status == 200


@sqlite
def test_a_proof_at_the_par_endpoint_binds_the_code(rp: RelyingParty) -> None:
    """§10.1: with a nonce there too."""
    holder = Holder()
    code = code_of(rp, push(rp, holder))
    assert Holder().exchange(rp, code).error == "invalid_grant"
    assert rp.exchange(code).error == "invalid_grant"
    assert holder.exchange(rp, code).status == 200


@sqlite
def test_a_pushed_request_names_the_key_that_it_proves(rp: RelyingParty, holder: Holder) -> None:
    """§10.1."""
    assert push(rp, holder, dpop_jkt=Holder().jkt).error == "invalid_request"
    assert push(rp, holder, dpop_jkt=holder.jkt).status == 201
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    proof = holder.proof("POST", f"{rp.issuer}/token")
    assert rp.post(f"{rp.issuer}/par", fields, {**rp.basic(), "DPoP": proof}).error == "invalid_dpop_proof"


@sqlite
@pytest.mark.parametrize("jkt", ["x", "a" * 42, "a" * 44, "+" * 43, "\u00e9" * 43])
def test_a_dpop_jkt_is_a_thumbprint(rp: RelyingParty, jkt: str) -> None:
    """§10."""
    assert rp.start(dpop_jkt=jkt).answer["error"] == "invalid_request"
    assert push(rp, None, dpop_jkt=jkt).error == "invalid_request"


@sqlite
@pytest.mark.parametrize("mode", ["rotate", "grace", "keep"])
def test_a_public_client_refreshes_with_its_key_alone(spa: RelyingParty, world: World, mode: str) -> None:
    """§5: a refresh token of a public client is bound, and so is each that follows it."""
    with world.inside():
        clients.update(world.client(world.spa), refresh_mode=mode, by=TESTS)
    holder = Holder()
    token = holder.exchange(spa, spa.sign_in_and_allow()).refresh_token
    for _ in range(2):
        assert spa.refresh(token).error == "invalid_grant"
        assert Holder().refresh(spa, token).error == "invalid_grant"
        again = holder.refresh(spa, token)
        assert (again.status, again.token_type) == (200, "DPoP")
        token = again.refresh_token


@sqlite
def test_a_refresh_binds_what_was_free(spa: RelyingParty) -> None:
    """§5: the tokens of an answer to a proof are bound to its key."""
    holder = Holder()
    token = holder.refresh(spa, spa.tokens().refresh_token).refresh_token
    assert spa.refresh(token).error == "invalid_grant"
    assert holder.refresh(spa, token).status == 200


@sqlite
def test_a_confidential_client_may_change_its_key(rp: RelyingParty) -> None:
    """§5: its refresh tokens are bound to its authentication."""
    token = Holder().exchange(rp, rp.sign_in_and_allow()).refresh_token
    other = Holder()
    assert unverified_claims(other.refresh(rp, token).access_token)["cnf"] == {"jkt": other.jkt}
    assert rp.refresh(token).token_type == "Bearer"


@sqlite
def test_discovery_and_scripts_of_other_sites_are_told(rp: RelyingParty) -> None:
    """§5.1; the Fetch standard."""
    assert rp.metadata["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA", "Ed25519"]
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    for path in ("/token", "/par", "/api/userinfo"):
        allowed = rp.http.options(rp.issuer + path, headers=asked, timeout=30).headers
        assert "DPoP" in allowed["Access-Control-Allow-Headers"].split(", ")
        told = rp.http.post(rp.issuer + path, timeout=30).headers["Access-Control-Expose-Headers"].split(", ")
        assert {"DPoP-Nonce", "WWW-Authenticate"} <= set(told)
