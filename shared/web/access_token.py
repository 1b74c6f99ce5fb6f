"""What makes a JWT an access token of ours to believe (RFC 9068 §4, RFC 8725): pure, but for `find_key`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from shared.models import scope
from shared.services import authorizations
from shared.web.jwks_source import ALGORITHMS

TYPES = ("at+jwt", "application/at+jwt")
LONGEST_TOKEN = 8192  # characters
CLOCK_SKEW = 10  # seconds that another machine's clock may be ahead of ours


class NotBelieved(Exception):
    """The token fails a check. The text says which, in words for the developer of the client; it repeats nothing of the token."""


@dataclass(eq=False)
class AccessToken:
    """A token that passed every check, and the key that signed it.

    `jkt`: the thumbprint of the key that its holder must prove to have, None for a bearer token. `asked_at`: when it was last
    seen to stand, in clock ticks.
    """

    claims: Mapping[str, object]
    key: Key
    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    expires_at: int
    jkt: str | None
    asked_at: float = float("-inf")

    def login_age(self, now: int) -> float:
        """Seconds since its person signed in (RFC 9068 §2.2.1); endless when it does not say."""
        signed_in = self.claims.get("auth_time")
        return now - signed_in if isinstance(signed_in, int) else float("inf")

    @property
    def amr(self) -> tuple[str, ...]:
        """How its person proved who they are (RFC 8176); nothing where it does not say."""
        said = self.claims.get("amr")
        return tuple(map(str, said)) if isinstance(said, list) else ()

    @property
    def authorization_id(self) -> UUID | None:
        """What it was given for, where its `jti` names that."""
        return authorizations.id_of_token(str(self.claims.get("jti")))


def verify(text: str, *, issuer: str, audience: str, find_key: Callable[[str], Key | None], now: int) -> AccessToken:
    """The token that `text` is. Raises NotBelieved; `now` is in seconds since 1970."""
    kid, alg = _read_header(text)
    key = find_key(kid)
    if key is None:
        raise NotBelieved("The token is signed with a key that the issuer does not publish.")
    if key.alg != alg:
        raise NotBelieved("The token's algorithm is not that of its key.")
    try:
        claims = jwt.decode(text, key, algorithms=[alg]).claims
    except (JoseError, ValueError, RecursionError):
        raise NotBelieved("The signature does not fit.") from None
    _check_origin(claims, issuer=issuer, audience=audience)
    _check_times(claims, now=now)
    return AccessToken(
        claims=claims,
        key=key,
        issuer=issuer,
        subject=_text(claims, "sub"),
        client_id=_text(claims, "client_id"),
        scopes=frozenset(scope.parse(_text(claims, "scope") if "scope" in claims else "")),
        expires_at=int(_number(claims, "exp")),
        jkt=_bound_to(claims),
    )


def _read_header(text: str) -> tuple[str, str]:
    """The kid and alg that the token names, after every check that needs no key."""
    if len(text) > LONGEST_TOKEN:
        raise NotBelieved("The token is too long.")
    try:
        unverified = jws.extract_compact(text.encode("ascii")).headers()
    except (JoseError, ValueError, RecursionError, TypeError, AttributeError):
        raise NotBelieved("The token is not a JWT.") from None
    _check_kind(unverified)
    kid, alg = unverified.get("kid"), unverified.get("alg")
    if not isinstance(kid, str) or not kid:
        raise NotBelieved("The token does not name its key (kid).")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise NotBelieved("The token is signed with an algorithm that is not accepted.")
    return kid, alg


def _check_kind(unverified: object) -> None:
    """It is an access token, so not an ID token (RFC 9068 §4), and needs no extension of us (RFC 7515 §4.1.11)."""
    if not isinstance(unverified, dict):
        raise NotBelieved("The token is not a JWT.")
    if str(unverified.get("typ")).lower() not in TYPES:
        raise NotBelieved("This is not an access token (typ must be at+jwt).")
    if "crit" in unverified or "b64" in unverified:
        raise NotBelieved("The token demands an extension that is not known here.")


def _check_origin(claims: Mapping[str, object], *, issuer: str, audience: str) -> None:
    if claims.get("iss") != issuer:
        raise NotBelieved("The token comes from another issuer.")
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise NotBelieved("The token is meant for another API (aud).")


def _check_times(claims: Mapping[str, object], *, now: int) -> None:
    if _number(claims, "exp") <= now:
        raise NotBelieved("The token has expired.")
    if _number(claims, "iat") > now + CLOCK_SKEW:
        raise NotBelieved("The token comes from the future (iat).")
    if "nbf" in claims and _number(claims, "nbf") > now + CLOCK_SKEW:
        raise NotBelieved("The token is not valid yet (nbf).")


def _bound_to(claims: Mapping[str, object]) -> str | None:
    """The thumbprint in `cnf` (RFC 9449 §6.1); a token that is bound in a way that we cannot check is not believed."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    jkt = confirmation.get("jkt") if isinstance(confirmation, dict) and len(confirmation) == 1 else None
    if not isinstance(jkt, str):
        raise NotBelieved("The token is bound in a way that is not known here (cnf).")
    return jkt


def _number(claims: Mapping[str, object], name: str) -> float:
    """A NumericDate (RFC 7519 §2). NaN and the infinities, which Python's JSON reads, compare in surprising ways."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise NotBelieved(f"The token lacks a proper {name}.")
    return value


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or (not value and name != "scope"):
        raise NotBelieved(f"The token lacks a proper {name}.")
    return value
