"""Clients that are known by their own document (draft-ietf-oauth-client-id-metadata-document)."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from auth_service.protocol import client_documents as protocol
from shared.services import client_documents, clients, guesses, tenants
from tests.parts.browsing import Page
from tests.parts.https import Https
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

# What is fetched does not depend on the database.
sqlite = pytest.mark.parametrize("database", ["sqlite"])

BACK = "https://agent.example/callback"


@dataclass
class Agent:
    """A client whose client_id is the address of a document that it publishes."""

    https: Https
    world: World
    path: str = "/agent.json"
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return self.https.url + self.path

    def publish(self, *, headers: dict[str, str] | None = None, **changes: Any) -> None:
        good = {
            "client_id": self.client_id,
            "client_name": "Agent",
            "redirect_uris": [BACK],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        said = {name: value for name, value in {**good, **changes}.items() if value is not None}
        self.https.answer(self.path, json.dumps(said).encode(), headers or {"Cache-Control": "max-age=600"})

    @property
    def rp(self) -> RelyingParty:
        application = Application(None, "Agent", self.client_id, None, BACK, "")  # type: ignore[arg-type]
        return RelyingParty(self.world.url, application, self.world.ada)

    @property
    def fetches(self) -> int:
        return self.https.seen(self.path)


@pytest.fixture
def agent(world: World, https: Https) -> Agent:
    client_documents._failed.clear()
    protocol._wrong.clear()
    let(world)
    made = Agent(https, world)
    made.publish()
    return made


def let(world: World, allowed: bool = True) -> None:
    with world.inside():
        tenants.update(world.tenant, client_documents=allowed, by=TESTS)


def shown(page: Page, words: str) -> None:
    assert (page.status, page.left_to) == (400, None), page.left_to
    assert words in page.words


def test_a_client_signs_somebody_in_without_being_registered(agent: Agent) -> None:
    rp = agent.rp
    assert rp.metadata["client_id_metadata_document_supported"] is True
    rp.start()
    page = rp.sign_in()
    assert page.path.endswith("/consent")
    # Who it says that it is, and where the answer goes.
    assert "Unverified application." in page.words
    assert agent.client_id in page.words
    assert "agent.example" in page.words
    tokens = rp.exchange(rp.allow().answer["code"])
    assert tokens.status == 200, tokens.text
    assert rp.refresh(tokens.refresh_token).status == 200
    assert agent.fetches == 1
    with agent.world.inside():
        client = clients.find(agent.world.tenant, agent.client_id)
        assert client is not None
        assert (client.registered_by, client.verified, client.public, client.profile) == ("document", False, True, "mcp")


@sqlite
def test_pkce_is_asked_of_it(agent: Agent) -> None:
    page = agent.rp.start(code_challenge=None, code_challenge_method=None)
    assert page.answer["error"] == "invalid_request"


@sqlite
def test_nobody_is_fetched_unless_the_tenant_lets_them(agent: Agent) -> None:
    agent.rp.sign_in_and_allow()
    let(agent.world, allowed=False)
    assert agent.rp.metadata["client_id_metadata_document_supported"] is False
    shown(agent.rp.start(), "not known here")
    assert agent.fetches == 1


@sqlite
def test_a_client_that_signs_names_its_keys(agent: Agent) -> None:
    signer = Signer(agent.client_id, agent.world.url, new_key("ES256"), "ES256")
    agent.publish(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [signer.public]})
    rp = agent.rp
    code = rp.sign_in_and_allow()
    assert rp.exchange(code).status == 401
    assert rp.exchange(code, **signer.form()).status == 200


@sqlite
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "https://another.example/agent.json"}, "that of another client"),
        ({"client_id": None}, "that of another client"),
        ({"client_secret": "x"}, "shared secret"),
        ({"client_secret_expires_at": 0}, "shared secret"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "shared secret"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "shared secret"),
        ({"token_endpoint_auth_method": ["none"]}, "shared secret"),
        ({"redirect_uris": None}, "has a fault"),
        ({"redirect_uris": ["http://agent.example/callback"]}, "has a fault"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "has a fault"),
        ({"grant_types": ["client_credentials"]}, "has a fault"),
        ({"jwks_uri": "http://agent.example/jwks"}, "has a fault"),
        ({"client_name": 1}, "has a fault"),
        ({"client_name": "a\0b"}, "could not be fetched"),
        ({"headers": {"Content-Type": "text/html"}}, "could not be fetched"),
    ],
)
def test_a_document_is_checked_like_a_registration(agent: Agent, changes: dict[str, Any], words: str) -> None:
    agent.publish(**changes)
    shown(agent.rp.start(), words)
    assert agent.rp.token(grant_type="refresh_token", refresh_token="x").status == 401
    with agent.world.inside():
        assert clients.find(agent.world.tenant, agent.client_id) is None


@sqlite
@pytest.mark.parametrize(
    "client_id",
    [
        "http://agent.example/agent.json",
        "https://agent.example",
        "https://agent.example/",
        "https://agent.example/a#b",
        "https://user@agent.example/a",
        "https://agent.example/a/../b",
        "https://agent.example/./b",
        "https://agent.example/%2E%2e/b",
        "https:///a",
        "https://agent.example:port/a",
        "https://agent.example/ä",
        "https://agent.example/a b",
        "https://agent.example/" + "a" * 300,
        "HTTPS://agent.example/a",
    ],
)
def test_an_address_that_may_be_no_client_id_is_never_asked(agent: Agent, client_id: str, logs: Any) -> None:
    shown(agent.rp.start(client_id=client_id), "not known here")
    assert logs.named("fetch.failed") == []


@sqlite
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b'{"a":' * 30_000])
def test_what_is_no_document_is_refused_and_not_asked_again_at_once(agent: Agent, body: bytes) -> None:
    agent.https.answer(agent.path, body)
    for _ in range(3):
        shown(agent.rp.start(), "could not be fetched")
    assert agent.fetches == 1
    agent.publish()
    agent.world.later(seconds=10)
    assert agent.rp.start().path.endswith("/login")


@sqlite
def test_an_address_within_is_refused_like_one_that_does_not_answer(agent: Agent, logs: Any) -> None:
    agent.world.auth.extensions["bailiwick.settings"] = agent.world.settings
    shown(agent.rp.start(), "could not be fetched")
    assert logs.named("fetch.failed")[0]["why"] == "not a public address"
    assert agent.fetches == 0


@sqlite
def test_a_document_is_kept_as_long_as_it_says(agent: Agent) -> None:
    """RFC 9111 §4.2."""
    agent.rp.sign_in_and_allow()
    agent.world.later(seconds=590)
    assert agent.rp.start().status == 200
    assert agent.fetches == 1
    agent.publish(client_name="Renamed", redirect_uris=["https://agent.example/other"])
    agent.world.later(seconds=11)
    assert agent.rp.start().status == 400, "the address was taken away"
    assert "Renamed" in agent.rp.start(redirect_uri="https://agent.example/other").words
    assert agent.fetches == 2


@sqlite
def test_what_was_kept_serves_for_an_hour_while_its_address_does_not_answer(agent: Agent) -> None:
    tokens = agent.rp.tokens()
    agent.https.answer(agent.path, b"", status=503)
    agent.world.later(seconds=601)
    refreshed = agent.rp.refresh(tokens.refresh_token)
    assert refreshed.status == 200
    assert agent.rp.start().path.endswith("/login")
    assert agent.fetches == 2
    agent.world.later(seconds=3600)
    assert agent.rp.refresh(refreshed.refresh_token).status == 401
    shown(agent.rp.start(), "could not be fetched")


@sqlite
def test_a_document_that_turned_bad_is_believed_no_longer(agent: Agent) -> None:
    tokens = agent.rp.tokens()
    agent.publish(client_id="https://another.example/agent.json")
    agent.world.later(seconds=601)
    assert agent.rp.refresh(tokens.refresh_token).status == 401
    shown(agent.rp.start(), "that of another client")


@sqlite
def test_a_document_that_is_wrong_is_not_asked_for_again_at_once(agent: Agent) -> None:
    """draft-ietf-oauth-client-id-metadata-document §4.2: and what is wrong with it is told each time."""
    agent.publish(client_secret="x")
    for _ in range(3):
        shown(agent.rp.start(), "shared secret")
    assert agent.fetches == 1
    agent.publish()
    agent.world.later(seconds=11)
    assert agent.rp.start().path.endswith("/login")
    agent.publish(redirect_uris=["http://agent.example/"])
    agent.world.later(seconds=601)
    for _ in range(3):
        shown(agent.rp.start(), "has a fault")
    assert agent.fetches == 3


@sqlite
def test_what_an_operator_gave_or_took_outlives_the_next_reading(agent: Agent) -> None:
    """What the document itself says anew counts beside it."""
    device = "urn:ietf:params:oauth:grant-type:device_code"
    agent.rp.sign_in_and_allow()
    with agent.world.inside():
        client = clients.find(agent.world.tenant, agent.client_id)
        assert client is not None
        clients.update(client, grant_types=["authorization_code", device], scopes=["openid", "bailiwick:admin"], by=TESTS)
    agent.publish(client_name="Renamed", scope="openid email")
    agent.world.later(seconds=601)
    assert agent.rp.start(scope="openid").path.endswith("/login")
    with agent.world.inside():
        client = clients.find(agent.world.tenant, agent.client_id)
        assert client is not None and client.name == "Renamed"
        assert client.grant_types == ["authorization_code", device]
        assert {*client.scopes} == {"openid", "bailiwick:admin"}
    agent.publish(grant_types=["authorization_code", device])
    agent.world.later(seconds=601)
    agent.rp.start(scope="openid")
    with agent.world.inside():
        client = clients.find(agent.world.tenant, agent.client_id)
        assert client is not None and client.grant_types == ["authorization_code", device]


@sqlite
def test_no_document_speaks_for_a_client_of_an_operator(agent: Agent) -> None:
    with agent.world.inside():
        clients.register(agent.world.tenant, name="Ours", client_id=agent.client_id, redirect_uris=[BACK], by=TESTS)
    assert agent.rp.start().path.endswith("/login")
    assert agent.fetches == 0


def test_many_at_once_make_one_client(agent: Agent) -> None:
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda _: agent.rp.start(), range(6)))
    assert all(page.path.endswith("/login") for page in pages), [page.words for page in pages]


@sqlite
def test_an_address_invents_so_many_clients_and_no_more(agent: Agent) -> None:
    with agent.world.inside():
        for _ in range(999):
            guesses.take_registration("127.0.0.1")
    agent.https.answer("/one.json", b"{}")
    assert agent.rp.start(client_id=f"{agent.https.url}/one.json").status == 400
    assert agent.rp.start(client_id=f"{agent.https.url}/more.json").status == 429
    assert agent.https.seen("/more.json") == 0


def test_who_is_not_used_is_forgotten(agent: Agent) -> None:
    other = Agent(agent.https, agent.world, "/other.json")
    other.publish()
    other.rp.start()
    agent.rp.tokens()
    agent.world.later(days=40)
    with agent.world.inside():
        assert client_documents.purge() == 1
        assert clients.find(agent.world.tenant, agent.client_id) is not None
        assert clients.find(agent.world.tenant, other.client_id) is None
