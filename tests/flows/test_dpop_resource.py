"""Tokens that are bound to a key of their holder, at the API (RFC 9449 §7, §9)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import api_service
from shared.kit import clock
from shared.services import tenants
from tests.parts.proofs import Holder, ask, hash_of
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply


@pytest.fixture
def holder(rp: RelyingParty) -> Holder:
    """Holds a key, and has been given a nonce."""
    made = Holder()
    made.token(rp, grant_type="refresh_token", refresh_token="unknown")
    return made


@pytest.fixture
def token(rp: RelyingParty, holder: Holder) -> str:
    return holder.exchange(rp, rp.sign_in_and_allow()).access_token


@pytest.fixture
def url(world: World) -> str:
    return f"{world.url}/api/userinfo"


def refused(reply: Reply, error: str, scheme: str = "DPoP") -> None:
    assert reply.status == 401, reply.text
    assert reply.json["code"] == error
    challenge = reply.headers["WWW-Authenticate"]
    assert challenge.startswith(f"{scheme} ") and f'error="{error}"' in challenge, challenge
    assert reply.headers["Cache-Control"] == "no-store"


@sqlite
@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_whoever_proves_the_key_is_let_in(rp: RelyingParty, world: World, url: str, alg: str) -> None:
    """§7.1: GET and POST, and the scheme in any case (RFC 9110 §11.1)."""
    holder = Holder(alg)
    token = holder.exchange(rp, rp.sign_in_and_allow()).access_token
    for scheme, method in (("DPoP", "GET"), ("dpop", "GET"), ("DPOP", "POST")):
        assert holder.get(url, token, scheme=scheme, method=method).sub == str(world.ada.id)


@sqlite
def test_a_bound_token_is_no_bearer_token(rp: RelyingParty, holder: Holder, token: str, url: str) -> None:
    """§7.2: neither alone, nor with a good proof, nor in a form body."""
    refused(ask(url, token, scheme="Bearer"), "invalid_token")
    refused(ask(url, token, scheme="Bearer", proof=holder.proof("GET", url, token=token)), "invalid_token")
    refused(rp.post(url, {"access_token": token}, {}), "invalid_token")


@sqlite
def test_a_free_token_is_not_a_bound_one(rp: RelyingParty, holder: Holder, url: str) -> None:
    """§7.1."""
    free = rp.tokens().access_token
    refused(holder.get(url, free), "invalid_token", "Bearer")
    assert ask(url, free, scheme="Bearer").status == 200
    assert ask(url, free, scheme="Bearer", proof="nonsense").status == 200


@sqlite
def test_a_bound_token_needs_a_proof(token: str, url: str) -> None:
    """§7.1."""
    for proof in (None, "", "nonsense", "a.b.c", token):
        refused(ask(url, token, proof=proof), "invalid_dpop_proof")


@sqlite
def test_a_proof_without_a_nonce_is_asked_again(holder: Holder, token: str, url: str) -> None:
    """§9: 401 use_dpop_nonce, and DPoP-Nonce, which every other answer has too."""
    first = ask(url, token, proof=holder.proof("GET", url, token=token, nonce=None))
    refused(first, "use_dpop_nonce")
    holder.nonce = first.headers["DPoP-Nonce"]
    good = ask(url, token, proof=holder.proof("GET", url, token=token))
    assert good.status == 200 and good.headers["DPoP-Nonce"] == holder.nonce


@sqlite
def test_the_nonces_change(holder: Holder, token: str, url: str, world: World) -> None:
    """§8.2, §9."""
    world.later(seconds=180)
    answer = ask(url, token, proof=holder.proof("GET", url, token=token))
    assert answer.status == 200 and answer.headers["DPoP-Nonce"] != holder.nonce
    world.later(seconds=180)
    refused(ask(url, token, proof=holder.proof("GET", url, token=token)), "use_dpop_nonce")
    holder.nonce = answer.headers["DPoP-Nonce"]
    assert ask(url, token, proof=holder.proof("GET", url, token=token)).status == 200


@sqlite
def test_a_proof_is_for_its_request_alone(holder: Holder, token: str, url: str, world: World) -> None:
    """§4.3 (8), (9), (12): of this method, address and token."""
    elsewhere = f"{world.url}/api/me"
    for method, address, changes in (
        ("POST", url, {}),
        ("GET", elsewhere, {}),
        ("GET", f"{world.url}/t/acme/api/userinfo", {}),
        ("GET", url, {"ath": None}),
        ("GET", url, {"ath": hash_of(token + "x")}),
        ("GET", url, {"iat": clock.timestamp() - 3600}),
        ("GET", url, {"iat": clock.timestamp() + 3600}),
    ):
        refused(ask(url, token, proof=holder.proof(method, address, **{"token": token, **changes})), "invalid_dpop_proof")
    for htu in (f"{url}?a=b#c", url.replace("http", "HTTP"), f"{world.url}/api/./userinf%6F"):
        assert ask(url, token, proof=holder.proof("GET", htu, token=token)).status == 200
    assert ask(f"{url}?a=b", token, proof=holder.proof("GET", url, token=token)).status == 200


@sqlite
def test_a_proof_by_another_key_is_refused(holder: Holder, token: str, url: str) -> None:
    """§7.1: the key is that of the token."""
    thief = Holder(nonce=holder.nonce)
    refused(ask(url, token, proof=thief.proof("GET", url, token=token)), "invalid_token")


def test_a_proof_serves_once_also_for_a_token_seen_before(holder: Holder, token: str, url: str, world: World) -> None:
    """§11.1: on every node, after a restart, and when Redis forgets."""
    proof = holder.proof("GET", url, token=token)
    assert ask(url, token, proof=proof).status == 200
    refused(ask(url, token, proof=proof), "invalid_dpop_proof")
    world.valkey.client.flushall()
    node = api_service.create_app(world.settings).test_client()
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    assert node.get("/api/userinfo", headers=headers).status_code == 401
    with ThreadPoolExecutor(10) as pool:
        again = holder.proof("GET", url, token=token)
        statuses = sorted(reply.status for reply in pool.map(lambda _: ask(url, token, proof=again), range(50)))
    assert statuses == [200] + [401] * 49
    assert holder.get(url, token).status == 200


@sqlite
def test_a_revoked_token_is_refused_whatever_it_proves(rp: RelyingParty, holder: Holder, token: str, url: str) -> None:
    assert rp.post(f"{rp.issuer}/revoke", {"token": token}, rp.basic()).status == 200
    refused(holder.get(url, token), "invalid_token")


@sqlite
def test_whoever_brings_nothing_is_told_of_both_ways(rp: RelyingParty, url: str) -> None:
    """§7.1, RFC 6750 §3."""
    challenges = rp.http.get(url, timeout=30).raw.headers.getlist("WWW-Authenticate")
    assert [challenge.split(" ")[0] for challenge in challenges] == ["Bearer", "DPoP"]
    assert all(f'realm="{rp.issuer}"' in challenge and 'scope="openid"' in challenge for challenge in challenges)
    assert 'algs="ES256 PS256 EdDSA Ed25519"' in challenges[1]


@sqlite
def test_oauth_alone_opens_what_is_not_openid_connect(rp: RelyingParty, world: World, holder: Holder) -> None:
    """FAPI 2.0 Security Profile §5.3.2.3: whoever does not ask for `openid` has no ID token, also after a refresh."""
    first = holder.exchange(rp, rp.sign_in_and_allow(scope="profile offline_access", nonce=None))
    for tokens in (first, holder.refresh(rp, first.refresh_token)):
        assert (tokens.status, tokens.scope, tokens.json.get("id_token")) == (200, "profile offline_access", None), tokens.text
        assert holder.get(f"{world.url}/api/me", tokens.access_token).name == world.ada.name
        assert holder.get(f"{world.url}/api/userinfo", tokens.access_token).status == 403


@sqlite
def test_a_missing_scope_uses_no_proof_up(rp: RelyingParty, world: World, holder: Holder) -> None:
    token = holder.exchange(rp, rp.sign_in_and_allow(scope="openid")).access_token
    reply = holder.get(f"{world.url}/api/me", token)
    assert (reply.status, reply.json["code"]) == (403, "insufficient_scope")
    assert reply.headers["WWW-Authenticate"].startswith("DPoP ")


@sqlite
def test_a_tenant_has_addresses_of_its_own(world: World) -> None:
    """§4.3 (9): a proof for one tenant is none for another."""
    with world.inside():
        acme = tenants.create(name="Acme", slug="acme", by=TESTS)
    person, issuer = world.add_person("eve@example.com", tenant=acme), f"{world.url}/t/acme"
    rp, holder = RelyingParty(issuer, world.add_application("Shop", tenant=acme), person), Holder()
    token = holder.exchange(rp, rp.sign_in_and_allow()).access_token
    assert holder.get(f"{issuer}/api/userinfo", token).sub == str(person.id)
    refused(ask(f"{issuer}/api/userinfo", token, proof=holder.proof("GET", f"{world.url}/api/userinfo")), "invalid_dpop_proof")


@sqlite
@pytest.mark.parametrize(
    "header",
    [
        "\x00",
        "\xff\xfe",
        "DPoP",
        ",",
        ", ,",
        "a" * 7000,
        "." * 7000,
        "e30." * 500,
        "{}",
        '"',
        "\u00e9.\u00e9.\u00e9",
        "eyJ.eyJ.eyJ",
    ],
)
def test_no_header_is_too_odd_to_be_refused(world: World, token: str, header: str) -> None:
    form = {"grant_type": "refresh_token", "client_id": world.spa.client_id, "refresh_token": "x"}
    for path in ("/token", "/par"):
        answer = world.auth.test_client().post(path, data=form, headers={"DPoP": header})
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
    for scheme in ("DPoP", "Bearer"):
        headers = {"DPoP": header, "Authorization": f"{scheme} {token}"}
        assert world.api.test_client().get("/api/userinfo", headers=headers).status_code == 401
    for text in ("", header, f"{token} {token}", f"{token},{token}"):
        headers = {"DPoP": header, "Authorization": f"DPoP {text}"}
        assert world.api.test_client().get("/api/userinfo", headers=headers).status_code in (400, 401)
