"""Keys that a client publishes at its `jwks_uri`, also when it rotates them (RFC 7591 §2, OpenID Connect Core §10.1.1)."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared.services import client_keys, clients
from tests.parts.https import Https
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply

# What is fetched does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

GRANT = {"grant_type": "refresh_token", "refresh_token": "unknown"}
PATH = "/jwks.json"


@dataclass
class Publisher:
    """A client with one key at a time, which it publishes at its `jwks_uri`."""

    rp: RelyingParty
    signer: Signer
    https: Https

    def publish(self, *keys: dict[str, Any], cache_control: str = "max-age=600") -> None:
        body = json.dumps({"keys": list(keys) or [self.signer.public]}).encode()
        self.https.answer(PATH, body, {"Cache-Control": cache_control})

    def rotate(self) -> None:
        self.signer = replace(self.signer, key=new_key(self.signer.alg))
        self.publish()

    def ask(self, **changes: Any) -> Reply:
        return self.rp.post(f"{self.rp.issuer}/token", {**GRANT, **self.signer.form(**changes)}, {})

    @property
    def fetches(self) -> int:
        return self.https.seen(PATH)


@pytest.fixture
def publisher(world: World, rp: RelyingParty, https: Https) -> Publisher:
    client_keys._sources.clear()
    with world.inside():
        changes = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": https.url + PATH}
        clients.update(world.client(world.web), by=TESTS, **changes)
    made = Publisher(rp, Signer(rp.application.client_id, world.url, new_key("ES256"), "ES256"), https)
    made.publish()
    return made


def known(reply: Reply) -> None:
    assert (reply.status, reply.error) == (400, "invalid_grant"), reply.text


def refused(reply: Reply) -> None:
    assert (reply.status, reply.error) == (401, "invalid_client"), reply.text


def test_published_keys_are_fetched_once_and_kept(publisher: Publisher, world: World) -> None:
    for _ in range(3):
        known(publisher.ask())
    assert publisher.fetches == 1
    world.later(seconds=601)
    known(publisher.ask())
    assert publisher.fetches == 2


def test_a_new_key_is_known_at_once(publisher: Publisher) -> None:
    known(publisher.ask())
    before = publisher.signer
    publisher.rotate()
    known(publisher.ask())
    assert publisher.fetches == 2
    publisher.signer = before
    refused(publisher.ask())


def test_invented_names_of_keys_make_one_fetch_in_ten_seconds(publisher: Publisher, world: World) -> None:
    known(publisher.ask())
    for number in range(5):
        refused(publisher.ask(header={"kid": f"invented {number}"}))
    assert publisher.fetches == 2
    publisher.rotate()
    refused(publisher.ask())
    world.later(seconds=10)
    known(publisher.ask())
    assert publisher.fetches == 3


def test_many_at_once_make_one_fetch(publisher: Publisher) -> None:
    with ThreadPoolExecutor(8) as pool:
        for reply in pool.map(lambda _: publisher.ask(), range(8)):
            known(reply)
    assert publisher.fetches == 1


def test_keys_serve_for_an_hour_while_their_address_does_not_answer(publisher: Publisher, world: World) -> None:
    known(publisher.ask())
    publisher.https.answer(PATH, b"", status=503)
    world.later(seconds=601)
    for _ in range(3):
        known(publisher.ask())
    assert publisher.fetches == 2
    world.later(seconds=3000)
    refused(publisher.ask())
    publisher.publish()
    world.later(seconds=10)
    known(publisher.ask())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": [{"kty": 1}]}', b"\xff", b"[" * 60_000]
)
def test_what_is_no_key_set_gives_no_keys(publisher: Publisher, body: bytes) -> None:
    publisher.https.answer(PATH, body)
    refused(publisher.ask())
    refused(publisher.ask())
    assert publisher.fetches == 1


def test_other_keys_of_the_set_do_no_harm(publisher: Publisher) -> None:
    odd: list[dict[str, Any]] = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": publisher.signer.key.kid},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": publisher.signer.key.kid},
        {"kty": "new", "kid": "x"},
        {"kty": "OKP", "crv": "X25519", "x": "AA", "use": "enc"},
    ]
    publisher.publish(*odd, publisher.signer.public)
    known(publisher.ask())
    publisher.publish(*odd)
    publisher.signer.key = new_key("ES256")
    refused(publisher.ask())


def test_an_address_within_is_refused_like_one_that_does_not_answer(publisher: Publisher, world: World, logs: Any) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings
    refused(publisher.ask())
    assert publisher.fetches == 0
    assert logs.named("fetch.failed")[0]["why"] == "not a public address"


def test_a_new_address_is_asked_at_once(publisher: Publisher, world: World) -> None:
    known(publisher.ask())
    other = "/other.json"
    publisher.https.answer(other, json.dumps({"keys": [publisher.signer.public]}).encode())
    with world.inside():
        clients.update(world.client(world.web), jwks_uri=publisher.https.url + other, by=TESTS)
    known(publisher.ask())
    assert publisher.https.seen(other) == 1


def test_so_many_sets_are_kept_and_no_more(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_keys, "MOST_SOURCES", 3)
    for number in range(10):
        client_keys._source(publisher.rp.application.id, f"https://{number}.example/")
    assert len(client_keys._sources) == 3
