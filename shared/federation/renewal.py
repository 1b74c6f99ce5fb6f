"""Tokens that are kept for the operator's applications, renewed when one asks for them and they have ended (RFC 6749 §6)."""

import time
from typing import Any

from shared.federation import client, discovery, turns
from shared.federation.faults import ProviderFault, Refused, Silent
from shared.federation.visiting import kept
from shared.kit import clock
from shared.kit.errors import AppError, Conflict
from shared.models.audit import Actor
from shared.models.provider import Provider
from shared.services import kept_tokens
from shared.services.identities import Linked

EARLY = 30  # seconds before its end, for the way to the provider
PATIENCE, PAUSE = 6.0, 0.1  # seconds to wait for somebody else who renews them, and between two looks


class NotRenewed(AppError):
    """The provider, or somebody who asks it, did not bring new tokens; those that are kept are still there."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status

    code = "tokens_not_renewed"


def tokens(linked: Linked, *, by: Actor) -> dict[str, Any]:
    """The tokens of somebody at a provider, of which the access token serves. Raises NotFound, Conflict, NotRenewed."""
    identity, provider = linked.identity, linked.provider
    found = kept_tokens.read(identity, provider, by=by)
    if not _has_ended(found):
        return found
    if kept_tokens.REFRESH not in found:
        raise Conflict(
            f"The access token has ended, and {provider.name} gave no refresh token. {_ONCE_MORE.format(provider.name)}"
        )
    seen = kept_tokens.begin(identity)
    return _awaited(linked) if seen is None else _renewed(linked, seen, found[kept_tokens.REFRESH], by=by)


def _renewed(linked: Linked, seen: str, refresh_token: str, *, by: Actor) -> dict[str, Any]:
    identity, provider = linked.identity, linked.provider
    try:
        with turns.turn(provider):
            given = client.refresh(provider, discovery.read(provider), refresh_token)
    except ProviderFault as fault:
        kept_tokens.give_up(identity)
        raise _said(provider, fault) from None
    kept_tokens.store(identity, provider, seen, kept(given), by=by)
    return kept_tokens.again(identity, provider)


def _awaited(linked: Linked) -> dict[str, Any]:
    """What somebody else brings who renews them just now."""
    last = clock.ticks() + PATIENCE
    while kept_tokens.is_renewed(linked.identity) and clock.ticks() < last:
        time.sleep(PAUSE)
    found = kept_tokens.again(linked.identity, linked.provider)
    if _has_ended(found):
        raise NotRenewed("Somebody else renews these tokens just now, and has none yet. Ask again in a moment.", status=503)
    return found


def _has_ended(found: dict[str, Any]) -> bool:
    return kept_tokens.ENDS in found and found[kept_tokens.ENDS] <= clock.timestamp() + EARLY


def _said(provider: Provider, fault: ProviderFault) -> AppError:
    # Of what a provider says, its error code alone is told to an application; the rest is in the log.
    if isinstance(fault, Refused):
        return Conflict(f"{provider.name} does not renew the tokens: {fault.error}. {_ONCE_MORE.format(provider.name)}")
    if isinstance(fault, Silent):
        words = "does not answer just now. Ask again later; the tokens that are kept are still there."
    else:
        words = "gives an answer that is no token. Check its endpoints and our client secret in its settings."
    return NotRenewed(f"{provider.name} {words} Our log says why.", status=fault.status)


_ONCE_MORE = (
    "Let the person sign in with {} once more. Whether it gives refresh tokens may depend on a scope, such as offline_access."
)
