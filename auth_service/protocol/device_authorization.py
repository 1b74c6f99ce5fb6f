"""The device authorization endpoint (RFC 8628 §3.1, §3.2): a device that has no browser asks for a code to show."""

from authlib.oauth2 import OAuth2Error
from flask import request
from flask.typing import ResponseReturnValue

from auth_service.protocol import authorization_request, client_auth, resource_indicators, server
from auth_service.protocol.grant_types import checks
from shared.models.device import GRANT_TYPE
from shared.models.scope import parse
from shared.services import devices, guesses
from shared.web import tenancy


def device_authorization() -> ResponseReturnValue:
    """POST /device_authorization: check the request as the authorization endpoint would, and answer with its two codes."""
    try:
        params = server.read_form()
        client, _ = client_auth.authenticate(tenancy.tenant(), request.headers, params)
        checks.check_grant_allowed(client, GRANT_TYPE)
        resource_indicators.check_named(client, params)
        authorization_request.check_scope(client, params)
        asked = params | resource_indicators.default_scope(client, params)
        guesses.take_device()
        begun = devices.begin(client, parse(asked.get("scope")), resource_indicators.read(params))
    except OAuth2Error as error:
        return server.current().handle_error_response(None, error)
    page, shown = f"{tenancy.issuer()}/device", devices.shown(begun.user_code)
    body = {
        "device_code": begun.device_code,
        "user_code": shown,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={shown}",
        "expires_in": int(devices.LIVES.total_seconds()),
        "interval": devices.POLL_SECONDS,
    }
    return server.current().handle_response(200, body, ())
