"""The JWT bearer grant (RFC 7523 §2.1, §3): an issuer that an operator trusts vouches for a person."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from auth_service.protocol import access_token, resource_indicators, signed_jwt
from auth_service.protocol.access_token import Target, audience
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from auth_service.protocol.signed_jwt import SignedJwt
from shared.kit import clock
from shared.models.authorization import SESSION
from shared.models.client import Client
from shared.models.scope import parse
from shared.models.trusted_issuer import TrustedIssuer
from shared.models.user import User
from shared.services import authorizations, client_keys, trusted_issuers, user_fields
from shared.services.client_settings import JWT_BEARER
from shared.web import tenancy

TYPES = ("jwt", "authorization-grant+jwt")
LONGEST_AHEAD = 3600 + 60  # seconds
FAST_CLOCK = 30  # seconds
LONGEST_JTI = 300
# Nobody showed a password to us.
ACR = SESSION


class JwtBearerGrant(Grant):
    """Gives an access token for an assertion, and nothing else: there is no login of ours to tell of, and none to renew."""

    GRANT_TYPE = JWT_BEARER

    def redeem(self) -> None:
        """Use the assertion up."""
        checks.check_confidential(self.client)
        checks.check_verified(self.client)
        unverified = parsed(checks.needed(self.params, "assertion", "RFC 7521 §4.1"))
        issuer = check_issuer(self.client, unverified)
        for rule in RULES:
            rule(issuer, unverified)
        person = check_person(issuer, unverified)
        self.target, resources, scopes = aim(self.client, issuer, self.params)
        self.authorization_id = _accept(self.client, issuer, person, unverified, scopes, resources)

    def answer(self) -> dict[str, Any]:
        """The token (RFC 7521 §4.1, RFC 6749 §5.1)."""
        of, user = authorizations.run_of(self.authorization_id)
        made = access_token.make(tenancy.tenant(), self.client, user, of, target=self.target, acr=ACR)
        return {"access_token": made, "expires_in": self.target.seconds, "scope": " ".join(self.target.scopes)}


def aim(client: Client, issuer: TrustedIssuer, params: dict[str, str]) -> tuple[Target, list[str], list[str]]:
    """What the token is for, the resources that it names, and the scopes: those that the issuer, the client and they all have."""
    named = resource_indicators.read(params)
    foreign = resource_indicators.admitted(client, named)
    offered = [scope for resource in foreign for scope in resource.scopes]
    if len(foreign) < len(named) or not named:
        offered += [scope for scope in user_fields.scopes(tenancy.tenant()) if scope in client.scopes]
    held = [scope for scope in issuer.scopes if scope in offered]
    asked = parse(params.get("scope")) or held
    check_scope(asked, held)
    chosen = named or [audience(tenancy.issuer())]
    return resource_indicators.target(client, chosen, foreign, asked), named, asked


def parsed(unverified: str) -> SignedJwt:
    """The assertion is a signed JWT (RFC 7523 §3)."""
    found = signed_jwt.parse(unverified)
    if found is None:
        raise _refused("a signed JWT in three parts", "something else", "Send the JWT in its compact form.")
    return found


def check_issuer(client: Client, unverified: SignedJwt) -> TrustedIssuer:
    """An operator trusts its issuer, and lets this client bring its word (RFC 7523 §3, item 1)."""
    named = unverified.claims.get("iss")
    issuer = trusted_issuers.find(tenancy.tenant(), named) if isinstance(named, str) else None
    if issuer is None or (issuer.clients is not None and client.client_id not in issuer.clients):
        raise _refused(
            "an issuer that is trusted here, by a client that may bring its word",
            named,
            "Add the issuer in the dashboard, letter by letter as in iss, or add the client to it.",
        )
    return issuer


def check_header(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """The header brings no key, asks for nothing special, and is not that of another kind of JWT (RFC 8725 §3.10, §3.11)."""
    if found := signed_jwt.strange_headers(unverified, TYPES):
        raise _refused(
            f"a header with alg and kid, its typ one of {TYPES}", found, "Leave these out of the header.", "RFC 8725 §3.10, §3.11"
        )


def check_alg(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """It is signed with a private key (RFC 8725 §3.1): there is no secret that we share with an issuer."""
    if unverified.alg not in client_keys.ALGORITHMS:
        raise _refused(tuple(client_keys.ALGORITHMS), unverified.alg, "Sign with one of these.", "RFC 8725 §3.1; RFC 7523 §5")


def check_audience(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """It was made for us: our issuer, or the token endpoint (RFC 7523 §3, item 3)."""
    aud = unverified.claims.get("aud")
    ours = [tenancy.issuer(), f"{tenancy.issuer()}/token"]
    if not any(each in ours for each in (aud if isinstance(aud, list) else [aud])):
        raise _refused(ours, aud, "Put our issuer into aud.")


def check_times(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """It ends, not yet and before long, and has begun (RFC 7523 §3, items 4 to 6)."""
    now, exp = clock.timestamp(), unverified.moment("exp")
    if exp is None or not now < exp <= now + LONGEST_AHEAD:
        expected = f"exp from now to {LONGEST_AHEAD} seconds ahead"
        raise _refused(expected, unverified.claims.get("exp"), "Let it live for minutes; compare the clocks.")
    for name in ("iat", "nbf"):
        moment = unverified.moment(name)
        if name in unverified.claims and (moment is None or moment > now + FAST_CLOCK):
            raise _refused(f"{name} at most {FAST_CLOCK} seconds ahead", unverified.claims[name], "Compare the clocks of both.")


def check_id(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """It has an id, so that it serves once (RFC 7523 §3, item 7)."""
    jti = unverified.claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise _refused(f"a jti of at most {LONGEST_JTI} characters", jti, "Give each assertion an id of its own.")


def check_signature(issuer: TrustedIssuer, unverified: SignedJwt) -> None:
    """It is signed with a key of its issuer (RFC 7523 §3, item 9)."""
    kid = unverified.header.get("kid")
    keys = client_keys.find(issuer, alg=unverified.alg, kid=None if kid is None else str(kid))
    if not signed_jwt.is_signed(unverified, keys):
        came = "another signature" if keys else f"no key that fits kid {kid}"
        raise _refused(f"a signature by {unverified.alg} with a key of the issuer", came, "Register the keys of the issuer.")


# In order: what costs nothing first.
RULES = (check_header, check_alg, check_audience, check_times, check_id, check_signature)


def check_person(issuer: TrustedIssuer, unverified: SignedJwt) -> User:
    """It is about somebody who has an account here; none is ever made (RFC 7523 §3, item 2)."""
    sub = unverified.claims.get("sub")
    found = trusted_issuers.find_person(tenancy.tenant(), issuer, sub) if isinstance(sub, str) else None
    if found is None:
        what = "the verified e-mail address" if issuer.subject_is == "email" else "the id"
        raise _refused(f"{what} of an active account", sub, "Make the account first, or change what the sub of this issuer is.")
    return found


def check_scope(asked: Sequence[str], held: Sequence[str]) -> None:
    """No scope is asked for that the issuer's word does not buy, or that means nothing to the target (RFC 7521 §4.1)."""
    if wider := [scope for scope in asked if scope not in held]:
        raise ProtocolError(
            "invalid_scope",
            "A scope is asked for that this issuer may not give, or that is not of the resource named.",
            section="RFC 7521 §4.1; RFC 6749 §3.3",
            expected=held,
            came=wider,
            mend="Leave scope out to get all, or add the scope to the issuer in the dashboard.",
        )


def _accept(
    client: Client, issuer: TrustedIssuer, person: User, unverified: SignedJwt, scopes: list[str], resources: list[str]
) -> UUID:
    """The authorization that it buys: it comes for the first time, on every node and through restarts (RFC 7523 §3)."""
    jti, until = unverified.claims["jti"], datetime.fromtimestamp(float(unverified.claims["exp"]), UTC)
    try:
        return trusted_issuers.accept(issuer, client, person, jti=jti, until=until, scopes=scopes, resources=resources)
    except trusted_issuers.SeenBefore:
        raise _refused("a jti that never came before", jti, "Make a new assertion for each request.") from None


def _refused(expected: object, came: object, mend: str, section: str = "RFC 7523 §3") -> ProtocolError:
    return ProtocolError("invalid_grant", "The assertion is not valid.", section=section, expected=expected, came=came, mend=mend)
