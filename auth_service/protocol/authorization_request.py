"""What an authorization request must be (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1): one check a rule."""

import difflib

from auth_service.protocol import (
    acr,
    claims_request,
    client_documents,
    dpop,
    id_token_hint,
    implicit,
    pkce,
    resource_indicators,
    response_mode,
)
from auth_service.protocol.errors import ClientAuthError, ProtocolError, ShownError
from shared.kit.words import said
from shared.models.client import CODE, FAPI2, Client
from shared.models.scope import parse
from shared.models.tenant import Tenant

PROMPTS = ("none", "login", "consent", "select_account", "create")
LONGEST_AGE = 9  # digits: thirty years of seconds
COMPARED = 200  # characters of an address, to guess which one was meant
# What the pages and the answer read; the rest of a request would only fill Redis.
KEPT = (
    "client_id",
    "response_mode",
    "scope",
    "resource",
    "state",
    "nonce",
    "code_challenge",
    "dpop_jkt",
    "prompt",
    "max_age",
    "login_hint",
    "ui_locales",
)


def check_client(tenant: Tenant, params: dict[str, str]) -> Client:
    """The client is registered here (RFC 6749 §4.1.2.1)."""
    try:
        client = client_documents.find(tenant, params.get("client_id"))
    except ClientAuthError as error:
        raise ShownError.of(error) from None
    if client is None:
        raise ShownError(
            "invalid_client",
            said("This application is not known here."),
            section="RFC 6749 §4.1.2.1",
            expected="the client_id of a client of this tenant",
            came=params.get("client_id", "none"),
            mend="Copy the Client ID from the dashboard, and use the addresses of the tenant that the client belongs to.",
        )
    check_enabled(client)
    return client


def check_enabled(client: Client) -> None:
    """The client was not disabled (RFC 6749 §4.1.2.1: the person is told, and not sent there)."""
    if client.disabled:
        raise ShownError(
            "unauthorized_client",
            said("This application cannot be used just now."),
            section="RFC 6749 §4.1.2.1",
            expected="a client that is enabled",
            came="one that an operator disabled",
            mend="Enable it on its page in the dashboard.",
        )


def check_redirect_uri(client: Client, params: dict[str, str]) -> str:
    """The redirect URI is one that the client registered (RFC 6749 §3.1.2.3, RFC 9700 §4.1.3); the only one may be left out."""
    unverified_uri = params.get("redirect_uri")
    if unverified_uri is None:
        check_may_leave_out(client, params)
        return client.redirect_uris[0]
    if not client.allows_redirect(unverified_uri):
        raise ShownError(
            "invalid_request",
            said("This application asked to return to an address that it has not registered."),
            section="RFC 9700 §4.1.3",
            expected=client.redirect_uris,
            came=unverified_uri,
            mend=_nearest(client.redirect_uris, unverified_uri),
        )
    return unverified_uri


def check_may_leave_out(client: Client, params: dict[str, str]) -> None:
    """A request that names no redirect URI has one to go to, and is OAuth's (RFC 6749 §3.1.2.3).

    OpenID Connect Core §3.1.2.1 and FAPI 2.0 Security Profile §5.3.2.2 want it named.
    """
    if len(client.redirect_uris) != 1 or client.profile == FAPI2 or "openid" in parse(params.get("scope")):
        raise ShownError(
            "invalid_request",
            said("This application did not say to which address it wants to return: the redirect_uri is missing."),
            section="RFC 6749 §3.1.2.3, OpenID Connect Core §3.1.2.1",
            expected=client.redirect_uris,
            came="none",
            mend="Send redirect_uri, letter by letter as it is registered.",
        )


def check_response_type(client: Client, params: dict[str, str]) -> None:
    """The response type is one that we offer, and the client may use it (RFC 6749 §3.1.1; OAuth 2.1 has only code)."""
    came = params.get("response_type")
    if came is None:
        raise _invalid("The response_type is missing.", "response_type=code", "none", "RFC 6749 §3.1.1")
    if came != CODE:
        implicit.check_offered(client, params)
        implicit.check_registered(client, params)
    elif "authorization_code" not in client.grant_types or CODE not in client.response_types:
        raise ProtocolError(
            "unauthorized_client",
            "This client may not use the code flow.",
            section="RFC 6749 §4.1.2.1",
            expected="authorization_code among the client's grants, and code among its response types",
            came=(client.grant_types, client.response_types),
            mend="Allow both in the client's settings.",
        )


def check_bound(client: Client, params: dict[str, str]) -> None:
    """The answer can be told to be that of this very request: a code by PKCE, an ID token by its nonce (RFC 9700 §2.1.1)."""
    if implicit.kind_of(params) is None:
        pkce.check_challenge(client, params)
    else:
        implicit.check(client, params)


