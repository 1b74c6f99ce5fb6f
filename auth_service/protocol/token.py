"""The token endpoint (RFC 6749 §3.2) and what it answers (§5.1)."""

from typing import Any

from flask.typing import ResponseReturnValue

from auth_service.protocol import access_token, id_token, resource_indicators, server
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.user import User
from shared.web import tenancy


def token() -> ResponseReturnValue:
    """POST /token."""
    return server.current().create_token_response()


def answer(
    client: Client,
    user: User,
    authorization: Authorization,
    *,
    scopes: list[str],
    refresh_token: str | None,
    acr: str,
    nonce: str | None = None,
    params: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The tokens of an authorization (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). `params` may name resources."""
    tenant = tenancy.tenant()
    target = resource_indicators.aim(client, authorization, params or {}, scopes)
    access = access_token.make(tenant, client, user, authorization, target=target, acr=acr)
    given = resource_indicators.shown(target, scopes)
    said = {"access_token": access, "expires_in": target.seconds, "scope": " ".join(given)}
    if refresh_token:
        said["refresh_token"] = refresh_token
    if "openid" in authorization.scopes:
        said["id_token"] = id_token.make(tenant, client, user, authorization, access_token=access, acr=acr, nonce=nonce)
    return said
