"""Request objects: an authorization request in a JWT, by value or by its address (RFC 9101; OpenID Connect Core §6)."""

from typing import Any
from urllib.parse import urlsplit

import orjson

from auth_service.protocol import parameters, signed_jwt
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.signed_jwt import SignedJwt
from shared.kit import clock, fetch
from shared.models.client import Client
from shared.models.scope import parse
from shared.services import client_keys, documents, guesses
from shared.services.client_settings import UNSIGNED
from shared.web import tenancy

# What a client may sign with unasked; HMAC and no signature at all are for those that registered them.
ALGORITHMS = tuple(client_keys.ALGORITHMS)
TYPES = ("jwt", "oauth-authz-req+jwt")
ACCEPTS = "application/oauth-authz-req+jwt, application/jwt, application/jose, */*;q=0.1"
FAST_CLOCK = 30  # seconds
# They are about the JWT itself, and no part of what is asked.
ABOUT_ITSELF = {"iss", "aud", "exp", "nbf", "iat", "jti", "sub"}
NESTED = ("request", "request_uri")


def brought(client: Client, outside: dict[str, str]) -> dict[str, str] | None:
    """The parameters in the request object that came with, or at the address in, a request; None without one.

    Raises ProtocolError.
    """
    check_one(outside)
    if "request" in outside:
        parameters.check_writable("request", outside["request"])
        return opened(client, outside["request"], outside)
    if "request_uri" in outside:
        check_registered(client, outside["request_uri"])
        return opened(client, fetched(client, outside["request_uri"]), outside)
    return None


def opened(client: Client, unverified: str, outside: dict[str, str]) -> dict[str, str]:
    """The parameters in a request object, after every rule about it. Raises ProtocolError."""
    found = parsed(unverified)
    for rule in RULES:
        rule(client, found)
    check_agrees(client, found, outside)
    return {name: text for name, value in found.claims.items() if (text := _parameter(name, value)) is not None}


def merged(client: Client, outside: dict[str, str], inside: dict[str, str] | None) -> dict[str, str]:
    """The request as a whole: what stands inside wins; of what stands outside, the rest, if it is an OpenID request.

    RFC 9101 §5 has only what stands inside, OpenID Connect Core §6.1 both; by its scope and response_type outside, which that
    section demands, a request shows that it is of the second kind.
    """
    if inside is None:
        return outside
    kept = outside if _is_openid(outside) and not client.require_signed_request_object else {}
    return {**{name: value for name, value in kept.items() if name not in NESTED}, **inside, "client_id": client.client_id}


def check_one(outside: dict[str, str]) -> None:
    """A request has one object, by value or by reference (RFC 9101 §5, OpenID Connect Core §6.1, §6.2)."""
    if all(name in outside for name in NESTED):
        raise ProtocolError(
            "invalid_request",
            "The parameters request and request_uri are not used together.",
            section="RFC 9101 §5",
            expected="request or request_uri",
            came="both",
            mend="Send the request object itself, or its address.",
        )


def check_registered(client: Client, unverified_uri: str) -> None:
    """The client registered this very address, but for the fragment, before we ask there (OpenID Connect Core §6.2)."""
    known = [uri.partition("#")[0] for uri in client.request_uris]
    if unverified_uri.partition("#")[0] not in known:
        raise ProtocolError(
            "invalid_request_uri" if known else "request_uri_not_supported",
            "This request_uri is not one that the client registered.",
            section="OpenID Connect Core §6.2, RFC 9101 §10.4",
            expected=known,
            came=unverified_uri,
            mend="Register the address in the client's request_uris, or push the request to /par.",
        )


def fetched(client: Client, registered_uri: str) -> str:
    """The request object at an address, fetched anew: its fragment is for those who keep it (OpenID Connect Core §6.2).

    Raises ProtocolError, and TooMany where whoever registered itself would have us ask somebody's host again and again.
    """
    if not client.verified:
        guesses.take_fetch(urlsplit(registered_uri).hostname or "")
    try:
        body = documents.get(registered_uri, accept=ACCEPTS).body
    except fetch.FetchFailed:
        raise ProtocolError(
            "invalid_request_uri",
            "The request_uri could not be fetched.",
            section="RFC 9101 §5.2.3, §7",
            expected="a request object over https",
            came="no answer",
            mend="Serve it over https at a public address.",
        ) from None
    return body.decode("ascii", "replace").strip()


def parsed(unverified: str) -> SignedJwt:
    """The request object is a JWT (RFC 9101 §4)."""
    found = signed_jwt.parse(unverified)
    if found is None:
        raise _refused("a JWT in three parts", "something else", "Send the JWT in its compact form.", "RFC 9101 §4")
    return found


def check_header(client: Client, unverified: SignedJwt) -> None:
    """The header brings no key, asks for nothing special, and is not that of another kind of JWT (RFC 9101 §10.8)."""
    if found := signed_jwt.strange_headers(unverified, TYPES):
        mend = "Leave these out of the header; keys are registered in the client's settings."
        raise _refused(f"a header with alg and kid, its typ one of {TYPES}", found, mend, "RFC 9101 §10.8, RFC 8725 §3.10")


