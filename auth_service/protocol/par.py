"""Pushed authorization requests (RFC 9126): the client sends its request here first, and the browser carries a reference."""

from authlib.oauth2 import OAuth2Error
from flask import request
from flask.typing import ResponseReturnValue

from auth_service.protocol import authorization_request, client_auth, dpop, request_object, server
from auth_service.protocol.errors import ProtocolError
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.services import pending
from shared.web import tenancy

# They prove who pushes, and are no part of what is asked.
CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


def par() -> ResponseReturnValue:
    """POST /par: check the request as the authorization endpoint would, keep it, and answer with its `request_uri`."""
    try:
        params, proof = server.read_form(), dpop.read()
        client, _ = client_auth.authenticate(tenancy.tenant(), request.headers, params)
        check_no_reference(params)
        asked = dpop.pushed(proof, _asked(client, params))
        pushed = pending.push(tenancy.tenant(), client, authorization_request.accepted(client, asked))
    except OAuth2Error as error:
        return server.current().handle_error_response(None, error)
    body = {"request_uri": pushed.request_uri, "expires_in": pending.PUSHED_SECONDS}
    return server.current().handle_response(201, body, ())


def _asked(client: Client, params: dict[str, str]) -> dict[str, str]:
    """What is asked: without what proves who pushes, and of a request object nothing but what stands inside (RFC 9126 §3)."""
    inside = request_object.brought(client, {name: value for name, value in params.items() if name == "request"})
    request_object.check_brought(client, params, inside)
    asked = params if inside is None else inside
    # Who authenticated by the header may have left it out of the body.
    return {name: value for name, value in asked.items() if name not in CREDENTIALS} | {"client_id": client.client_id}


def check_no_reference(params: dict[str, str]) -> None:
    """What is pushed is the request itself, not a reference to one (RFC 9126 §2.1)."""
    if "request_uri" in params:
        raise ProtocolError(
            "invalid_request",
            "A pushed request cannot refer to another.",
            section="RFC 9126 §2.1",
            expected="the parameters of an authorization request",
            came="request_uri",
            mend="Push the parameters themselves, and use the request_uri of the answer in the browser.",
        )


def check_pushed(tenant: Tenant, client: Client) -> None:
    """Neither the client nor its tenant is held to pushed requests (RFC 9126 §5, §6)."""
    if client.require_par or tenant.require_par:
        raise ProtocolError(
            "invalid_request",
            "This client must push its requests.",
            section="RFC 9126 §6",
            expected="a request_uri from the pushed authorization request endpoint",
            came="a request in the browser",
            mend="Push the request to /par first, or lift the rule in the settings of the client or its tenant.",
        )
