"""There and back: the address that a visitor leaves by, and who they are when they come back (OpenID Connect Core §3.1)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.federation import client, discovery, id_token, profile, turns
from shared.federation.discovery import Metadata
from shared.federation.faults import Refused, Wrong
from shared.federation.id_token import Expected
from shared.kit import clock
from shared.models.authorization import UNKNOWN
from shared.models.provider import Provider
from shared.services import departures
from shared.services.arrivals import Told
from shared.services.departures import Departure

LONGEST_CODE = 4096  # characters
KEPT = ("access_token", "refresh_token", "token_type", "scope")
# Longer than any token lives; beyond it a number is not one of seconds.
LONGEST_LIFE = 10 * 366 * 86400


def leave(provider: Provider, *, redirect_uri: str, **kept: Any) -> str:
    """The address at which `provider` asks its people; what is `kept` of the visitor is as in `departures.begin`.

    Raises Silent, Wrong.
    """
    with turns.turn(provider):
        metadata = discovery.read(provider)
    state, departure = departures.begin(provider, **kept)
    return client.address(provider, metadata, departure, state=state, redirect_uri=redirect_uri)


def back(provider: Provider, departure: Departure, unverified: Mapping[str, str], *, redirect_uri: str) -> Told:
    """Who came back with this answer, whose state was checked. Raises Silent, Wrong, Refused."""
    with turns.turn(provider):
        metadata = discovery.read(provider)
        _check_sender(provider, metadata, unverified)
        tokens = client.exchange(provider, metadata, departure, code=_code(provider, unverified), redirect_uri=redirect_uri)
        claims, auth_time = _claims(provider, metadata, departure, tokens)
        anew = auth_time != UNKNOWN and auth_time >= departure.left_at - id_token.FAST_CLOCK
        return replace(profile.told(provider, claims, kept(tokens)), auth_time=auth_time, anew=anew)


def kept(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens as an application of the operator wants them, with the moment at which the access token ends."""
    life = tokens.get("expires_in")
    lasts = isinstance(life, int) and not isinstance(life, bool) and 0 <= life <= LONGEST_LIFE
    ends = {"expires_at": clock.timestamp() + life} if lasts and isinstance(life, int) else {}
    return {name: tokens[name] for name in KEPT if isinstance(tokens.get(name), str)} | ends


def _check_sender(provider: Provider, metadata: Metadata, unverified: Mapping[str, str]) -> None:
    """The answer is by this provider: another's would have its code brought to the wrong one (RFC 9207 §2.4)."""
    came = unverified.get("iss")
    if came is None and not metadata.names_itself:
        return
    if metadata.issuer is not None and came != metadata.issuer and not _is_a_directory(metadata, came):
        raise Wrong(provider, f"its answer has the iss {str(came)[:100]!r}")


def _is_a_directory(metadata: Metadata, came: str | None) -> bool:
    """Microsoft's shared documents name no issuer; the ID token will say which directory it was."""
    before, _, after = str(metadata.issuer).partition(discovery.ANY_DIRECTORY)
    return bool(after) and str(came).startswith(before) and str(came).endswith(after)


def _code(provider: Provider, unverified: Mapping[str, str]) -> str:
    if error := unverified.get("error"):
        raise Refused(provider, error, unverified.get("error_description"))
    code = unverified.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isprintable() or not code.isascii():
        raise Wrong(provider, "its answer has no code")
    return code


def _claims(provider: Provider, metadata: Metadata, departure: Departure, tokens: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """What is told of somebody, and since when the provider knows them (OpenID Connect Core §3.1.3.7, rule 13)."""
    if metadata.jwks_uri is None:
        # Without an ID token nothing shows that somebody sat there, and not a session that was left open.
        return profile.by_oauth2(provider, metadata, tokens), UNKNOWN
    expected = Expected(provider, metadata, departure.nonce, tokens["access_token"])
    claims = id_token.verify(expected, tokens.get("id_token"))
    # For the ID token alone to say: userinfo answers long after.
    return profile.by_openid(provider, metadata, claims, tokens), id_token.signed_in_at(provider, claims)
