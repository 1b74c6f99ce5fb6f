"""The MCP server of docs/examples, run as its readers would: a resource server of ours that we did not write the half of."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.parts import process
from tests.parts.installation import free_port

EXAMPLE = Path(__file__).parents[2] / "docs/examples/mcp_server.py"
SCOPE = "notes:read"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "who_asks", "arguments": {}}}


class McpServer:
    """`url` is its endpoint and its identifier as a resource of `issuer`; its one tool says who asks."""

    def __init__(self, issuer: str, folder: Path) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/mcp"
        self._issuer, self._log = issuer, folder / f"mcp-{self._port}.log"

    def __enter__(self) -> Self:
        env = {**os.environ, "ISSUER": self._issuer, "RESOURCE": self.url, "PORT": str(self._port)}
        self._process = process.start([sys.executable, str(EXAMPLE)], log=self._log, env=env)
        process.until(self._answers, seconds=30, what=f"the start of the MCP server ({self._log})")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process.stop(self._process)

    def call(self, token: str | None) -> requests.Response:
        """Use the tool without the ways of MCP's clients."""
        with requests.Session() as http:
            http.trust_env = False
            headers = {"Accept": "application/json, text/event-stream"} | ({"Authorization": f"Bearer {token}"} if token else {})
            return http.post(self.url, json=CALL, headers=headers, timeout=10)

    def _answers(self) -> bool:
        with suppress(requests.ConnectionError):
            return self.call(None).status_code == 401
        return False


def said(response: requests.Response) -> Any:
    """What the tool said."""
    return response.json()["result"]["structuredContent"]
