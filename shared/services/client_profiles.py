"""Profiles: settings of a client that belong together (OAuth 2.1, OpenID Connect, FAPI 2.0, MCP), and the linter over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from shared.models.client import CODE, IMPLICIT, LOOPBACK_ADDRESSES, NATIVE, PRIVATE_KEY_JWT, Client
from shared.services import client_keys

WORDS = {
    "oauth21": "What OAuth 2.1 asks of every application. The right one unless something else is asked for.",
    "openid": "For libraries that know OpenID Connect alone: RS256, and PKCE may be lifted for a server.",
    "fapi2": "The FAPI 2.0 Security Profile, for banks and governments: pushed requests, DPoP, and keys instead of secrets.",
    "mcp": "For clients of MCP servers, which run on people's own machines: no secret, PKCE, rotated refresh tokens.",
}
HOUR, MONTH = 3600, 30 * 86400
FAPI_ALGORITHMS = ("ES256", "PS256", "EdDSA", "Ed25519")
# What a key of this kind signs with, where FAPI 2.0 §5.4.1 leaves one choice.
_ALGORITHM_OF = {"EC": "ES256", "RSA": "PS256", "OKP": "EdDSA"}


@dataclass(frozen=True)
class Finding:
    """A setting that departs from the profile: what it is and should be, why that matters, and what mends it.

    `change` is what a click or a command sets; None where only the client's developers can mend it.
    """

    setting: str
    found: Any
    should: str
    why: str
    mend: str
    change: Any = field(default=None)

    @property
    def written(self) -> str:
        """What it is, written as `should` is."""
        return _written(self.found) if self.found not in (None, []) else "not set"


@dataclass(frozen=True)
class Rule:
    """What a profile asks of one setting. `change` gives what to set for that, or None."""

    setting: str
    holds: Callable[[Client], bool]
    should: str
    why: str
    change: Callable[[Client], Any] = lambda client: None
    mend: str = ""


def lint(client: Client) -> list[Finding]:
    """Each setting of `client` that departs from its profile. Pure: it reads the row and nothing else."""
    return departures(client, client.profile)


def departures(client: Client, profile: str) -> list[Finding]:
    """Each setting of `client` that departs from this profile, whichever is its own."""
    return [_finding(rule, client) for rule in PROFILES[profile] if not rule.holds(client)]


def changes(client: Client, profile: str) -> dict[str, Any]:
    """What makes `client` follow this profile, as far as that can be set here."""
    found = {finding.setting: finding.change for finding in departures(client, profile) if finding.change is not None}
    return {"profile": profile, **found}


def _finding(rule: Rule, client: Client) -> Finding:
    change = rule.change(client)
    mend = rule.mend or f"Set {rule.setting} to {_written(change)}."
    return Finding(rule.setting, getattr(client, rule.setting), rule.should, rule.why, mend, change)


def _written(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)


def _signing_alg(client: Client) -> str | None:
    """What its registered keys sign with, if they are all of one kind."""
    kinds = {jwk.get("kty") for jwk in (client.jwks or {}).get("keys", ())}
    return _ALGORITHM_OF.get(kinds.pop()) if len(kinds) == 1 else None


def _signs(client: Client) -> str | None:
    able = not client.public and (client.jwks or client.jwks_uri) and client.token_endpoint_auth_signing_alg != client_keys.HMAC
    return PRIVATE_KEY_JWT if able else None


def _is_https(uri: str) -> bool:
    return urlsplit(uri).scheme == "https"


def _is_installed(client: Client, uri: str) -> bool:
    """Whether it leads to an application on the person's own machine (RFC 8252 §7)."""
    return client.application_type == NATIVE and (urlsplit(uri).hostname in LOOPBACK_ADDRESSES)


def _is(setting: str, value: Any, why: str) -> Rule:
    words = _written(value)
    return Rule(setting, lambda client: getattr(client, setting) == value, words, why, lambda client: value)


def _with(setting: str, value: str, why: str) -> Rule:
    """The list `setting` has `value` in it."""

    def has(client: Client) -> Sequence[str]:
        return getattr(client, setting)

    return Rule(setting, lambda client: value in has(client), f"with {value}", why, lambda client: [*has(client), value])


