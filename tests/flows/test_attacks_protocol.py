"""Attacks by those whom the rest of the protocol lets in: clients that registered themselves, and what they publish."""

import threading
import time
from typing import Any

import pytest

from shared.kit.db import db
from shared.models import device
from shared.services import client_keys, clients, subjects
from tests.parts.https import Https
from tests.parts.registering import BACK, call, let, party, refused, register
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply

# What is attacked here does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

VICTIM = "https://bank.example/callback"


def pairwise(world: World, redirect_uri: str, **metadata: Any) -> Reply:
    let(world)
    return register(world, redirect_uris=[redirect_uri], subject_type="pairwise", **metadata)


@pytest.mark.parametrize("before", ["pairwise", "public"])
def test_who_moves_into_a_sector_does_not_renew_what_it_was_given_elsewhere(world: World, before: str) -> None:
    """OpenID Connect Core §8.1: a code came to its own host, and the `sub` of another's people would come with the refresh."""
    made = pairwise(world, BACK, grant_types=["authorization_code", "refresh_token"])
    own, token = made.registration_client_uri, made.registration_access_token
    said = {"client_id": made.client_id, "redirect_uris": [BACK], "grant_types": ["authorization_code", "refresh_token"]}
    assert call("PUT", own, token, {**said, "subject_type": before}).status == 200
    rp = party(world, made)
    refresh = rp.tokens(scope="openid offline_access").refresh_token
    for subject_type in (before, "pairwise"):
        assert call("PUT", own, token, {**said, "redirect_uris": [VICTIM], "subject_type": subject_type}).status == 200
    answer = rp.refresh(refresh)
    assert (answer.status, answer.error) == (400, "invalid_grant")


def test_a_device_is_in_no_sector_of_redirect_uris_that_it_does_not_need(world: World) -> None:
    """OpenID Connect Core §8.1, RFC 8628: tokens that come without a redirect prove no host."""
    attacker = pairwise(world, VICTIM, grant_types=["authorization_code", device.GRANT_TYPE])
    victim = pairwise(world, VICTIM)
    with world.inside():
        found = [clients.find(world.tenant, each.client_id) for each in (attacker, victim)]
        sectors = [subjects.sector_of(each) for each in found if each]
    assert sectors == [attacker.client_id, "bank.example"]


def test_another_program_on_the_device_gets_no_code_in_silence(world: World) -> None:
    """RFC 8252 §8.6: nobody knows which program listens there, so its person is asked."""
    let(world)
    rp = party(world, register(world, redirect_uris=["http://127.0.0.1:3030/callback"]))
    rp.sign_in_and_allow(scope="openid")
    assert rp.start(prompt="none", scope="openid").answer["error"] == "consent_required"


@pytest.mark.parametrize("name", ["Bank\u202e", "Bank\u2066 ", "Bank\nThis application was verified", "Bank\u0085x"])
def test_a_name_does_not_turn_the_words_around_it(world: World, name: str) -> None:
    let(world)
    refused(register(world, client_name=f"{name}."))


def test_who_waits_for_keys_holds_no_connection(world: World, rp: RelyingParty, https: Https) -> None:
    """One client with a slow jwks_uri would otherwise hold every connection to the database."""
    client_keys._sources.clear()
    https.raw("/slow.json", [b"HTTP/1.1 200 X\r\n", b"Content-Length: 0\r\n\r\n"], pause=1)
    with world.inside():
        clients.update(
            world.client(world.web),
            token_endpoint_auth_method="private_key_jwt",
            jwks_uri=f"{https.url}/slow.json",
            by=TESTS,
        )
    signer = Signer(rp.application.client_id, world.url, new_key("ES256"), "ES256")
    forms = [{"grant_type": "refresh_token", "refresh_token": "x", **signer.form()} for _ in range(4)]
    asking = [threading.Thread(target=rp.post, args=(f"{rp.issuer}/token", form, {})) for form in forms]
    for each in asking:
        each.start()
    while not https.seen("/slow.json"):
        time.sleep(0.02)
    time.sleep(0.3)
    with world.inside():
        held = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    for each in asking:
        each.join()
    assert held == 0
