"""An MCP server over https, written with the `mcp` package: it believes tokens that we signed for it."""

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jwt
import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer

from tests.parts import process
from tests.parts.installation import free_port


class McpServer:
    """`url` is its endpoint and, as MCP has it, the identifier of the resource. It offers one tool, `who`."""

    def __init__(self, issuer: str, chain: Path, *, scopes: list[str]) -> None:
        port = free_port()
        self.url = f"https://127.0.0.1:{port}/mcp"
        told = {"issuer_url": issuer, "resource_server_url": self.url, "required_scopes": scopes, "validate_token_resource": True}
        settings = AuthSettings.model_validate(told)
        server = MCPServer("Notes", auth=settings, token_verifier=_Verifier(issuer, self.url))
        server.add_tool(who)
        app = server.streamable_http_app(stateless_http=True, json_response=True)
        options = {"ssl_certfile": str(chain), "host": "127.0.0.1", "port": port, "log_level": "warning"}
        self._uvicorn = uvicorn.Server(uvicorn.Config(app, **options))
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        process.until(lambda: self._uvicorn.started, what="uvicorn's start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)


def who() -> dict[str, Any]:
    """Who asks, and with what."""
    token = get_access_token()
    return {"subject": token.subject, "client_id": token.client_id, "scopes": token.scopes} if token else {}


class _Verifier:
    """Checks tokens by PyJWT, with the keys that the issuer publishes (RFC 9068 §4)."""

    def __init__(self, issuer: str, resource: str) -> None:
        self._issuer, self._resource = issuer, resource
        self._keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            claims = await asyncio.to_thread(self._checked, token)
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims["scope"].split(),
            expires_at=claims["exp"],
            resource=self._resource,
            subject=claims["sub"],
        )

    def _checked(self, token: str) -> dict[str, Any]:
        if jwt.get_unverified_header(token).get("typ") != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        key = self._keys.get_signing_key_from_jwt(token)
        required = {"require": ["exp", "iat", "sub", "client_id", "jti"]}
        return jwt.decode(token, key, ["ES256", "RS256"], options=required, audience=self._resource, issuer=self._issuer)
