"""The implicit flow (OpenID Connect Core §3.2), where a tenant allows it: tokens without a code, bound to a nonce."""

from urllib.parse import urlsplit

from auth_service.protocol import access_token, id_token, resource_indicators
from auth_service.protocol.errors import ProtocolError
from shared.models.client import CODE, ID_TOKEN, ID_TOKEN_TOKEN, NATIVE, OPENID, Client
from shared.models.scope import ADMIN, parse
from shared.models.user import User
from shared.services import authorizations
from shared.services.authorizations import OFFLINE, Grant
from shared.services.sessions import Session
from shared.web import tenancy

# What a request may write, and which of our types that is: the order of the words does not matter (Multiple Response Types §5).
KINDS = {ID_TOKEN: ID_TOKEN, ID_TOKEN_TOKEN: ID_TOKEN_TOKEN, "token id_token": ID_TOKEN_TOKEN}
GRANT_TYPE = "implicit"


def kind_of(params: dict[str, str]) -> str | None:
    """Which kind of tokens without a code a request asks for; None for every other request."""
    return KINDS.get(params.get("response_type", CODE))


def is_offered(params: dict[str, str]) -> bool:
    """Whether a request asks for tokens without a code, of a tenant that has them: only then is it answered as such."""
    return kind_of(params) is not None and tenancy.tenant().implicit_allowed


def kept(params: dict[str, str]) -> dict[str, str]:
    """What such a request is kept with beside the rest. There is no refresh token, so `offline_access` asks for nothing
    (Core §11).
    """
    kind = kind_of(params)
    if kind is None:
        return {}
    scopes = [scope for scope in parse(params.get("scope")) if scope != OFFLINE]
    return {"response_type": kind, "scope": " ".join(scopes)}


def check_offered(client: Client, params: dict[str, str]) -> None:
    """The response type is one that the tenant offers (RFC 6749 §3.1.1), which is code unless it was told (RFC 9700 §2.1.2)."""
    if not is_offered(params):
        raise ProtocolError(
            "unsupported_response_type",
            "This response_type is not offered.",
            section="RFC 6749 §3.1.1, RFC 9700 §2.1.2",
            expected="one that the discovery document lists under response_types_supported",
            came=params["response_type"],
            mend="Use the code flow with PKCE; tokens are not given through addresses.",
        )


def check_registered(client: Client, params: dict[str, str]) -> None:
    """The client registered this response type (OpenID Connect Registration 1.0 §2), and is not held to a profile without it."""
    if kind_of(params) not in client.response_types or client.profile != OPENID:
        raise ProtocolError(
            "unauthorized_client",
            "This client may not have tokens without a code.",
            section="RFC 6749 §4.2.2.1",
            expected=f"one of {client.response_types}",
            came=params["response_type"],
            mend="Use the code flow with PKCE, or allow the response type in the settings of a client of the profile openid.",
        )


def check_openid(client: Client, params: dict[str, str]) -> None:
    """It is a login (Core §3.2.2.1), and what it gives does not run this server: that is not sent through addresses."""
    scopes = parse(params.get("scope"))
    if "openid" not in scopes or ADMIN in scopes:
        raise ProtocolError(
            "invalid_scope",
            "Tokens without a code need the scope openid, and are not given to operators.",
            section="OpenID Connect Core §3.2.2.1",
            expected=f"openid, without {ADMIN}",
            came=params.get("scope", "none"),
            mend="Ask for openid; for anything else use the code flow with PKCE.",
        )


def check_nonce(client: Client, params: dict[str, str]) -> None:
    """The request has a nonce: nothing else ties the ID token to it (Core §3.2.2.1)."""
    if "nonce" not in params:
        raise ProtocolError(
            "invalid_request",
            "The nonce is missing.",
            section="OpenID Connect Core §3.2.2.1",
            expected="a nonce",
            came="none",
            mend="Send a fresh nonce with each request, and compare it with that of the ID token.",
        )


def check_native(client: Client, params: dict[str, str]) -> None:
    """Tokens go to https, or to an application on the person's own machine (Core §3.2.2.1)."""
    returns_to = params.get("redirect_uri", "")
    if urlsplit(returns_to).scheme == "http" and client.application_type != NATIVE:
        raise ProtocolError(
            "invalid_request",
            "Tokens without a code are not sent over http.",
            section="OpenID Connect Core §3.2.2.1",
            expected="an https address, or a native application",
            came=returns_to,
            mend="Return to https; an installed application has the application_type native.",
        )


def check_free(client: Client, params: dict[str, str]) -> None:
    """Nothing asks for a token that is bound to a key: at this endpoint nobody proves one (RFC 9449 §5.2, §10)."""
    if "dpop_jkt" in params or (client.dpop_bound_access_tokens and kind_of(params) == ID_TOKEN_TOKEN):
        raise ProtocolError(
            "invalid_request",
            "A token without a code cannot be bound to a key.",
            section="RFC 9449 §5.2, §10",
            expected="a client and a request without DPoP",
            came=params.get("dpop_jkt", "a client that must use DPoP"),
            mend="Use the code flow, where the key is proved at the token endpoint.",
        )


RULES = (check_openid, check_nonce, check_native, check_free)


def check(client: Client, params: dict[str, str]) -> None:
    """Every rule of such a request that a code needs not (Core §3.2.2.1). Raises ProtocolError."""
    for rule in RULES:
        rule(client, params)


def answer(user: User, client: Client, params: dict[str, str], grant: Grant, session: Session) -> dict[str, str]:
    """The tokens themselves (Core §3.2.2.5), of an authorization like every other, which has no refresh token and ends with its
    session. Raises ProtocolError when tenant, client or resource do not allow it any more.
    """
    # The person may have taken an hour, in which an operator changed their mind.
    check_offered(client, params)
    check_registered(client, params)
    resource_indicators.admitted(client, grant.resources)
    of, _ = authorizations.run_of(authorizations.begin(user, client, grant, session, how=GRANT_TYPE))
    said: dict[str, str] = {}
    if kind_of(params) == ID_TOKEN_TOKEN:
        target = resource_indicators.aim(client, of, {}, of.scopes)
        access = access_token.make(tenancy.tenant(), client, user, of, target=target, acr=of.acr)
        granted = resource_indicators.shown(target, of.scopes)
        said |= {"access_token": access, "token_type": "Bearer", "expires_in": str(target.seconds), "scope": " ".join(granted)}
    token = id_token.make(tenancy.tenant(), client, user, of, access_token=said.get("access_token"), acr=of.acr, nonce=of.nonce)
    return {**said, "id_token": token}
