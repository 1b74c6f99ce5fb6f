"""The MCP server of docs/examples, run as its readers would: a resource server of ours that we did not write the half of."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.services import clients, resources
from tests.parts import process
from tests.parts.installation import free_port
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

EXAMPLE = Path(__file__).parents[2] / "docs/examples/mcp_server.py"
SCOPE = "notes:read"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "who_asks", "arguments": {}}}


@pytest.fixture
def notes(world: World, tmp_path: Path) -> Iterator[str]:
    """The address of the server, which is known to us under it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    with world.inside():
        resources.create(world.tenant, identifier=url, name="Notes", scopes={SCOPE: "Read your notes", "else": "Else"}, by=TESTS)
        clients.update(world.client(world.web), access_token_alg="ES256", by=TESTS)
    env = {**os.environ, "ISSUER": world.url, "RESOURCE": url, "PORT": str(port)}
    started = process.start([sys.executable, str(EXAMPLE)], log=tmp_path / "mcp.log", env=env)
    process.until(lambda: answers(url), seconds=30, what="the start of the MCP server")
    yield url
    process.stop(started)


def answers(url: str) -> bool:
    with suppress(requests.ConnectionError):
        return call(url, None).status_code == 401
    return False


def call(url: str, token: str | None) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        headers = {"Accept": "application/json, text/event-stream"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return http.post(url, json=CALL, headers=headers, timeout=10)


def said(response: requests.Response) -> Any:
    return response.json()["result"]["structuredContent"]


def test_an_mcp_server_believes_our_tokens_for_it_and_no_others(world: World, rp: RelyingParty, notes: str) -> None:
    # Without a token: where to read who gives them (RFC 9728 §5.1, §3.1), and there it is.
    refused = call(notes, None)
    origin = notes.removesuffix("/mcp")
    assert refused.status_code == 401
    assert f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"' in refused.headers["WWW-Authenticate"]
    metadata = rp.http.get(f"{origin}/.well-known/oauth-protected-resource/mcp", timeout=10).json()
    assert (metadata["resource"], metadata["authorization_servers"]) == (notes, [world.url])
    assert metadata["scopes_supported"] == [SCOPE]
    # RFC 8414 §3: the server that it names is found, and is that very one (§3.3).
    issuer = metadata["authorization_servers"][0]
    assert rp.http.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()["issuer"] == issuer

    tokens = rp.tokens(resource=notes, scope=f"openid offline_access {SCOPE}")
    answer = call(notes, tokens.access_token)
    assert answer.status_code == 200, answer.text
    assert said(answer) == {"person": str(world.ada.id), "application": world.web.client_id, "scopes": [SCOPE]}

    # RFC 8707 §2, RFC 9700 §2.3: what is for our own API, or is no access token, opens nothing there, and the reverse.
    for foreign in (rp.tokens().access_token, tokens.id_token, tokens.access_token + "A", "x"):
        assert call(notes, foreign).status_code == 401
    assert rp.userinfo(tokens.access_token).status == 401

    lesser = call(notes, rp.tokens(resource=notes, scope="else").access_token)
    assert lesser.status_code == 403 and 'error="insufficient_scope"' in lesser.headers["WWW-Authenticate"]
