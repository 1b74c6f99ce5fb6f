"""Client authentication by a signed JWT: private_key_jwt and client_secret_jwt (RFC 7523 §2.2, §3; OpenID Connect Core §9)."""

import math
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import request
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, OctKey
from joserfc.util import urlsafe_b64decode

from auth_service.protocol.errors import ClientAuthError
from shared.kit import clock
from shared.models.client import CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, Client
from shared.services import client_keys, clients, marks
from shared.web import tenancy

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = (*client_keys.ALGORITHMS, client_keys.HMAC)
# Clients call Ed25519 by its older name for a while yet (RFC 9864 §4.1.2), and the log is for our own lines.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
# They would let the sender choose the key, or ask for what we do not do (RFC 8725 §3.10, RFC 7515 §4.1.11).
REFUSED_HEADERS = ("jwk", "jku", "x5u", "crit", "zip", "b64")
TYPES = ("jwt", "client-authentication+jwt")
# As far ahead as common libraries sign; a replay is known for as long.
LONGEST_AHEAD = 3600 + 60  # seconds
# FAPI 2.0 Security Profile §5.3.2.1: 10 seconds must be accepted, 60 refused.
FAST_CLOCK = 30  # seconds
LONGEST_JTI = 300


@dataclass(frozen=True)
class Assertion:
    """A client assertion as it came: nothing in it is verified."""

    compact: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def client_id(self) -> str:
        return self.claims["sub"]

    @property
    def method(self) -> str:
        return CLIENT_SECRET_JWT if str(self.header.get("alg")).startswith("HS") else PRIVATE_KEY_JWT


def read(params: dict[str, str]) -> Assertion | None:
    """The assertion in a request, which names its client; None when there is none. Raises ClientAuthError."""
    if "client_assertion" not in params and "client_assertion_type" not in params:
        return None
    check_type(params)
    unverified = parsed(params.get("client_assertion", ""))
    check_client(unverified, params)
    return unverified


def verify(client: Client, unverified: Assertion) -> None:
    """The assertion was made by `client`, for us, now, and comes for the first time. Raises ClientAuthError."""
    for rule in RULES:
        rule(client, unverified)


def parsed(unverified: str) -> Assertion:
    """The assertion is a signed JWT (RFC 7523 §3)."""
    try:
        head, body, _ = unverified.split(".")
        header, claims = (orjson.loads(urlsafe_b64decode(part.encode())) for part in (head, body))
        if isinstance(header, dict) and isinstance(claims, dict):
            return Assertion(unverified, header, claims)
    except (ValueError, RecursionError):
        pass
    raise _refused("a signed JWT in three parts", "something else", "Send the JWT in its compact form.", "RFC 7523 §3")


def check_type(params: dict[str, str]) -> None:
    """The assertion is said to be a JWT (RFC 7521 §4.2, RFC 7523 §2.2)."""
    came = params.get("client_assertion_type")
    if came != TYPE:
        raise _refused(TYPE, came or "none", f"Send client_assertion_type={TYPE}.", "RFC 7523 §2.2")


def check_client(unverified: Assertion, params: dict[str, str]) -> None:
    """Issuer and subject are the client, and so is client_id where it is sent (RFC 7523 §3, RFC 7521 §4.2)."""
    named = [unverified.claims.get("iss"), unverified.claims.get("sub"), params.get("client_id", unverified.claims.get("sub"))]
    if not isinstance(named[1], str) or any(name != named[1] for name in named):
        raise _refused("iss, sub and client_id alike", named, "Put the client_id into both iss and sub.", "RFC 7523 §3")


def check_header(client: Client, unverified: Assertion) -> None:
    """The header brings no key, asks for nothing special, and is not that of another kind of JWT (RFC 8725 §3.10, §3.11)."""
    found = [name for name in REFUSED_HEADERS if name in unverified.header]
    kind = str(unverified.header.get("typ", "JWT")).lower().removeprefix("application/")
    if found or kind not in TYPES:
        raise _refused(
            f"a header with alg and kid, its typ one of {TYPES}",
            found or kind,
            "Leave these out of the header; keys are registered in the client's settings.",
            "RFC 8725 §3.10, §3.11",
        )


