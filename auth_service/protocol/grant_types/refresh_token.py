"""The refresh token grant (RFC 6749 §6, OpenID Connect Core §12)."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from auth_service.protocol import resource_indicators, token
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from shared.models.authorization import Authorization, RefreshToken
from shared.models.client import Client
from shared.models.scope import parse
from shared.models.user import User
from shared.services import refresh_tokens

# A refresh shows no person: whatever the login was, it vouches for the session only.
ACR = "0"


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """Gives new tokens for what was granted, or for less."""

    def validate_token_request(self) -> None:
        """The request proves its client and opens what its refresh token stands for."""
        params = self.request.payload.data
        self.request.client = client = self.server.authenticate_client(self.request, [])
        checks.check_grant_allowed(client, self.GRANT_TYPE)
        self.asked = parse(params.get("scope"))
        self.refreshed = _use(checks.needed(params, "refresh_token", "RFC 6749 §6"), client, self.asked, params)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The new tokens."""
        of = self.refreshed.authorization
        said = token.answer(
            self.request.client,
            self.refreshed.user,
            of,
            scopes=self.asked or of.scopes,
            refresh_token=self.refreshed.refresh_token,
            acr=ACR,
            params=self.request.payload.data,
        )
        return 200, said, []


def _use(refresh_token: str, client: Client, asked: list[str], params: dict[str, str]) -> refresh_tokens.Refreshed:
    def prove(row: RefreshToken, authorization: Authorization, user: User) -> None:
        checks.check_no_wider(asked, row.scopes)
        resource_indicators.aim(client, authorization, params, asked)

    try:
        return refresh_tokens.use(refresh_token, client, prove=prove)
    except refresh_tokens.TokenRefused as refused:
        raise ProtocolError(
            "invalid_grant",
            "The refresh token is not valid.",
            section="RFC 6749 §6, RFC 9700 §4.14.2",
            expected="a refresh token of this client that is unused, unexpired and not revoked",
            came=refused.message,
            mend="Keep the newest refresh token of each answer, let one process refresh at a time, and sign in again.",
        ) from None
