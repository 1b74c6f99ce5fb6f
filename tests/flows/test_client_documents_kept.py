"""What is kept of a client's own document, and for how long (draft-ietf-oauth-client-id-metadata-document §4.2)."""

from shared.services import client_documents, clients
from tests.parts.agents import Agent, shown
from tests.parts.signers import sqlite
from tests.parts.world import TESTS


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
