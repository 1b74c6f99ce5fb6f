"""The client credentials grant (RFC 6749 §4.4): a client in its own name, with tokens as RFC 9068 has them."""

from typing import Any

from auth_service.protocol import access_token, resource_indicators
from auth_service.protocol.access_token import Target, audience
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from shared.models.client import Client
from shared.models.scope import parse
from shared.services import user_fields
from shared.services.client_settings import CLIENT_CREDENTIALS
from shared.web import tenancy


class ClientCredentialsGrant(Grant):
    """Gives an access token and nothing else: no person is there, nothing is written, and the client can always ask again."""

    GRANT_TYPE = CLIENT_CREDENTIALS

    def redeem(self) -> None:
        """Look whether the client may have the resources and scopes that it names."""
        checks.check_confidential(self.client)
        self.target = aim(self.client, self.params)

    def answer(self) -> dict[str, Any]:
        """The token (RFC 6749 §4.4.3: no refresh token)."""
        made = access_token.make_for_client(tenancy.tenant(), self.client, target=self.target)
        scope = " ".join(self.target.scopes)
        return {"access_token": made, "expires_in": self.target.seconds, "scope": scope}


def aim(client: Client, params: dict[str, str]) -> Target:
    """What the token is for: the resources named, with the scopes asked for, or all that these resources have (RFC 6749 §3.3)."""
    named = resource_indicators.read(params)
    foreign = resource_indicators.admitted(client, named)
    offered = [scope for resource in foreign for scope in resource.scopes]
    asked = parse(params.get("scope")) or list(dict.fromkeys(offered))
    check_scope(asked, offered)
    return resource_indicators.target(client, named or [audience(tenancy.issuer())], foreign, asked)


def check_scope(asked: list[str], offered: list[str]) -> None:
    """Every scope is one of the resources named: what is ours is about a person, and there is none (RFC 6749 §3.3, §4.4.2)."""
    if wider := [scope for scope in asked if scope not in offered]:
        ours = any(scope in user_fields.scopes(tenancy.tenant()) for scope in wider)
        raise ProtocolError(
            "invalid_scope",
            "A scope is not of a resource that the request names.",
            section="RFC 6749 §3.3, §4.4.2",
            expected=offered,
            came=wider,
            mend="Scopes about people need a person." if ours else "Name the resource by its identifier, and ask for its scopes.",
        )
