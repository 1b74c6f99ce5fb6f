"""Token introspection (RFC 7662): for the client that a token was given to, and for a resource that it is meant for."""

from authlib.oauth2 import OAuth2Error
from flask import request
from flask.typing import ResponseReturnValue

from auth_service.protocol import client_auth, server, token_facts
from auth_service.protocol.errors import ClientAuthError
from auth_service.protocol.grant_types import checks
from shared.models.client import Client
from shared.web import tenancy


def introspect() -> ResponseReturnValue:
    """POST /introspect: what a token is, or only that it is not active (§2.2), whatever the cause (§4)."""
    tenant = tenancy.tenant()
    try:
        params = server.read_form()
        client, _ = client_auth.authenticate(tenant, request.headers, params)
        check_confidential(client)
        facts = token_facts.find_shown(tenant, client, checks.needed(params, "token", "RFC 7662 §2.1"))
    except OAuth2Error as error:
        return server.current().handle_error_response(None, error)
    said = {"active": True, **facts.said} if facts else {"active": False}
    return server.current().handle_response(200, said, ())


def check_confidential(client: Client) -> None:
    """Whoever asks has proved who it is, so that nobody tries tokens out (RFC 7662 §2.1, §4)."""
    if client.public:
        raise ClientAuthError(
            "Client authentication failed.",
            section="RFC 7662 §2.1",
            expected="a confidential client",
            came="a public one",
            mend="Introspect with a confidential client, which has a secret.",
        )
