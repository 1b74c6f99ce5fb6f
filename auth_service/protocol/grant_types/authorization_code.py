"""The authorization code grant (RFC 6749 §4.1), with PKCE and one-time codes."""

from typing import Any

from auth_service.protocol import dpop, pkce, resource_indicators, token
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from shared.models.authorization import Authorization, AuthorizationCode
from shared.models.client import Client
from shared.services import codes


class AuthorizationCodeGrant(Grant):
    """Redeems codes at the token endpoint; the authorization endpoint is ours (authorize.py)."""

    GRANT_TYPE = "authorization_code"

    def redeem(self) -> None:
        """Spend the code."""
        self.redeemed = _spend(checks.needed(self.params, "code", "RFC 6749 §4.1.3"), self.client, self.params)

    def answer(self) -> dict[str, Any]:
        """The tokens that the code bought."""
        of = self.redeemed.authorization
        return token.answer(
            self.client,
            self.redeemed.user,
            of,
            scopes=of.scopes,
            refresh_token=self.redeemed.refresh_token,
            acr=of.acr,
            nonce=of.nonce,
            params=self.params,
        )


def _spend(code: str, client: Client, params: dict[str, str]) -> codes.Redeemed:
    """A code serves once, while it is young, its own client (RFC 6749 §4.1.2, §4.1.3). Raises ProtocolError."""

    def prove(spent: AuthorizationCode, authorization: Authorization) -> None:
        check_redirect_uri(spent, params.get("redirect_uri"))
        dpop.check_key(spent.dpop_jkt)
        pkce.check_verifier(spent.code_challenge, params.get("code_verifier"))
        resource_indicators.aim(client, authorization, params, authorization.scopes)

    try:
        return codes.spend(code, client, prove=prove, dpop_jkt=dpop.key())
    except codes.CodeRefused as refused:
        raise ProtocolError(
            "invalid_grant",
            "The code is not valid.",
            section="RFC 6749 §4.1.2",
            expected="a code of this client, younger than 60 seconds, used once",
            came=refused.message,
            mend="Redeem each code once and at once; a page that is loaded twice redeems it twice.",
        ) from None


def check_redirect_uri(spent: AuthorizationCode, unverified_uri: str | None) -> None:
    """The redirect URI is the one of the authorization request, if that had one (RFC 6749 §4.1.3)."""
    if (spent.redirect_uri_sent or unverified_uri is not None) and unverified_uri != spent.redirect_uri:
        raise ProtocolError(
            "invalid_grant",
            "The redirect_uri is not that of the authorization request.",
            section="RFC 6749 §4.1.3",
            expected=spent.redirect_uri,
            came=unverified_uri or "none",
            mend="Send the same redirect_uri to the token endpoint as to the authorization endpoint.",
        )
