"""The specifications, one module each: here are their addresses, and the one list of grants (RFC 6749, OpenID Connect Core)."""

from flask import Blueprint, Flask

from auth_service.protocol import (
    authorize,
    backchannel_logout,
    device_authorization,
    introspection,
    logout,
    metadata,
    par,
    registration,
    revocation,
    server,
    token,
)
from auth_service.protocol.grant_types.authorization_code import AuthorizationCodeGrant
from auth_service.protocol.grant_types.client_credentials import ClientCredentialsGrant
from auth_service.protocol.grant_types.device_code import DeviceCodeGrant
from auth_service.protocol.grant_types.jwt_bearer import JwtBearerGrant
from auth_service.protocol.grant_types.refresh_token import RefreshTokenGrant
from auth_service.protocol.grant_types.token_exchange import TokenExchangeGrant
from shared.services import logouts, outbox
from shared.web import cors, errors

GRANTS = (AuthorizationCodeGrant, RefreshTokenGrant, ClientCredentialsGrant, DeviceCodeGrant, TokenExchangeGrant, JwtBearerGrant)
# What programs call, from other sites too.
CALLED = ("/token", "/par", "/device_authorization", "/revoke", "/register")
DISCOVERY = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")

bp = Blueprint("protocol", __name__)
bp.add_url_rule("/authorize", view_func=authorize.authorize, methods=["GET", "POST"])
bp.add_url_rule("/par", view_func=par.par, methods=["POST"])
bp.add_url_rule("/device_authorization", view_func=device_authorization.device_authorization, methods=["POST"])
bp.add_url_rule("/token", view_func=token.token, methods=["POST"])
bp.add_url_rule("/introspect", view_func=introspection.introspect, methods=["POST"])
bp.add_url_rule("/revoke", view_func=revocation.revoke, methods=["POST"])
bp.add_url_rule("/register", view_func=registration.Registration.as_view("registration"))
bp.add_url_rule("/register/<client_id>", view_func=registration.Registered.as_view("registered"))
bp.add_url_rule("/logout", view_func=logout.logout, methods=["GET", "POST"])
bp.add_url_rule(DISCOVERY[0], view_func=metadata.openid_configuration)
bp.add_url_rule(DISCOVERY[1], "authorization_server", view_func=metadata.openid_configuration)
bp.add_url_rule("/.well-known/jwks.json", view_func=metadata.jwks)


def init_app(app: Flask) -> None:
    """Build the server and mount its endpoints; browser applications of other sites may call all but the pages."""
    server.init_app(app, GRANTS)
    outbox.carry(logouts.KIND, backchannel_logout.deliver)
    cors.allow(app, *CALLED, "/.well-known/")
    cors.allow(app, "/register/", methods=("GET", "PUT", "DELETE"))
    errors.for_programs(app, *CALLED, "/introspect", "/register/", "/.well-known/")
    app.register_blueprint(bp)
