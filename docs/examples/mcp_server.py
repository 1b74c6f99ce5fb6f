"""An MCP server that is a resource of Bailiwick: it believes tokens that Bailiwick signed for it (RFC 9068), and no others.

pip install mcp
ISSUER=https://id.example.com RESOURCE=https://notes.example.com/mcp python mcp_server.py

Who comes without a token is told where its metadata is (RFC 9728), which names Bailiwick: an agent finds the rest by itself.
"""

import asyncio
import os
from typing import Any

import jwt
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer

ISSUER = os.environ.get("ISSUER", "http://localhost:8000")
# The address of this server, which is also its identifier under Resources in the dashboard: letter by letter.
RESOURCE = os.environ.get("RESOURCE", "http://localhost:5062/mcp")
PORT = int(os.environ.get("PORT", "5062"))
SCOPES = ["notes:read"]


class Verifier:
    """Checks access tokens with the keys that the issuer publishes, kept for five minutes; who they are for is checked here."""

    def __init__(self, issuer: str, resource: str) -> None:
        self.issuer, self.resource = issuer, resource
        self.keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", lifespan=300, timeout=5)

    async def verify_token(self, token: str) -> AccessToken | None:
        """What the token says, or None for one that fails a check."""
        try:
            claims = await asyncio.to_thread(self.claims_of, token)
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            resource=self.resource,
            subject=claims["sub"],
            claims=claims,
        )

    def claims_of(self, token: str) -> dict[str, Any]:
        """The claims of a token that passes every check of RFC 9068 §4. Raises PyJWTError."""
        if jwt.get_unverified_header(token).get("typ") not in ("at+jwt", "application/at+jwt"):
            raise jwt.InvalidTokenError("not an access token: an ID token opens nothing")
        key = self.keys.get_signing_key_from_jwt(token)
        required = {"require": ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"]}
        claims = jwt.decode(token, key, ["ES256", "RS256"], options=required, audience=self.resource, issuer=self.issuer)
        if "cnf" in claims:
            raise jwt.InvalidTokenError("bound to a key (RFC 9449), and this server checks no proofs")
        return claims


auth = AuthSettings.model_validate(
    {"issuer_url": ISSUER, "resource_server_url": RESOURCE, "required_scopes": SCOPES, "validate_token_resource": True}
)
server = MCPServer("Notes", auth=auth, token_verifier=Verifier(ISSUER, RESOURCE))


@server.tool()
def who_asks() -> dict[str, Any]:
    """Who the token speaks for, and through which application."""
    token = get_access_token()
    return {"person": token.subject, "application": token.client_id, "scopes": token.scopes} if token else {}


if __name__ == "__main__":
    server.run("streamable-http", port=PORT, stateless_http=True, json_response=True)