def check_alg(client: Client, unverified: SignedJwt) -> None:
    """It is signed as the client registered, and unsigned only where it registered that (RFC 9101 §6.2, §10.1)."""
    registered = client.request_object_signing_alg
    allowed = client_keys.names_of(registered) if registered else ALGORITHMS
    if unverified.header.get("alg") not in allowed or (unverified.alg == UNSIGNED and client.require_signed_request_object):
        mend = "Sign with one of these, or register another request_object_signing_alg."
        raise _refused(allowed, unverified.alg, mend, "RFC 9101 §6.2, §10.1")


def check_signature(client: Client, unverified: SignedJwt) -> None:
    """It is signed with a key of the client (RFC 9101 §6.2); what is said to be unsigned has no signature (RFC 7515 §A.5)."""
    if unverified.alg == UNSIGNED:
        right = not unverified.signature
    else:
        right = signed_jwt.is_signed(unverified, signed_jwt.keys_of(client, unverified))
    if not right:
        mend = "Register the public keys, or publish them at jwks_uri; for HS256, make a new secret."
        raise _refused(f"a signature by {unverified.alg} with a key of the client", "another", mend, "RFC 9101 §6.2")


def check_client(client: Client, unverified: SignedJwt) -> None:
    """The client that signs is the one that asks (RFC 9101 §5, §6.3)."""
    named = [unverified.claims.get(name, client.client_id) for name in ("iss", "client_id")]
    # As the subject of a JWT that a client signs it would be an assertion of that client (RFC 9101 §10.8).
    if named != [client.client_id] * 2 or unverified.claims.get("sub") == client.client_id:
        mend = "Put the client_id into iss and client_id, and leave sub out."
        raise _refused("iss and client_id of the client, and no sub", [*named, unverified.claims.get("sub")], mend, "RFC 9101 §5")


def check_audience(client: Client, unverified: SignedJwt) -> None:
    """It was made for us, where it says for whom (RFC 9101 §4, OpenID Connect Core §6.1)."""
    aud, issuer = unverified.claims.get("aud"), tenancy.issuer()
    if aud is not None and issuer not in (aud if isinstance(aud, list) else [aud]):
        raise _refused(issuer, aud, "Put the issuer into aud.", "RFC 9101 §4")


def check_times(client: Client, unverified: SignedJwt) -> None:
    """It has begun and has not ended, where it says when (RFC 9101 §4, RFC 7519 §4.1.4, §4.1.5)."""
    now = clock.timestamp()
    for name in ("exp", "nbf", "iat"):
        moment = unverified.moment(name)
        wrong = name in unverified.claims if moment is None else (moment <= now if name == "exp" else moment > now + FAST_CLOCK)
        if wrong:
            mend = "Make a new object for each request; compare the clocks."
            raise _refused(f"{name} around {now}", unverified.claims[name], mend, "RFC 9101 §4")


def check_not_nested(client: Client, unverified: SignedJwt) -> None:
    """A request object has no other inside (RFC 9101 §4)."""
    if found := [name for name in NESTED if name in unverified.claims]:
        raise _refused("the parameters themselves", found, "Put the parameters into one object.", "RFC 9101 §4")


# In order: what costs nothing first, and then the signature; nothing inside is used before.
RULES = (check_header, check_alg, check_client, check_audience, check_times, check_not_nested, check_signature)


def check_agrees(client: Client, verified: SignedJwt, outside: dict[str, str]) -> None:
    """Of an OpenID request the response_type is alike outside; any other names its client inside (OpenID Connect Core §6.1)."""
    if not _is_openid(outside):
        right = "client_id" in verified.claims
    else:
        inside = verified.claims.get("response_type", outside["response_type"])
        # The order of its words does not matter (OAuth Multiple Response Types §5).
        right = sorted(str(inside).split()) == sorted(outside["response_type"].split())
    if not right:
        mend = "Put client_id and response_type into the object, as they are outside."
        raise _refused("client_id and response_type as outside", "others", mend, "RFC 9101 §5, OpenID Connect Core §6.1")


def check_brought(client: Client, params: dict[str, str], inside: dict[str, str] | None) -> None:
    """Who must sign its requests did (RFC 9101 §10.5)."""
    if client.require_signed_request_object and inside is None:
        raise ProtocolError(
            "invalid_request",
            "This client must send signed request objects.",
            section="RFC 9101 §10.5",
            expected="the parameter request",
            came=sorted(params),
            mend="Sign the request, or lift the rule in the client's settings.",
        )


def _is_openid(outside: dict[str, str]) -> bool:
    return "response_type" in outside and "openid" in parse(outside.get("scope"))


def _parameter(name: str, value: Any) -> str | None:
    """A claim as the parameter that it stands for (RFC 9101 §4); None for what is none."""
    if name in ABOUT_ITSELF or value is None:
        return None
    listed = value if name in parameters.REPEATABLE and isinstance(value, list) else [value]
    texts = [each if isinstance(each, str) else orjson.dumps(each).decode() for each in listed]
    if name in parameters.REPEATABLE:
        parameters.check_targets(texts)
    text = " ".join(texts)
    parameters.check_writable(name, text)
    return text or None


def _refused(expected: object, came: object, mend: str, section: str) -> ProtocolError:
    words = "The request object is not valid."
    return ProtocolError("invalid_request_object", words, section=section, expected=expected, came=came, mend=mend)
