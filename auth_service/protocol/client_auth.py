"""Client authentication: by secret, by a signed JWT (in client_assertion), or none (RFC 6749 §2.3, RFC 7521 §4.2)."""

import base64
from dataclasses import dataclass
from urllib.parse import unquote_plus

from werkzeug.datastructures import Headers

from auth_service.protocol import client_assertion, client_documents
from auth_service.protocol.errors import ClientAuthError, ProtocolError
from auth_service.protocol.signed_jwt import SignedJwt
from shared.models.client import AUTH_METHODS, CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, Client
from shared.models.tenant import Tenant

METHODS = AUTH_METHODS
SIGNED = {CLIENT_SECRET_JWT, PRIVATE_KEY_JWT}


@dataclass(frozen=True)
class Credentials:
    """What the request says of its client, unverified."""

    method: str
    client_id: str
    secret: str | None
    assertion: SignedJwt | None = None


def authenticate(tenant: Tenant, headers: Headers, params: dict[str, str]) -> tuple[Client, str]:
    """The client of `tenant` that sent this, and the method by which it proved so. Raises ClientAuthError, ProtocolError."""
    unverified = _credentials(headers, params)
    client = check_known(client_documents.find(tenant, unverified.client_id))
    check_enabled(client)
    check_method(client, unverified)
    if unverified.assertion is not None:
        client_assertion.verify(client, unverified.assertion)
    else:
        check_secret(client, unverified)
    return client, unverified.method


def check_one_method(basic: Credentials | None, params: dict[str, str]) -> None:
    """A client uses one method a request (RFC 6749 §2.3, RFC 7521 §4.2)."""
    ways = [basic is not None, "client_secret" in params, "client_assertion" in params]
    if sum(ways) > 1 or (basic is not None and params.get("client_id", basic.client_id) != basic.client_id):
        raise ProtocolError(
            "invalid_request",
            "The client authenticated in two ways at once.",
            section="RFC 6749 §2.3",
            expected="one of HTTP Basic, client_secret and client_assertion",
            came="more than one",
            mend="Keep one of them, and with HTTP Basic leave client_id out of the body.",
        )


def check_known(client: Client | None) -> Client:
    """The client is one of this tenant (RFC 6749 §5.2)."""
    if client is None:
        raise _refused("the client_id of a client of this tenant", "another one", "Copy the Client ID from the dashboard.")
    return client


def check_enabled(client: Client) -> None:
    """The client was not disabled (RFC 6749 §5.2)."""
    if client.disabled:
        raise _refused("a client that is enabled", "one that an operator disabled", "Enable it on its page in the dashboard.")


def check_method(client: Client, unverified: Credentials) -> None:
    """Who registered that it signs does sign, and nobody else does (RFC 7591 §2); a secret may come either way."""
    registered = client.token_endpoint_auth_method
    if unverified.method != registered and SIGNED & {unverified.method, registered}:
        raise _refused(registered, unverified.method, "Authenticate in this way, or change it in the client's settings.")


def check_secret(client: Client, unverified: Credentials) -> None:
    """A confidential client shows its secret, and a public one has none to show (RFC 6749 §2.3.1)."""
    if client.public:
        right = unverified.secret is None
    else:
        right = unverified.secret is not None and client.has_secret(unverified.secret)
    if not right:
        expected = "no secret, as the client is public" if client.public else "the client's secret"
        raise _refused(expected, "none" if unverified.secret is None else "another one", "Make a new secret in the dashboard.")


def check_named(params: dict[str, str]) -> None:
    """The request says which client it is from (RFC 6749 §3.2.1)."""
    if "client_id" not in params:
        raise _refused("client credentials", "none", "Send client_id, and the secret of a confidential client.")


def check_scheme(unverified: str) -> None:
    """The Authorization header is one of HTTP Basic (RFC 6749 §2.3.1)."""
    if unverified.lower() != "basic":
        raise _refused("HTTP Basic", "another scheme", "Authenticate by HTTP Basic or in the body.")


def check_pair(unverified: str) -> tuple[str, str]:
    """The credentials are a name and a secret with a colon between, in base64 (RFC 7617 §2)."""
    try:
        client_id, colon, secret = base64.b64decode(unverified.strip(), validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, or not UTF-8 inside
        colon = ""
    if not colon:
        raise _refused("base64 of client_id:client_secret", "something else", "Encode the credentials as RFC 7617 §2 says.")
    return client_id, secret


def _credentials(headers: Headers, params: dict[str, str]) -> Credentials:
    basic = _basic(headers.get("Authorization", ""))
    check_one_method(basic, params)
    assertion = client_assertion.read(params)
    if assertion is not None:
        return Credentials(client_assertion.method_of(assertion), assertion.claims["sub"], None, assertion)
    if basic is not None:
        return basic
    check_named(params)
    secret = params.get("client_secret")
    return Credentials("none" if secret is None else "client_secret_post", params["client_id"], secret)


def _basic(header: str) -> Credentials | None:
    if not header:
        return None
    scheme, _, unverified = header.partition(" ")
    check_scheme(scheme)
    client_id, secret = check_pair(unverified)
    # Each half is form-encoded first (RFC 6749 §2.3.1); ours have no letter that this changes.
    return Credentials("client_secret_basic", unquote_plus(client_id), unquote_plus(secret) or None)


def _refused(expected: str, came: str, mend: str) -> ClientAuthError:
    # One text for every cause, so that nobody learns which client ids exist.
    return ClientAuthError("Client authentication failed.", section="RFC 6749 §5.2", expected=expected, came=came, mend=mend)
