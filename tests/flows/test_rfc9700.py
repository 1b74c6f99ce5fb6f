"""Lines of RFC 9700 and of the FAPI 2.0 Security Profile that no other test is about."""

from pathlib import Path

import pytest
import requests

from shared.services import clients
from tests.parts.signers import ask, known, register
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

TLS = Path(__file__).parents[2] / "deploy/nginx/servers-tls.conf"
# RFC 9325 §4.2, of what OpenSSL has: forward secrecy and authenticated encryption.
RECOMMENDED = {
    *("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    *("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"),
}


@pytest.fixture
def database() -> str:
    """What is asked here does not depend on it."""
    return "sqlite"


def test_a_verifier_without_a_challenge_is_refused(world: World, rp: RelyingParty) -> None:
    """RFC 9700 §2.1.1, §4.8.2: whoever takes the challenge away on the way is found out."""
    with world.inside():
        clients.update(world.client(world.web), require_pkce=False, by=TESTS)
    code = rp.sign_in_and_allow(code_challenge=None, code_challenge_method=None)
    refused = rp.exchange(code)
    assert (refused.status, refused.error) == (400, "invalid_grant")
    assert rp.exchange(code, code_verifier=None).status == 200


@pytest.mark.parametrize(
    "kind", ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token", "none"]
)
def test_no_token_travels_through_an_address(rp: RelyingParty, kind: str) -> None:
    """RFC 9700 §2.1.2, FAPI 2.0 Security Profile §5.3.2.2."""
    answer = rp.start(response_type=kind).answer
    assert answer["error"] == "unsupported_response_type" and not answer.keys() & {"access_token", "id_token", "code"}
    for mode in ("web_message", "jwt", "query.jwt"):
        assert rp.start(response_mode=mode).answer["error"] == "invalid_request"


def test_there_is_no_password_grant(world: World, rp: RelyingParty) -> None:
    """RFC 9700 §2.4, FAPI 2.0 Security Profile §5.3.2.1."""
    told = rp.token(grant_type="password", username=world.ada.email, password=world.ada.password, scope="openid")
    assert (told.status, told.error) == (400, "unsupported_grant_type")
    assert not {"password", "implicit"} & set(rp.metadata["grant_types_supported"])


def test_no_script_reads_the_authorization_endpoint(world: World, rp: RelyingParty) -> None:
    """RFC 9700 §2.6, FAPI 2.0 Security Profile §5.2.3."""
    origin = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    for method in ("OPTIONS", "GET"):
        answer = requests.request(method, rp.authorize_url(), headers=origin, timeout=30, allow_redirects=False)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_ciphers_are_those_of_bcp_195() -> None:
    """FAPI 2.0 Security Profile §5.2.1, §5.2.2, §5.2.3; RFC 9325 §4.2."""
    [line] = [line for line in TLS.read_text().splitlines() if line.startswith("ssl_ciphers")]
    assert set(line.split()[1].rstrip(";").rstrip(":").split(":")) <= RECOMMENDED


def test_each_published_key_has_a_name_of_its_own(rp: RelyingParty) -> None:
    """FAPI 2.0 Security Profile §5.4.2."""
    published = rp.jwks()["keys"]
    assert len({key["kid"] for key in published}) == len(published) >= 2
    assert not any(key.keys() & {"x5u", "jku", "d", "k"} for key in published)


def test_of_two_keys_with_one_name_the_one_that_fits_is_used(world: World) -> None:
    """FAPI 2.0 Security Profile §5.4.3."""
    rp, signer = register(world)
    other = new_key("PS256")
    twins = [{**key.as_dict(private=False), "kid": "twin"} for key in (other, signer.key)]
    with world.inside():
        clients.update(world.client(rp.application), jwks={"keys": twins}, by=TESTS)
    for each in (signer, Signer(signer.client_id, signer.audience, other, "PS256")):
        known(ask(rp, {**each.form(header={"kid": "twin"})}))
