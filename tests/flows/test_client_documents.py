"""Clients that are known by their own document (draft-ietf-oauth-client-id-metadata-document)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.services import clients, guesses
from tests.parts.agents import BACK, Agent, let, shown
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS

# What is fetched does not depend on the database.
sqlite = pytest.mark.parametrize("database", ["sqlite"])


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
def test_no_document_speaks_for_a_client_of_an_operator(agent: Agent) -> None:
    with agent.world.inside():
        clients.register(agent.world.tenant, name="Ours", client_id=agent.client_id, redirect_uris=[BACK], by=TESTS)
    assert agent.rp.start().path.endswith("/login")
    assert agent.fetches == 0


def test_many_at_once_make_one_client(agent: Agent) -> None:
    # The browser has its name: of six that it is given at once it would keep one.
    agent.rp.browser.get("/login")
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
