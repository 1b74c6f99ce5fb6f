"""Departures: visitors who left for a provider and are to come back, in Redis, each once and in the browser that left."""

from dataclasses import dataclass, field
from typing import cast

import orjson

from shared.kit import clock, ids, redis
from shared.models.provider import Provider

# Somebody may have to find a password and a second factor there.
SECONDS = 900


@dataclass(frozen=True)
class Departure:
    """What only this browser and this provider may come back with. `way` is where the visitor was going.

    `user_id` is the person who wants to link an account there; None for somebody who wants to sign in. `max_age` is how many
    seconds old their login there may be, None where its age is the provider's affair; `left_at` is in seconds since 1970.
    """

    provider_id: str
    browser: str
    nonce: str
    verifier: str
    way: dict[str, str] = field(default_factory=dict)
    user_id: str | None = None
    max_age: int | None = None
    left_at: int = 0
    # What the browser posted as the name of whoever comes back, which nobody vouches for.
    unverified_name: str = ""


def begin(
    provider: Provider, *, browser: str, way: dict[str, str], user_id: str | None = None, max_age: int | None = None
) -> tuple[str, Departure]:
    """Somebody leaves for `provider`: the `state` to send along, and what is kept. Raises Unavailable without Redis."""
    state = ids.token()
    secrets = {"browser": _mark(browser), "nonce": ids.token(), "verifier": ids.token(48)}
    departure = Departure(str(provider.id), **secrets, way=way, user_id=user_id, max_age=max_age, left_at=clock.timestamp())
    with redis.needed() as r:
        r.set(_key(state), orjson.dumps(departure), ex=SECONDS)
    return state, departure


def end(provider: Provider, unverified_state: str, *, browser: str) -> Departure | None:
    """Whoever left with this state is back. None when it is unknown, used, or of another browser or provider."""
    with redis.needed() as r:
        # THE gate: of many who bring a state, one is given what was kept under it, and nobody ever again.
        asked = r.pipeline(transaction=False)
        asked.getdel(_key(unverified_state))
        asked.getdel(_name_key(unverified_state))
        packed, name = cast(list[bytes | None], asked.execute())
    departure = Departure(**{**orjson.loads(packed), "unverified_name": (name or b"").decode()}) if packed else None
    if departure is None or departure.provider_id != str(provider.id):
        return None
    return departure if ids.same(departure.browser, _mark(browser)) else None


def note_name(unverified_state: str, unverified_name: str) -> None:
    """Keep the name that came with an answer until that answer comes again; nothing for a state that nobody left with."""
    with redis.needed() as r:
        left = r.ttl(_key(unverified_state))
        if unverified_name and left > 0:
            r.set(_name_key(unverified_state), unverified_name.encode(), ex=left)


def _key(state: str) -> str:
    return f"departure:{ids.fingerprint(state).hex()}"


def _name_key(state: str) -> str:
    return f"departure-name:{ids.fingerprint(state).hex()}"


def _mark(browser: str) -> str:
    return ids.fingerprint(browser).hex()
