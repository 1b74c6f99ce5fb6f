"""Client authentication by a signed JWT: private_key_jwt and client_secret_jwt (RFC 7523 §2.2, §3; OpenID Connect Core §9)."""

from datetime import UTC, datetime

from flask import request

from auth_service.protocol import signed_jwt
from auth_service.protocol.errors import ClientAuthError
from auth_service.protocol.signed_jwt import SignedJwt
from shared.kit import clock
from shared.models.client import CLIENT_SECRET_JWT, FAPI2, PRIVATE_KEY_JWT, Client
from shared.services import client_keys, marks
from shared.web import tenancy

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = (*client_keys.ALGORITHMS, client_keys.HMAC)
TYPES = ("jwt", "client-authentication+jwt")
# As far ahead as common libraries sign; a replay is known for as long.
LONGEST_AHEAD = 3600 + 60  # seconds
# FAPI 2.0 Security Profile §5.3.2.1: 10 seconds must be accepted, 60 refused.
FAST_CLOCK = 30  # seconds
LONGEST_JTI = 300


def method_of(unverified: SignedJwt) -> str:
    """The method of client authentication that an assertion is."""
    return CLIENT_SECRET_JWT if unverified.alg.startswith("HS") else PRIVATE_KEY_JWT


def read(params: dict[str, str]) -> SignedJwt | None:
    """The assertion in a request, which names its client; None when there is none. Raises ClientAuthError."""
    if "client_assertion" not in params and "client_assertion_type" not in params:
        return None
    check_type(params)
    unverified = parsed(params.get("client_assertion", ""))
    check_client(unverified, params)
    return unverified


def verify(client: Client, unverified: SignedJwt) -> None:
    """The assertion was made by `client`, for us, now, and comes for the first time. Raises ClientAuthError."""
    for rule in RULES:
        rule(client, unverified)


def parsed(unverified: str) -> SignedJwt:
    """The assertion is a signed JWT (RFC 7523 §3)."""
    found = signed_jwt.parse(unverified)
    if found is None:
        raise _refused("a signed JWT in three parts", "something else", "Send the JWT in its compact form.", "RFC 7523 §3")
    return found


def check_type(params: dict[str, str]) -> None:
    """The assertion is said to be a JWT (RFC 7521 §4.2, RFC 7523 §2.2)."""
    came = params.get("client_assertion_type")
    if came != TYPE:
        raise _refused(TYPE, came or "none", f"Send client_assertion_type={TYPE}.", "RFC 7523 §2.2")


def check_client(unverified: SignedJwt, params: dict[str, str]) -> None:
    """Issuer and subject are the client, and so is client_id where it is sent (RFC 7523 §3, RFC 7521 §4.2)."""
    named = [unverified.claims.get("iss"), unverified.claims.get("sub"), params.get("client_id", unverified.claims.get("sub"))]
    if not isinstance(named[1], str) or any(name != named[1] for name in named):
        raise _refused("iss, sub and client_id alike", named, "Put the client_id into both iss and sub.", "RFC 7523 §3")


def check_header(client: Client, unverified: SignedJwt) -> None:
    """The header brings no key, asks for nothing special, and is not that of another kind of JWT (RFC 8725 §3.10, §3.11)."""
    if found := signed_jwt.strange_headers(unverified, TYPES):
        raise _refused(
            f"a header with alg and kid, its typ one of {TYPES}",
            found,
            "Leave these out of the header; keys are registered in the client's settings.",
            "RFC 8725 §3.10, §3.11",
        )


def check_alg(client: Client, unverified: SignedJwt) -> None:
    """The algorithm is one that the client may sign with (OpenID Connect Core §9, RFC 8725 §3.1, FAPI 2.0 §5.4.1)."""
    registered = client.token_endpoint_auth_signing_alg
    allowed = (
        client_keys.names_of(registered) if registered else client_keys.SIGNED_WITH.get(client.token_endpoint_auth_method, ())
    )
    if client.profile == FAPI2:
        allowed = tuple(alg for alg in allowed if alg in client_keys.STRICT)
    if unverified.header.get("alg") not in allowed:
        raise _refused(
            allowed,
            unverified.header.get("alg"),
            "Sign with one of these, or change the algorithm in the client's settings.",
            "OpenID Connect Core §9",
        )


def check_audience(client: Client, unverified: SignedJwt) -> None:
    """It was made for us (RFC 7523 §3, RFC 9126 §2; FAPI 2.0 Security Profile §5.3.2.1: the issuer as one string)."""
    aud, issuer = unverified.claims.get("aud"), tenancy.issuer()
    if client.assertion_audience == "issuer":
        ours = [issuer]
        right = aud == issuer
    else:
        ours = [issuer, f"{issuer}/token", f"{issuer}{request.path}"]
        right = any(each in ours for each in (aud if isinstance(aud, list) else [aud]))
    if not right:
        raise _refused(ours, aud, "Put the issuer into aud, as one string.", "RFC 7523 §3")


def check_expiry(client: Client, unverified: SignedJwt) -> None:
    """It ends, not yet, and before long (RFC 7523 §3)."""
    exp = unverified.moment("exp")
    if exp is None or not clock.timestamp() < exp <= clock.timestamp() + LONGEST_AHEAD:
        expected = f"a time from now to {LONGEST_AHEAD} seconds ahead"
        raise _refused(expected, unverified.claims.get("exp"), "Let it live a minute; compare the clocks.", "RFC 7523 §3")


def check_begin(client: Client, unverified: SignedJwt) -> None:
    """It was not made in the future, but for a clock that is a little fast (RFC 7523 §3)."""
    for name in ("iat", "nbf"):
        moment = unverified.moment(name)
        late = moment is None if name in unverified.claims else False
        if late or (moment or 0) > clock.timestamp() + FAST_CLOCK:
            expected = f"{name} at most {FAST_CLOCK} seconds ahead"
            raise _refused(expected, unverified.claims.get(name), "Compare the clocks of both.", "RFC 7523 §3")


def check_signature(client: Client, unverified: SignedJwt) -> None:
    """It is signed with a key of the client (RFC 7523 §3)."""
    keys = signed_jwt.keys_of(client, unverified)
    if not signed_jwt.is_signed(unverified, keys):
        came = f"no key that fits kid {unverified.header.get('kid')}" if not keys else "another signature"
        mend = "Register the public keys, or publish them at jwks_uri; for client_secret_jwt, make a new secret."
        raise _refused(f"a signature by {unverified.alg} with a key of the client", came, mend, "RFC 7523 §3")


def check_first_time(client: Client, unverified: SignedJwt) -> None:
    """It has an id, and comes for the first time, on every node and through restarts (OpenID Connect Core §9, RFC 7523 §3)."""
    jti = unverified.claims.get("jti")
    until = datetime.fromtimestamp(float(unverified.claims["exp"]), UTC)
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise _refused("a jti", jti, "Give each assertion an id of its own.", "OpenID Connect Core §9")
    if not marks.spend(marks.ASSERTION, f"{client.id} {jti}", until=until):
        raise _refused("a jti that never came before", jti, "Make a new assertion for each request.", "RFC 7523 §3")


# In order: what costs nothing first, and the one thing that is written when all the rest is right.
RULES = (check_header, check_alg, check_audience, check_expiry, check_begin, check_signature, check_first_time)


def _refused(expected: object, came: object, mend: str, section: str) -> ClientAuthError:
    return ClientAuthError("Client authentication failed.", section=section, expected=expected, came=came, mend=mend)
