"""Token revocation (RFC 7009)."""

from datetime import UTC, datetime

from authlib.oauth2 import OAuth2Error
from flask import request
from flask.typing import ResponseReturnValue

from auth_service.protocol import client_auth, server, token_facts
from auth_service.protocol.grant_types import checks
from shared.models.audit import Actor
from shared.models.client import Client
from shared.services import authorizations
from shared.web import tenancy


def revoke() -> ResponseReturnValue:
    """POST /revoke: end what the client's token was given for, with every other token of it; 200 also for an unknown one (§2)."""
    tenant = tenancy.tenant()
    try:
        params = server.read_form()
        client, _ = client_auth.authenticate(tenant, request.headers, params)
        facts = token_facts.find(tenant, client, checks.needed(params, "token", "RFC 7009 §2.1"))
    except OAuth2Error as error:
        return server.current().handle_error_response(None, error)
    if facts:
        by = Actor("client", client.client_id, client.name)
        _end(client, facts, by)
    return server.current().handle_response(200, {}, ())


def _end(client: Client, facts: token_facts.Facts, by: Actor) -> None:
    if facts.authorization_id:
        authorizations.revoke(facts.authorization_id, reason="revoked by its client", by=by)
    else:
        # A token in the client's own name has no authorization: a mark is kept until it expires.
        until = datetime.fromtimestamp(facts.said["exp"], UTC)
        authorizations.revoke_client_token(client, facts.said["jti"], until=until, by=by)
