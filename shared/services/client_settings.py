"""What each setting of a client may be: one check for each, which returns the value as it is kept (RFC 7591 §2)."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from shared.kit import names
from shared.kit.errors import Invalid
from shared.models import device
from shared.models.client import (
    ALGORITHMS,
    ASSERTION_AUDIENCES,
    AUTH_METHODS,
    CODE,
    DELEGATION,
    IMPERSONATION,
    IMPLICIT,
    NATIVE,
    OPENID,
    PAIRWISE,
    PROFILES,
    PUBLIC_SUBJECT,
    REFRESH_MODES,
    RESPONSE_MODES,
    RESPONSE_TYPES,
    WEB,
    Client,
)
from shared.models.scope import SCOPES
from shared.services import client_keys, redirects, user_fields

CLIENT_CREDENTIALS = "client_credentials"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_TYPES = ("authorization_code", "refresh_token", CLIENT_CREDENTIALS, device.GRANT_TYPE, TOKEN_EXCHANGE, JWT_BEARER)
# Grants without a person before us, for which a client must prove who it is.
CONFIDENTIAL_GRANTS = (CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER)
# Signed by nobody: only where a client registered that it sends such (RFC 9101 §10.1).
UNSIGNED = "none"
LONGEST_URL = 2000


def _name(client: Client, value: str) -> str:
    if not names.is_name(value):
        raise Invalid("A client needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _one_of(field: str, allowed: Sequence[str]) -> Callable[[Client, str], str]:
    def check(client: Client, value: str) -> str:
        if value not in allowed:
            raise Invalid(f"Choose one of {', '.join(allowed)}.", field=field)
        return value

    return check


def _some_of(field: str, allowed: Sequence[str]) -> Callable[[Client, Sequence[str]], list[str]]:
    def check(client: Client, values: Sequence[str]) -> list[str]:
        if unknown := [value for value in values if value not in allowed]:
            raise Invalid(f"Unknown here: {', '.join(unknown)[:200]}.", field=field)
        return [value for value in allowed if value in values]

    return check


def _grant_types(client: Client, values: Sequence[str]) -> list[str]:
    if client.public and any(value in CONFIDENTIAL_GRANTS for value in values):
        raise Invalid(
            "A public client cannot prove who it is, so it gets no token without its person.",
            field="grant_types",
        )
    return _some_of("grant_types", GRANT_TYPES)(client, values)


def _response_modes(client: Client, values: Sequence[str]) -> list[str]:
    # Whoever may use none uses what needs no asking (OAuth Multiple Response Types §2.1).
    return _some_of("response_modes", RESPONSE_MODES)(client, values) or ["query"]


def _response_types(client: Client, values: Sequence[str]) -> list[str]:
    # "token id_token" is the same as "id_token token" (OAuth Multiple Response Types §5).
    return _some_of("response_types", RESPONSE_TYPES)(client, [" ".join(sorted(value.split())) for value in values]) or [CODE]


def check_flow(client: Client) -> None:
    """Only OpenID Connect has the implicit flow: OAuth 2.1, FAPI 2.0 and MCP do without (RFC 9700 §2.1.2). Raises Invalid."""
    if client.profile != OPENID and any(kind in IMPLICIT for kind in client.response_types or ()):
        raise Invalid("Only a client of the profile openid may have tokens without a code.", field="response_types")


def _uris(field: str) -> Callable[[Client, Sequence[str]], list[str]]:
    return lambda client, uris: redirects.checked(uris, public=client.public, field=field)


def _seconds(field: str, least: int, most: int) -> Callable[[Client, int], int]:
    def check(client: Client, value: int) -> int:
        if not least <= int(value) <= most:
            raise Invalid(f"Between {least} and {most} seconds.", field=field)
        return int(value)

    return check


def _address(field: str) -> Callable[[Client, str | None], str | None]:
    """An https address that a browser is sent to, or that we send to."""

    def check(client: Client, value: str | None) -> str | None:
        if not value:
            return None
        if not _is_https(value):
            raise Invalid("It begins with https://, and has neither a user name nor a fragment in it.", field=field)
        return value

    return check


def _is_https(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    written = redirects.WRITTEN.fullmatch(value) is not None and len(value) <= LONGEST_URL
    return written and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and "#" not in value


def _addresses(field: str, most: int) -> Callable[[Client, Sequence[str]], list[str]]:
    check = _address(field)

    def check_all(client: Client, values: Sequence[str]) -> list[str]:
        listed = [value for value in dict.fromkeys(each.strip() for each in values) if check(client, value)]
        if len(listed) > most:
            raise Invalid(f"At most {most} addresses of this kind.", field=field)
        return listed

    return check_all


def _texts(field: str, most: int, longest: int) -> Callable[[Client, Sequence[str]], list[str]]:
    def check(client: Client, values: Sequence[str]) -> list[str]:
        listed = list(dict.fromkeys(value.strip() for value in values if value.strip()))
        if len(listed) > most or any(len(value) > longest or "\0" in value for value in listed):
            raise Invalid(f"At most {most}, each of at most {longest} characters.", field=field)
        return listed

    return check


def _optional(check: Callable[[Client, Any], Any]) -> Callable[[Client, Any], Any]:
    return lambda client, value: None if value in (None, "") else check(client, value)


def _signing_alg(client: Client, value: str | None) -> str | None:
    check = _one_of("token_endpoint_auth_signing_alg", (client_keys.HMAC, *client_keys.ALGORITHMS))
    return check(client, value) if value else None


def _request_uris(client: Client, values: Sequence[str]) -> list[str]:
    # A fragment there is the hash of what the address holds (OpenID Connect Core §6.2).
    _addresses("request_uris", 20)(client, [value.partition("#")[0] for value in values])
    if not all(redirects.WRITTEN.fullmatch(value.strip()) and len(value) <= LONGEST_URL for value in values if value.strip()):
        raise Invalid("What follows the # is plain ASCII too, as in the rest of the address.", field="request_uris")
    return list(dict.fromkeys(value.strip() for value in values if value.strip()))


def _scopes(client: Client, values: Sequence[str]) -> list[str]:
    """Ours and the tenant's own; what it has of a field that is gone it may keep, and asks for in vain."""
    own = {field.scope: None for field in user_fields.of_id(client.tenant_id) if field.scope}
    return _some_of("scopes", list(dict.fromkeys([*SCOPES, *own, *(client.scopes or ())])))(client, values)


