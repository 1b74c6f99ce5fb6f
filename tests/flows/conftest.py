"""Clients of the flows that are told of logouts, those that have tokens without a code, and one known by its document."""

from collections.abc import Callable

import pytest

from auth_service.protocol import backchannel_logout
from auth_service.protocol import client_documents as protocol_documents
from shared.services import client_documents, clients
from tests.parts.agents import Agent
from tests.parts.agents import let as let_documents
from tests.parts.elsewhere import Elsewhere
from tests.parts.https import Https
from tests.parts.implicit import allow
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty


@pytest.fixture
def listen(world: World, https: Https) -> Callable[..., str]:
    """listen(application): it wants to be told at an address of its own on `https`, whose path this is."""
    backchannel_logout._slow._hosts.clear()

    def wants(application: Application, path: str = "/logged-out", *, status: int = 200, **more: object) -> str:
        with world.inside():
            clients.update(world.client(application), backchannel_logout_uri=https.url + path, by=TESTS, **more)
        https.answer(path, b"", status=status)
        return path

    return wants


@pytest.fixture
def told_at(listen: Callable[..., str], world: World) -> str:
    """The path at which `world.web` wants to be told."""
    return listen(world.web)


@pytest.fixture
def implicit_rp(rp: RelyingParty, world: World) -> RelyingParty:
    """`world.web`, which may have tokens without a code."""
    allow(world, world.web)
    return rp


@pytest.fixture
def agent(world: World, https: Https) -> Agent:
    """A client that publishes its own document, in a tenant that lets such in."""
    client_documents._failed.clear()
    protocol_documents._wrong.clear()
    let_documents(world)
    made = Agent(https, world)
    made.publish()
    return made


@pytest.fixture
def elsewhere(world: World, https: Https) -> Elsewhere:
    """An OpenID provider that people of `world` can sign in with, and that says whatever a test wants."""
    made = Elsewhere(https)
    made.add_to(world)
    return made
