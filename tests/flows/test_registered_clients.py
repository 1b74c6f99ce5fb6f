"""What clients that registered themselves then do, as the OpenID Foundation's dynamic plan walks it."""

import json
from dataclasses import replace
from typing import Any

import pytest
import requests

from shared.services import client_keys
from tests.parts.asking import asked, made
from tests.parts.https import Https
from tests.parts.registering import BACK, let, party, register
from tests.parts.signing import Signer, new_key
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims, unverified_header

# What is walked does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

PLAIN = {"code_challenge": None, "code_challenge_method": None}


@pytest.fixture(autouse=True)
def let_in(world: World) -> None:
    let(world)
    client_keys._sources.clear()


def joined(world: World, **metadata: Any) -> RelyingParty:
    return party(world, register(world, **metadata))


def test_a_signed_request_is_fetched_from_the_registered_address(world: World, https: Https) -> None:
    """oidcc-request-uri-signed-rs256: the fragment was registered before there was an object to hash."""
    signer = Signer("", world.url, new_key("RS256"), "RS256")
    uri = f"{https.url}/requesturi/a1b2#n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
    keys = {"keys": [signer.public]}
    rp = joined(world, request_uris=[uri], jwks=keys, request_object_signing_alg="RS256", scope="openid")
    claims = asked(rp, scope="openid", **PLAIN)
    https.answer("/requesturi/a1b2", made(signer, claims, typ=None).encode(), {"Content-Type": "application/jose"})
    rp.browser.get("/authorize", client_id=rp.application.client_id, request_uri=uri, response_type="code", scope="openid")
    rp.sign_in()
    assert rp.exchange(rp.allow().answer["code"], code_verifier=None).status == 200


def test_an_openid_request_names_its_address(world: World) -> None:
    """oidcc-ensure-redirect-uri-in-authorization-request."""
    page = joined(world).start(redirect_uri=None)
    assert (page.status, page.left_to) == (400, None)


def test_an_address_with_a_query_is_that_address_alone(world: World) -> None:
    """oidcc-redirect-uri-query-OK, -mismatch and -added."""
    rp = joined(world, redirect_uris=[f"{BACK}?foo=bar"])
    assert "code" in rp.walk(redirect_uri=f"{BACK}?foo=bar").answer
    assert rp.browser.page.left_to is not None
    assert rp.browser.page.left_to.startswith(f"{BACK}?foo=bar&")
    for other in (f"{BACK}?foo=baz", BACK, f"{BACK}?foo=bar&more=1"):
        assert rp.start(redirect_uri=other).left_to is None


def test_a_sector_has_one_name_for_a_person(world: World, https: Https) -> None:
    """oidcc-registration-sector-uri."""
    https.answer("/redirect_uris.json", json.dumps([BACK, f"{BACK}2"]).encode())
    sector = {"subject_type": "pairwise", "sector_identifier_uri": f"{https.url}/redirect_uris.json"}
    one, other = joined(world, **sector), joined(world, redirect_uris=[f"{BACK}2"], **sector)
    subs = [unverified_claims(rp.tokens().id_token)["sub"] for rp in (one, other)]
    assert subs[0] == subs[1] != str(world.ada.id)


def test_a_client_rotates_its_keys_between_two_refreshes(world: World, https: Https) -> None:
    """oidcc-refresh-token-rp-key-rotation, oidcc-registration-jwks-uri."""
    signer = Signer("", world.url, new_key("RS256"), "RS256")
    https.answer("/jwks", json.dumps({"keys": [signer.public]}).encode())
    answer = register(
        world,
        jwks_uri=f"{https.url}/jwks",
        token_endpoint_auth_method="private_key_jwt",
        grant_types=["authorization_code", "refresh_token"],
    )
    rp, signer = party(world, answer), replace(signer, client_id=answer.client_id)
    tokens = rp.exchange(rp.sign_in_and_allow(), **signer.form())
    assert rp.refresh(tokens.refresh_token, **signer.form()).status == 200
    signer = replace(signer, key=new_key("RS256"))
    https.answer("/jwks", json.dumps({"keys": [signer.public]}).encode())
    latest = rp.refresh(tokens.refresh_token, **signer.form())
    assert latest.status == 200, latest.text


def test_userinfo_is_signed_for_who_registered_so(world: World) -> None:
    """oidcc-userinfo-rs256."""
    rp = joined(world, userinfo_signed_response_alg="RS256")
    tokens = rp.tokens()
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    answer = requests.get(rp.metadata["userinfo_endpoint"], headers=headers, timeout=30)
    assert answer.headers["Content-Type"] == "application/jwt"
    assert unverified_header(answer.text)["alg"] == "RS256"
    assert unverified_claims(answer.text)["aud"] == rp.application.client_id


def test_prompt_none_goes_by_the_consent_before(world: World) -> None:
    """oidcc-prompt-none-logged-in, oidcc-id-token-hint."""
    rp = joined(world)
    first = rp.tokens()
    again = rp.start(prompt="none", id_token_hint=first.id_token)
    assert "code" in again.answer