def check_alg(client: Client, unverified: Assertion) -> None:
    """The algorithm is one that the client may sign with (OpenID Connect Core §9, RFC 8725 §3.1)."""
    registered = client.token_endpoint_auth_signing_alg
    allowed = (registered,) if registered else client_keys.SIGNED_WITH.get(client.token_endpoint_auth_method, ())
    if unverified.header.get("alg") not in allowed:
        raise _refused(
            allowed,
            unverified.header.get("alg"),
            "Sign with one of these, or change the algorithm in the client's settings.",
            "OpenID Connect Core §9",
        )


def check_audience(client: Client, unverified: Assertion) -> None:
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


def check_expiry(client: Client, unverified: Assertion) -> None:
    """It ends, not yet, and before long (RFC 7523 §3)."""
    exp = _moment(unverified, "exp")
    if exp is None or not clock.timestamp() < exp <= clock.timestamp() + LONGEST_AHEAD:
        expected = f"a time from now to {LONGEST_AHEAD} seconds ahead"
        raise _refused(expected, unverified.claims.get("exp"), "Let it live a minute; compare the clocks.", "RFC 7523 §3")


def check_begin(client: Client, unverified: Assertion) -> None:
    """It was not made in the future, but for a clock that is a little fast (RFC 7523 §3)."""
    for name in ("iat", "nbf"):
        moment = _moment(unverified, name)
        late = moment is None if name in unverified.claims else False
        if late or (moment or 0) > clock.timestamp() + FAST_CLOCK:
            expected = f"{name} at most {FAST_CLOCK} seconds ahead"
            raise _refused(expected, unverified.claims.get(name), "Compare the clocks of both.", "RFC 7523 §3")


def check_signature(client: Client, unverified: Assertion) -> None:
    """It is signed with a key of the client (RFC 7523 §3)."""
    alg = unverified.header["alg"]
    keys = _keys(client, unverified)
    if not any(_signed(unverified, key, alg) for key in keys):
        came = f"no key that fits kid {unverified.header.get('kid')}" if not keys else "another signature"
        mend = "Register the public keys, or publish them at jwks_uri; for client_secret_jwt, make a new secret."
        raise _refused(f"a signature by {alg} with a key of the client", came, mend, "RFC 7523 §3")


def check_first_time(client: Client, unverified: Assertion) -> None:
    """It has an id, and comes for the first time, on every node and through restarts (OpenID Connect Core §9, RFC 7523 §3)."""
    jti = unverified.claims.get("jti")
    until = datetime.fromtimestamp(float(unverified.claims["exp"]), UTC)
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise _refused("a jti", jti, "Give each assertion an id of its own.", "OpenID Connect Core §9")
    if not marks.spend(marks.ASSERTION, f"{client.id} {jti}", until=until):
        raise _refused("a jti that never came before", jti, "Make a new assertion for each request.", "RFC 7523 §3")


# In order: what costs nothing first, and the one thing that is written when all the rest is right.
RULES = (check_header, check_alg, check_audience, check_expiry, check_begin, check_signature, check_first_time)


def _keys(client: Client, unverified: Assertion) -> list[Key]:
    if client.token_endpoint_auth_method == CLIENT_SECRET_JWT:
        secret = clients.sealed_secret(client)
        return [OctKey.import_key(secret)] if secret else []
    kid = unverified.header.get("kid")
    return client_keys.find(client, alg=unverified.header["alg"], kid=None if kid is None else str(kid))


def _signed(unverified: Assertion, key: Key, alg: str) -> bool:
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    # A chain of certificates may be in it, which nobody reads.
    registry.max_header_length = len(unverified.compact)
    try:
        jws.deserialize_compact(unverified.compact, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        return False
    return True


def _moment(unverified: Assertion, name: str) -> float | None:
    value = unverified.claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def _refused(expected: object, came: object, mend: str, section: str) -> ClientAuthError:
    return ClientAuthError("Client authentication failed.", section=section, expected=expected, came=came, mend=mend)
