"""Kept tokens: what a provider gave for a person, sealed for the operator's applications, read, and renewed by one at a time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import or_, select, update

from shared.kit import clock, seal
from shared.kit.db import db, release, transaction
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.provider import Identity, Provider
from shared.models.user import User
from shared.services import audit, locks

ACCESS, REFRESH, ENDS = "access_token", "refresh_token", "expires_at"
# Longer than it takes to ask; whoever died while they asked holds up the others no longer than this.
RENEWAL_SECONDS = 20


def sealed(provider: Provider, subject: str, tokens: Mapping[str, Any]) -> str | None:
    """The tokens of somebody as they are kept; None for a provider whose tokens are not."""
    return _seal(provider, subject, tokens) if provider.keeps_tokens else None


def read(identity: Identity, provider: Provider, *, by: Actor) -> dict[str, Any]:
    """The tokens, for an application of the operator. Raises NotFound when none are kept."""
    found = _unsealed(provider, identity.subject, _kept(identity))
    with transaction() as session:
        user = session.get_one(User, identity.user_id)
        audit.record("identity.tokens_read", actor=by, subject=user, provider=provider.slug)
    return found


def again(identity: Identity, provider: Provider) -> dict[str, Any]:
    """The tokens as they are by now. Raises NotFound when none are kept any more."""
    row = db.session.get(Identity, identity.id, populate_existing=True)
    if row is None:
        raise NotFound(NONE)
    return _unsealed(provider, row.subject, _kept(row))


def is_renewed(identity: Identity) -> bool:
    """Whether somebody is fetching new ones just now."""
    until = db.session.scalar(select(Identity.tokens_renewed_until).where(Identity.id == identity.id))
    # Whoever waits for that holds no connection.
    release()
    return until is not None and until > clock.now()


def begin(identity: Identity) -> str | None:
    """Take the turn to renew the tokens: they as they are kept, or None when somebody else has it, or had it meanwhile."""
    now, seen = clock.now(), _kept(identity)
    # THE gate: a refresh token that is brought twice ends all tokens at providers that rotate it (RFC 9700 §4.14.2).
    free = or_(Identity.tokens_renewed_until.is_(None), Identity.tokens_renewed_until <= now)
    taken = (
        update(Identity)
        .where(Identity.id == identity.id, Identity.tokens_sealed == seen, free)
        .values(tokens_renewed_until=now + timedelta(seconds=RENEWAL_SECONDS))
        .returning(Identity.id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        return seen if session.scalar(taken) else None


def store(identity: Identity, provider: Provider, seen: str, tokens: Mapping[str, Any], *, by: Actor) -> bool:
    """Keep new ones in place of those that were `seen`. False when others came in their place by a login, or nothing is left."""
    kept = _unsealed(provider, identity.subject, seen)
    put = (
        update(Identity)
        .where(Identity.id == identity.id, Identity.tokens_sealed == seen)
        .values(tokens_sealed=_seal(provider, identity.subject, _joined(kept, tokens)), tokens_renewed_until=None)
        .returning(Identity.user_id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        # As a login does: one that puts its tokens in place of those it found has found these.
        locks.find(identity.user_id)
        user_id = session.scalar(put)
        if user_id is not None:
            audit.record("identity.tokens_renewed", actor=by, subject=session.get_one(User, user_id), provider=provider.slug)
    return user_id is not None


def give_up(identity: Identity) -> None:
    """Leave the turn to the next."""
    with transaction() as session:
        session.execute(update(Identity).where(Identity.id == identity.id).values(tokens_renewed_until=None))


def after_login(row: Identity, provider: Provider, given: str | None) -> str | None:
    """What is kept after a login that `given` came with, sealed."""
    if not provider.keeps_tokens:
        # Whoever stops keeping tokens keeps no old ones either.
        return None
    if given is None or row.tokens_sealed is None:
        return given or row.tokens_sealed
    old, new = (_unsealed(provider, row.subject, each) for each in (row.tokens_sealed, given))
    return _seal(provider, row.subject, _joined(old, new))


def forget(provider: Provider) -> None:
    """Keep none of a provider's tokens any longer; part of the transaction that switches it off."""
    db.session.execute(update(Identity).where(Identity.provider_id == provider.id).values(tokens_sealed=None))


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The new ones. The old refresh token goes on where no new one came (RFC 6749 §6); some give one out a single time."""
    return ({REFRESH: old[REFRESH]} if REFRESH in old else {}) | dict(new)


def _kept(identity: Identity) -> str:
    if not identity.tokens_sealed:
        raise NotFound(NONE)
    return identity.tokens_sealed


def _seal(provider: Provider, subject: str, tokens: Mapping[str, Any]) -> str:
    return seal.seal(orjson.dumps(dict(tokens)).decode(), _purpose(provider, subject))


def _unsealed(provider: Provider, subject: str, kept: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(seal.unseal(kept, _purpose(provider, subject)))
    return found


def _purpose(provider: Provider, subject: str) -> str:
    return f"tokens of {subject} at provider {provider.id}"


NONE = said("No tokens of this account are kept.")