def _flag(client: Client, value: object) -> bool:
    return bool(value)


def parsed(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings written as `name=value`, for `clients.update`; a list has blanks between its parts. Raises Invalid."""
    return dict(map(_parsed, pairs))


def _parsed(pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    if not equals or name not in CHECKS:
        raise Invalid(f"Write name=value. The settings are {', '.join(CHECKS)}.")
    kind = str(Client.__annotations__[name])
    read = OWN_READINGS.get(name) or next((reading for word, reading in READINGS.items() if word in kind), str)
    try:
        return name, read(text.strip())
    except (ValueError, KeyError):
        raise Invalid(f"{name} is {'true or false' if read is _truth else 'a whole number'}.", field=name) from None


def _truth(text: str) -> bool:
    return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[text.lower()]


# How each kind of column is read from text.
READINGS: dict[str, Callable[[str], Any]] = {
    "list": str.split,
    "dict": str,
    "bool": _truth,
    "int | None": lambda text: int(text) if text else None,
    "int": int,
}
# Some of its parts have a blank inside.
OWN_READINGS: dict[str, Callable[[str], Any]] = {
    "response_types": lambda text: [part for part in text.split(",") if part.strip()]
}
CHECKS: dict[str, Callable[[Client, Any], Any]] = {
    "name": _name,
    "first_party": _flag,
    "logo_url": _address("logo_url"),
    "client_uri": _address("client_uri"),
    "policy_uri": _address("policy_uri"),
    "tos_uri": _address("tos_uri"),
    "contacts": _texts("contacts", 10, 320),
    "profile": _one_of("profile", PROFILES),
    "application_type": _one_of("application_type", (WEB, NATIVE)),
    "subject_type": _one_of("subject_type", (PUBLIC_SUBJECT, PAIRWISE)),
    "sector_identifier_uri": _address("sector_identifier_uri"),
    "redirect_uris": _uris("redirect_uris"),
    "post_logout_redirect_uris": _uris("post_logout_redirect_uris"),
    "scopes": _scopes,
    "grant_types": _grant_types,
    "token_endpoint_auth_method": _one_of("token_endpoint_auth_method", AUTH_METHODS),
    "token_endpoint_auth_signing_alg": _signing_alg,
    "assertion_audience": _one_of("assertion_audience", ASSERTION_AUDIENCES),
    "jwks": lambda client, value: client_keys.checked(value),
    "jwks_uri": lambda client, value: client_keys.checked_uri(value),
    "require_pkce": _flag,
    "require_par": _flag,
    "response_types": _response_types,
    "response_modes": _response_modes,
    "refresh_mode": _one_of("refresh_mode", REFRESH_MODES),
    "refresh_grace_seconds": _seconds("refresh_grace_seconds", 1, 300),
    "id_token_alg": _one_of("id_token_alg", ALGORITHMS),
    "access_token_alg": _one_of("access_token_alg", ALGORITHMS),
    "access_token_seconds": _seconds("access_token_seconds", 30, 86400),
    "refresh_token_seconds": _seconds("refresh_token_seconds", 60, 366 * 86400),
    "refresh_idle_seconds": _optional(_seconds("refresh_idle_seconds", 60, 366 * 86400)),
    "userinfo_signed_response_alg": _optional(_one_of("userinfo_signed_response_alg", ALGORITHMS)),
    "request_object_signing_alg": _optional(
        _one_of("request_object_signing_alg", (*client_keys.ALGORITHMS, client_keys.HMAC, UNSIGNED))
    ),
    "require_signed_request_object": _flag,
    "request_uris": _request_uris,
    "dpop_bound_access_tokens": _flag,
    "default_max_age": _optional(_seconds("default_max_age", 0, 366 * 86400)),
    "require_auth_time": _flag,
    "require_second_factor": _flag,
    "default_acr_values": _texts("default_acr_values", 10, 100),
    "initiate_login_uri": _address("initiate_login_uri"),
    "backchannel_logout_uri": _address("backchannel_logout_uri"),
    "backchannel_logout_session_required": _flag,
    "frontchannel_logout_uri": _address("frontchannel_logout_uri"),
    "frontchannel_logout_session_required": _flag,
    "token_exchange": _some_of("token_exchange", (IMPERSONATION, DELEGATION)),
}