def check_no_registration(client: Client, params: dict[str, str]) -> None:
    """Nobody registers in passing (OpenID Connect Core §3.1.2.6, §7.2.1)."""
    if "registration" in params:
        raise ProtocolError(
            "registration_not_supported",
            "The parameter registration is not offered.",
            section="OpenID Connect Core §3.1.2.6",
            expected="a client that is registered",
            came="registration",
            mend="Register the client before, by an operator or at the registration endpoint.",
        )


def check_scope(client: Client, params: dict[str, str]) -> None:
    """Every scope is one that we know and the client may ask for; who names an API may leave it out (RFC 6749 §3.3)."""
    asked = parse(params.get("scope"))
    allowed = resource_indicators.askable(client, params)
    missing = not asked and not resource_indicators.admitted(client, resource_indicators.read(params))
    if missing or any(scope not in allowed for scope in asked):
        raise ProtocolError(
            "invalid_scope",
            "A scope is missing, unknown, or not allowed to this client.",
            section="RFC 6749 §3.3",
            expected=allowed,
            came=params.get("scope", "none"),
            mend="Ask for scopes that the client's settings list; openid makes it a login.",
        )


def check_prompt(client: Client, params: dict[str, str]) -> None:
    """The prompt has known values, and none stands alone (OpenID Connect Core §3.1.2.1)."""
    asked = params.get("prompt", "").split()
    if any(prompt not in PROMPTS for prompt in asked) or ("none" in asked and len(asked) > 1):
        raise _invalid(
            "The prompt is not one that is offered.",
            f"none alone, or some of {PROMPTS[1:]}",
            asked,
            "OpenID Connect Core §3.1.2.1",
        )


def check_max_age(client: Client, params: dict[str, str]) -> None:
    """The max_age is a number of seconds (OpenID Connect Core §3.1.2.1)."""
    age = params.get("max_age", "0")
    if not (age.isascii() and age.isdigit() and len(age) <= LONGEST_AGE):
        raise _invalid("The max_age is not a number of seconds.", "a whole number from 0", age, "OpenID Connect Core §3.1.2.1")


def check_one_person(client: Client, params: dict[str, str]) -> None:
    """The hint and the claims parameter do not name two people (OpenID Connect Core §3.1.2.1, §5.5.1)."""
    hint, named = id_token_hint.read(params.get("id_token_hint")), claims_request.subjects(params)
    if hint and named and hint.sub not in named:
        raise _invalid("The id_token_hint and the sub in claims differ.", hint.sub, named, "OpenID Connect Core §5.5.1")


# What is checked once client and redirect URI are known, in order; each failure is sent to the client.
CHECKS = (
    check_no_registration,
    check_response_type,
    response_mode.check,
    resource_indicators.check_named,
    check_scope,
    check_bound,
    dpop.check_thumbprint,
    check_prompt,
    check_max_age,
    claims_request.check,
    acr.check_reachable,
    acr.check_second_factor,
    id_token_hint.check,
    check_one_person,
)


def accepted(client: Client, params: dict[str, str]) -> dict[str, str]:
    """The request as it is kept: with its redirect URI, and whether that was sent. Raises ProtocolError for a broken rule."""
    redirect_uri = check_redirect_uri(client, params)
    for rule in CHECKS:
        rule(client, params)
    # The token endpoint asks for the redirect URI again exactly when it was sent (RFC 6749 §4.1.3).
    sent = {"redirect_uri_sent": "1"} if "redirect_uri" in params else {}
    kept = {name: params[name] for name in KEPT if name in params} | resource_indicators.default_scope(client, params)
    return {
        **_defaults(client),
        **kept,
        **implicit.kept(params),
        **sent,
        **_openid(client, params),
        "redirect_uri": redirect_uri,
    }


def _defaults(client: Client) -> dict[str, str]:
    """What the client registered in place of what a request leaves out (OpenID Connect Registration §2)."""
    return {} if client.default_max_age is None else {"max_age": str(client.default_max_age)}


def _openid(client: Client, params: dict[str, str]) -> dict[str, str]:
    """What a request says of the person, read: who it must be, how surely, and what is asked of them."""
    hint = id_token_hint.read(params.get("id_token_hint"))
    people = [hint.sub] if hint else claims_request.subjects(params)
    told = {"hinted": "\n".join(people), "claims": claims_request.names(params)}
    return {**acr.resolved(client, params), **{name: value for name, value in told.items() if value}}


def _invalid(words: str, expected: object, came: object, section: str) -> ProtocolError:
    mend = "Correct the parameter, or leave it out."
    return ProtocolError("invalid_request", words, section=section, expected=expected, came=came, mend=mend)


def _nearest(registered: list[str], unverified_uri: str) -> str:
    # By how they begin: to compare long ones whole takes a processor's tenth of a second for each request.
    begin = {uri[:COMPARED]: uri for uri in registered}
    near = difflib.get_close_matches(unverified_uri[:COMPARED], begin, n=1, cutoff=0.6)
    if near:
        return f"The nearest registered address is {begin[near[0]]}: addresses are compared letter by letter."
    return "Add the address to the client's redirect URIs in the dashboard."