PKCE = Rule(
    "require_pkce",
    lambda client: client.pkce_required,
    "true",
    "Without PKCE, whoever slips a stolen code into the application is signed in there as its owner (RFC 9700 §2.1.1, §4.5.3).",
    lambda client: True,
)
ROTATED = Rule(
    "refresh_mode",
    lambda client: not client.public or client.refresh_mode != "keep" or client.dpop_bound_access_tokens,
    "rotate or grace",
    "A public client proves nothing, so a stolen refresh token is noticed only when it is used twice (RFC 9700 §2.2.2, §4.14.2).",
    lambda client: "rotate",
)
BRIEF = Rule(
    "access_token_seconds",
    lambda client: client.access_token_seconds <= HOUR,
    f"at most {HOUR}",
    "Other APIs believe an access token until it expires, also when it was stolen or revoked (RFC 6750 §5.3, RFC 9700 §4.10).",
    lambda client: 600,
)
ENDING = Rule(
    "refresh_token_seconds",
    lambda client: client.refresh_token_seconds <= MONTH or client.refresh_idle_seconds is not None,
    f"at most {MONTH}, or with refresh_idle_seconds",
    "A refresh token that nobody uses any more lies about, and serves whoever finds it (RFC 9700 §4.14.2).",
    lambda client: MONTH,
)
SIGNED = Rule(
    "request_object_signing_alg",
    lambda client: client.request_object_signing_alg != "none",
    "a signature, or left out",
    "An unsigned request object can be written by anybody, like plain parameters, and looks safer than it is (RFC 9101 §10.1).",
    mend="Let the application sign its request objects, or send plain parameters.",
)
CODED = Rule(
    "response_types",
    lambda client: not any(kind in IMPLICIT for kind in client.response_types),
    CODE,
    "A token in an address is read by scripts and extensions and kept in histories, and serves whoever has it (RFC 9700 §2.1.2).",
    lambda client: [CODE],
    mend="Let the application use the code flow with PKCE, then set response_types to code.",
)
EVERYWHERE = (PKCE, CODED, ROTATED, BRIEF, ENDING, SIGNED)
OPENID = (
    _with("scopes", "openid", "Without this scope there is no ID token, and so no login (OpenID Connect Core §3.1.2.1)."),
    _with("grant_types", "authorization_code", "People sign in by the code flow (OpenID Connect Core §3.1)."),
    CODED,
    _is("id_token_alg", "RS256", "Every OpenID Connect library knows it; some know nothing else (OpenID Connect Core §15.1)."),
    ROTATED,
    BRIEF,
    ENDING,
    SIGNED,
)
FAPI2 = (
    Rule(
        "client_type",
        lambda client: not client.public,
        "confidential",
        "A public client cannot prove that it is the one that asks (FAPI 2.0 Security Profile §5.3.2.1).",
        mend="Register a confidential client: the type of this one cannot be changed.",
    ),
    Rule(
        "token_endpoint_auth_method",
        lambda client: client.token_endpoint_auth_method == PRIVATE_KEY_JWT,
        PRIVATE_KEY_JWT,
        "A secret is in two places and is sent each time; a private key never leaves (FAPI 2.0 Security Profile §5.3.2.1).",
        _signs,
        mend="Register its public keys, or the address where they are, and choose private_key_jwt.",
    ),
    Rule(
        "token_endpoint_auth_signing_alg",
        lambda client: client.token_endpoint_auth_signing_alg in FAPI_ALGORITHMS,
        ", ".join(FAPI_ALGORITHMS),
        "RS256 has a padding that has been broken before (FAPI 2.0 Security Profile §5.4.1).",
        _signing_alg,
        mend="Choose the algorithm that the application signs with: ES256, PS256 or EdDSA.",
    ),
    _is(
        "assertion_audience",
        "issuer",
        "An assertion for an endpoint's address can be asked for by a false server (FAPI 2.0 Security Profile §5.3.2.1).",
    ),
    _is(
        "require_par", True, "What passes through the browser can be read and changed there (FAPI 2.0 Security Profile §5.3.2.2)."
    ),
    PKCE,
    CODED,
    _is(
        "dpop_bound_access_tokens",
        True,
        "A stolen token must be worth nothing without the key that it is bound to (FAPI 2.0 Security Profile §5.3.2.1).",
    ),
    _is("id_token_alg", "ES256", "RS256 is not among its algorithms (FAPI 2.0 Security Profile §5.4.1)."),
    _is("access_token_alg", "ES256", "RS256 is not among its algorithms (FAPI 2.0 Security Profile §5.4.1)."),
    _is(
        "refresh_mode",
        "keep",
        "Its refresh tokens are bound already; rotation loses logins and protects nothing (FAPI 2.0 Security Profile §5.3.2.1).",
    ),
    Rule(
        "redirect_uris",
        lambda client: all(_is_https(uri) or _is_installed(client, uri) for uri in client.redirect_uris),
        "https, or loopback for an installed application",
        "A code that travels in the clear can be taken on its way (FAPI 2.0 Security Profile §5.3.2.2).",
        mend="Give the application an https address to return to.",
    ),
    BRIEF,
    ENDING,
    SIGNED,
)
MCP = (
    Rule(
        "token_endpoint_auth_method",
        lambda client: client.token_endpoint_auth_method in ("none", PRIVATE_KEY_JWT),
        f"none or {PRIVATE_KEY_JWT}",
        "Many people install such a client: a secret that each copy has is no secret (RFC 8252 §8.5; MCP, Authorization).",
        _signs,
        mend="Register a public client, or one that signs with a key of its own.",
    ),
    _with("grant_types", "authorization_code", "People sign in by the code flow (Model Context Protocol, Authorization)."),
    *EVERYWHERE,
)
# The rules of each profile, in the order in which they are told.
PROFILES: dict[str, tuple[Rule, ...]] = {"oauth21": EVERYWHERE, "openid": OPENID, "fapi2": FAPI2, "mcp": MCP}
