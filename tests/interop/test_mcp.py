"""PyPI's mcp: its client finds us by what its server says."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from shared.services import client_documents
from tests.interop.conftest import Acme, Serving, Visit, follow
from tests.interop.mcp_server import SCOPE, McpServer
from tests.parts.https import Https
from tests.parts.registering import let
from tests.parts.world import Application, World

LOOPBACK = "http://127.0.0.1:8976/callback"


class Storage:
    """What a client keeps."""

    def __init__(self, known: OAuthClientInformationFull | None = None) -> None:
        self.client, self.tokens = known, None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Agent:
    """A program that uses tools of an MCP server, for a person whose browser it opens."""

    def __init__(self, server: McpServer, visit: Visit, storage: Storage, address: str | None = None) -> None:
        self._visit, self._back = visit, ""
        self._url = server.url
        metadata = OAuthClientMetadata.model_validate({"redirect_uris": [LOOPBACK], "client_name": "Agent"})
        self.opened: list[str] = []
        self.auth = OAuthClientProvider(server.url, metadata, storage, self._open, self._wait, address)

    def use(self) -> dict[str, Any]:
        """What the tool says."""
        return asyncio.run(self._use())

    async def _use(self) -> dict[str, Any]:
        async with httpx2.AsyncClient(auth=self.auth, timeout=20) as http:
            async with Client(streamable_http_client(self._url, http_client=http)) as client:
                return (await client.call_tool("who_asks")).structured_content

    async def _open(self, url: str) -> None:
        self.opened.append(url)
        self._back = await asyncio.to_thread(self._visit, url)

    async def _wait(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**dict(parse_qsl(urlsplit(self._back).query)))


def known(application: Application) -> Storage:
    """What an agent keeps that an operator registered."""
    client = OAuthClientInformationFull(
        client_id=application.client_id, redirect_uris=[AnyUrl(LOOPBACK)], token_endpoint_auth_method="none"
    )
    return Storage(client)


@pytest.mark.parametrize("profile", ["oauth21", "mcp"])
def test_an_agent_finds_us_signs_in_and_refreshes(world: World, visit: Visit, serving: Serving, profile: str) -> None:
    server = serving(world.url, world.tenant)
    application = world.add_application("Agent", client_type="public", redirect_uris=[LOOPBACK])
    follow(world, application, profile)
    agent = Agent(server, visit, known(application))
    said = agent.use()
    assert said == {"person": str(world.ada.id), "application": application.client_id, "scopes": [SCOPE]}
    first = agent.auth.context.current_tokens
    agent.auth.context.token_expiry_time = 1
    assert agent.use() == said
    assert agent.auth.context.current_tokens.access_token != first.access_token
    assert len(agent.opened) == 1


def test_an_agent_finds_a_tenant_beside_the_default_one(world: World, acme: Acme, serving: Serving) -> None:
    server = serving(acme.issuer, acme.tenant)
    application = world.add_application("Agent", tenant=acme.tenant, client_type="public", redirect_uris=[LOOPBACK])
    assert Agent(server, acme.visit, known(application)).use()["person"] == str(acme.person.id)


def test_an_agent_registers_itself(world: World, visit: Visit, serving: Serving) -> None:
    let(world)
    storage = Storage()
    agent = Agent(serving(world.url, world.tenant), visit, storage)
    said = agent.use()
    assert storage.client and said["application"] == storage.client.client_id
    assert (said["person"], said["scopes"]) == (str(world.ada.id), [SCOPE])
    agent.auth.context.token_expiry_time = 1
    assert agent.use() == said
    assert len(agent.opened) == 1


def test_an_agent_is_known_by_its_document(world: World, visit: Visit, serving: Serving, https: Https) -> None:
    """OAuth Client ID Metadata Document: nobody registered it, and it registers nowhere."""
    client_documents._failed.clear()
    let(world, "off", client_documents=True)
    address = f"{https.url}/agent.json"
    document = {
        "client_id": address,
        "client_name": "Agent",
        "redirect_uris": [LOOPBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    }
    https.answer("/agent.json", json.dumps(document).encode())
    agent = Agent(serving(world.url, world.tenant), visit, Storage(), address=address)
    said = agent.use()
    assert said == {"person": str(world.ada.id), "application": address, "scopes": [SCOPE]}
    agent.auth.context.token_expiry_time = 1
    assert agent.use() == said
    assert len(agent.opened) == 1
