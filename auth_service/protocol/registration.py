"""Clients that register themselves, and look after it (RFC 7591 §3, RFC 7592; OpenID Connect Registration 1.0 §3, §4)."""

from typing import Any

import orjson
from authlib.oauth2 import OAuth2Error
from flask import Response, request
from flask.views import MethodView

from auth_service.protocol import client_metadata, server
from auth_service.protocol.client_metadata import judged
from auth_service.protocol.errors import ProtocolError
from shared.kit import origin
from shared.kit.errors import Denied
from shared.models.audit import Actor
from shared.models.client import Client
from shared.models.initial_access import InitialAccessToken
from shared.models.tenant import Tenant
from shared.services import guesses, initial_access, registrations
from shared.services.registrations import Wanted
from shared.web import tenancy

ANYBODY = Actor.system("dynamic registration")
# RFC 7592 §2.2: they are ours to say.
OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


class Registration(MethodView):
    """POST /register: one more client (RFC 7591 §3.1)."""

    def post(self) -> Response:
        tenant = tenancy.tenant()
        guesses.take_registration(origin.current().address or "")
        try:
            check_offered(tenant)
            access = check_initial_access(tenant)
            wanted = client_metadata.read(read_json(), implicit_allowed=tenant.implicit_allowed)
            made = judged(lambda: _register(tenant, wanted, access))
        except OAuth2Error as error:
            return _refuse(error)
        return _answer(201, made.client, made.token, made.secret)


class Registered(MethodView):
    """GET, PUT and DELETE /register/<client_id>: the registration of the client whose token comes with it (RFC 7592 §2)."""

    def get(self, client_id: str) -> Response:
        try:
            client, token = check_own(client_id)
        except OAuth2Error as error:
            return _refuse(error)
        return _answer(200, client, token)

    def put(self, client_id: str) -> Response:
        try:
            client, token = check_own(client_id)
            unverified = read_json()
            check_same_client(client, unverified)
            wanted = client_metadata.read(unverified, client, implicit_allowed=tenancy.tenant().implicit_allowed)
            changed, secret = judged(lambda: registrations.replace(client, wanted, by=_actor(client)))
        except OAuth2Error as error:
            return _refuse(error)
        return _answer(200, changed, token, secret)

    def delete(self, client_id: str) -> Response:
        try:
            client, _ = check_own(client_id)
        except OAuth2Error as error:
            return _refuse(error)
        registrations.delete(client, by=_actor(client))
        return Response(status=204, headers=server.NOT_KEPT)


def check_offered(tenant: Tenant) -> None:
    """The tenant lets clients register themselves (RFC 7591 §3)."""
    if tenant.client_registration == "off":
        raise ProtocolError(
            "access_denied",
            "Clients are registered by operators here.",
            section="RFC 7591 §3",
            expected="a tenant that lets clients register themselves",
            came=tenant.slug,
            mend="Let them in the tenant's settings, openly or by initial access tokens.",
            status_code=403,
        )


def check_initial_access(tenant: Tenant) -> InitialAccessToken | None:
    """Where registration is not open to anybody, whoever registers has been given a token for it (RFC 7591 §3)."""
    if tenant.client_registration == "open":
        return None
    unverified = _bearer()
    found = initial_access.find(tenant, unverified) if unverified else None
    if found is None:
        raise _refused("an initial access token", "none" if not unverified else "another one", "RFC 7591 §3")
    return found


def check_own(client_id: str) -> tuple[Client, str]:
    """The registration belongs to whoever brings the token that was given for it (RFC 7592 §2, §5)."""
    unverified = _bearer()
    client = registrations.find(tenancy.tenant(), client_id, unverified) if unverified else None
    if client is None:
        raise _refused("the registration access token of this client", "another, or none", "RFC 7592 §2")
    if client.disabled:
        raise ProtocolError(
            "access_denied",
            "This client is disabled.",
            section="RFC 7592 §2.1",
            expected="a client that is not disabled",
            came=client.client_id,
            mend="Enable the client in the dashboard.",
            status_code=403,
        )
    return client, unverified


def check_same_client(client: Client, unverified: dict[str, Any]) -> None:
    """The whole of one's own registration is sent, and nothing that is ours to say (RFC 7592 §2.2)."""
    found = [name for name in OURS if name in unverified]
    secret = unverified.get("client_secret")
    own = secret is None or (isinstance(secret, str) and client.has_secret(secret))
    if found or unverified.get("client_id") != client.client_id or not own:
        raise ProtocolError(
            "invalid_client_metadata",
            "Send your client_id, no other secret than your own, and none of what only the server says.",
            section="RFC 7592 §2.2",
            expected="client_id of this client",
            came=found or "another client_id or secret",
            mend="Send all metadata with the client_id, and leave the registration_ members out.",
        )


def read_json() -> dict[str, Any]:
    """The JSON object in the body (RFC 7591 §3.1). Raises ProtocolError."""
    body = request.get_data()
    try:
        # No database takes a NUL.
        found = None if b"\\u0000" in body else orjson.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict) or request.mimetype != "application/json":
        raise ProtocolError(
            "invalid_client_metadata",
            "Send the metadata as a JSON object, as application/json.",
            section="RFC 7591 §3.1",
            expected="a JSON object",
            came=request.mimetype or "none",
            mend="Set the Content-Type of the request, and send JSON, not a form.",
        )
    return found


def _register(tenant: Tenant, wanted: Wanted, access: InitialAccessToken | None) -> registrations.Registered:
    """Its token still has uses left when the client is made (RFC 7591 §3). Raises ProtocolError."""
    by = ANYBODY if access is None else Actor("initial access token", str(access.id), access.name)
    try:
        return registrations.register(tenant, wanted, access=access, by=by)
    except Denied:  # used up by another, a moment ago
        raise _refused("an initial access token that has uses left", "one that has none", "RFC 7591 §3") from None


def _answer(status: int, client: Client, token: str, secret: str | None = None) -> Response:
    """The registration as the client is to know it (RFC 7591 §3.2.1, RFC 7592 §3)."""
    secrets = {"client_secret": secret, "client_secret_expires_at": 0} if secret else {}
    ours = {
        "client_id": client.client_id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        **secrets,
        "registration_access_token": token,
        "registration_client_uri": f"{tenancy.issuer()}/register/{client.client_id}",
    }
    return server.current().handle_response(status, ours | client_metadata.written(client), ())


def _refuse(error: OAuth2Error) -> Response:
    response = server.current().handle_error_response(None, error)
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = f'Bearer realm="{tenancy.issuer()}", error="{error.error}"'
    return response


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _actor(client: Client) -> Actor:
    return Actor("client", str(client.id), client.name)


def _refused(expected: str, came: str, section: str) -> ProtocolError:
    return ProtocolError(
        "invalid_token",
        "The token is missing, or does not serve here.",
        section=section,
        expected=expected,
        came=came,
        mend="Send it as Authorization: Bearer; ask an operator for a new initial access token.",
        status_code=401,
    )
