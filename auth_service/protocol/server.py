"""Authlib's AuthorizationServer joined to our services (RFC 6749): grants, client authentication, answers."""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Flask, Response, current_app, json, request
from flask.typing import ResponseReturnValue

from auth_service.protocol import client_auth, parameters
from auth_service.protocol.errors import ProtocolError
from shared.kit import log
from shared.kit.words import said
from shared.models.client import Client
from shared.web import errors, tenancy

EXTENSION = "bailiwick.server"
SIGN_IN_OVER = said("This sign-in cannot go on")
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Server(AuthorizationServer):
    """Chooses the grant by Authlib's registry; clients and parameters are checked by us, and each error is answered here."""

    def query_client(self, client_id: str) -> Client | None:
        raise NotImplementedError("Clients are found by client_auth and authorization_request.")

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        raise NotImplementedError("Tokens are written by the services, in the transaction of the gate.")

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals here; the audit log has its own events."""

    def create_oauth2_request(self, params: dict[str, str]) -> OAuth2Request:
        """A request of parameters that were read by `parameters.read`."""
        made = OAuth2Request(request.method, tenancy.issuer() + request.path, headers=request.headers)
        made.payload = BasicOAuth2Payload(params)
        return made

    def authenticate_client(self, request: OAuth2Request, methods: list[str], endpoint: str = "token") -> Client:
        """The client that proved who it is (RFC 6749 §2.3). Raises ClientAuthError."""
        client, request.auth_method = client_auth.authenticate(tenancy.tenant(), request.headers, request.payload.data)
        return client

    def get_token_grant(self, request: OAuth2Request) -> Any:
        """The grant that the request names (RFC 6749 §4). Raises ProtocolError."""
        offered = {grant.GRANT_TYPE for grant, _ in self._token_grants}
        check_grant_type(request.payload.grant_type, offered)
        return super().get_token_grant(request)

    def create_token_response(self, request: Any = None) -> Response:
        """The answer of the token endpoint, also when a check fails."""
        made = None
        try:
            made = self.create_oauth2_request(read_form())
            grant = self.get_token_grant(made)
            grant.validate_token_request()
            return self.handle_response(*grant.create_token_response())
        except OAuth2Error as error:
            return self.handle_error_response(made, error)

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        body = json.dumps(payload) if isinstance(payload, dict) else payload
        response = Response(body, status=status_code, headers=dict(headers))
        if status_code != 302:
            response.headers.update({**NOT_KEPT, "Content-Type": "application/json"})
        return response

    def handle_error_response(self, request: OAuth2Request | None, error: OAuth2Error) -> Response:
        """The error as JSON (RFC 6749 §5.2)."""
        tell_operator(error)
        response = self.handle_response(error.status_code, dict(error.get_body()), ())
        if error.status_code == 401:
            response.headers["WWW-Authenticate"] = f'Basic realm="{tenancy.issuer()}", charset="UTF-8"'
        return response


def init_app(app: Flask, grants: tuple[type, ...]) -> None:
    """Build the server inside the application, with these grants."""
    server = Server()
    for grant in grants:
        server.register_grant(grant)
    app.extensions[EXTENSION] = server


def current() -> Server:
    """The server of the application whose context is active."""
    return current_app.extensions[EXTENSION]


def show(error: ProtocolError, *, title: str = SIGN_IN_OVER) -> ResponseReturnValue:
    """The error as a page for the person; it is sent nowhere (RFC 6749 §4.1.2.1)."""
    tell_operator(error)
    return errors.answer(error.status_code, error.description or "", code=str(error.error), title=title)


def tell_operator(error: OAuth2Error) -> None:
    """Write down which rule was broken, and its mend; not what came, which may be a secret sent to the wrong place."""
    if isinstance(error, ProtocolError):
        log.get().info("protocol.refused", error=error.error, section=error.section, mend=error.mend)


def check_grant_type(unverified: str | None, offered: set[str]) -> None:
    """The grant is one that we offer (RFC 6749 §5.2)."""
    if unverified not in offered:
        raise ProtocolError(
            "unsupported_grant_type" if unverified else "invalid_request",
            "This grant_type is not offered." if unverified else "The grant_type is missing.",
            section="RFC 6749 §5.2",
            expected=sorted(offered),
            came=unverified or "none",
            mend="Use a grant that the discovery document lists under grant_types_supported.",
        )


def check_form() -> None:
    """Parameters come in a form body (RFC 6749 §3.2, Appendix B)."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise ProtocolError(
            "invalid_request",
            "Send the parameters as application/x-www-form-urlencoded.",
            section="RFC 6749 Appendix B",
            expected="application/x-www-form-urlencoded",
            came=request.mimetype or "none",
            mend="Set the Content-Type of the request, and send a form, not JSON.",
        )


def check_no_query() -> None:
    """Nothing comes in the address, where logs would keep it (RFC 6749 §2.3.1, §3.2)."""
    if request.args:
        raise ProtocolError(
            "invalid_request",
            "Parameters in the address are not accepted: send them in the body.",
            section="RFC 6749 §3.2",
            expected="an address without a query",
            came=sorted(request.args),
            mend="Move the parameters into the form body.",
        )


def read_form() -> dict[str, str]:
    """The parameters of a request to an endpoint that clients call, each once. Raises ProtocolError."""
    check_no_query()
    check_form()
    return parameters.read(request.form)
