"""The refresh token grant (RFC 6749 §6, OpenID Connect Core §12)."""

from typing import Any

from auth_service.protocol import dpop, resource_indicators, token
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from shared.models.authorization import SESSION, Authorization, RefreshToken
from shared.models.client import Client
from shared.models.scope import parse
from shared.models.user import User
from shared.services import refresh_tokens

# A refresh shows no person: whatever the login was, it vouches for the session only.
ACR = SESSION


class RefreshTokenGrant(Grant):
    """Gives new tokens for what was granted, or for less."""

    GRANT_TYPE = "refresh_token"

    def redeem(self) -> None:
        """Open what the refresh token stands for."""
        self.asked = parse(self.params.get("scope"))
        self.refreshed = _use(checks.needed(self.params, "refresh_token", "RFC 6749 §6"), self.client, self.asked, self.params)

    def answer(self) -> dict[str, Any]:
        """The new tokens."""
        of = self.refreshed.authorization
        return token.answer(
            self.client,
            self.refreshed.user,
            of,
            scopes=self.asked or of.scopes,
            refresh_token=self.refreshed.refresh_token,
            acr=ACR,
            params=self.params,
        )


def _use(refresh_token: str, client: Client, asked: list[str], params: dict[str, str]) -> refresh_tokens.Refreshed:
    """A refresh token serves its own client, and what was rotated away serves nobody (RFC 6749 §6). Raises ProtocolError."""

    def prove(row: RefreshToken, authorization: Authorization, user: User) -> None:
        dpop.check_key(row.dpop_jkt)
        checks.check_no_wider(asked, row.scopes)
        resource_indicators.aim(client, authorization, params, asked)

    try:
        return refresh_tokens.use(refresh_token, client, prove=prove, dpop_jkt=dpop.key())
    except refresh_tokens.TokenRefused as refused:
        raise ProtocolError(
            "invalid_grant",
            "The refresh token is not valid.",
            section="RFC 6749 §6, RFC 9700 §4.14.2",
            expected="a refresh token of this client that is unused, unexpired and not revoked",
            came=refused.message,
            mend="Keep the newest refresh token of each answer, let one process refresh at a time, and sign in again.",
        ) from None
