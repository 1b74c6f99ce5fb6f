"""What every grant does at the token endpoint (RFC 6749 §3.2, §4; RFC 9449 §5): prove the client, redeem, answer."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from auth_service.protocol import dpop
from auth_service.protocol.grant_types import checks
from shared.models.client import Client


class Grant(grants.BaseGrant, grants.TokenEndpointMixin):
    """A grant names its GRANT_TYPE, redeems in `redeem`, and says in `answer` what that bought."""

    params: dict[str, str]

    @property
    def client(self) -> Client:
        """The client that proved itself."""
        return self.request.client

    def validate_token_request(self) -> None:
        """The request proves its client, which may use this grant, and redeems what it brings: that is spent from here on."""
        self.params = self.request.payload.data
        # A proof that only lacks a nonce is refused before anything is used up, an assertion of the client included.
        proof = dpop.read()
        self.request.client = self.server.authenticate_client(self.request, [])
        checks.check_grant_allowed(self.client, self.GRANT_TYPE)
        dpop.bind(self.client, proof)
        self.redeem()

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The answer of the token endpoint (RFC 6749 §5.1, RFC 9449 §5)."""
        return 200, {"token_type": dpop.token_type(), **self.answer()}, []

    def redeem(self) -> None:
        """Use up what the request brings. Raises ProtocolError."""
        raise NotImplementedError

    def answer(self) -> dict[str, Any]:
        """The tokens that it bought; what kind of access token it is, is told for every grant alike."""
        raise NotImplementedError
