"""Arrivals: people whom a provider named and whom we do not know yet, in Redis, waiting in their browser for what is missing."""

from dataclasses import dataclass
from typing import cast

import orjson

from shared.kit import ids, redis
from shared.models.authorization import UNKNOWN
from shared.models.provider import Provider
from shared.models.tenant import Tenant
from shared.models.user import User

SECONDS = 3600


@dataclass(frozen=True)
class Told:
    """What a provider said of somebody, verified. `subject` is who they are there.

    `email_verified` is its word, and true only for one whose word counts. `tokens_sealed` are its tokens, if they are kept.
    `auth_time` is when they signed in there, in seconds since 1970, or UNKNOWN; `anew` says that it was since they left us.
    """

    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str = ""
    tokens_sealed: str | None = None
    auth_time: int = UNKNOWN
    anew: bool = False


@dataclass(frozen=True)
class Arrival:
    """Somebody whom `provider_id` named. `user_id` is the account that has their address, whose owner must sign in first.

    Where nobody may learn whether there is one, `claimed` is the address, folded, that they say is theirs.
    """

    provider_id: str
    told: Told
    user_id: str | None = None
    claimed: str | None = None

    def is_of(self, user: User) -> bool:
        """Whether `user`, who is signed in, is who was to sign in first."""
        if self.claimed is not None:
            return user.email_verified and user.email_folded == self.claimed
        return self.user_id == str(user.id)


def keep(provider: Provider, told: Told, *, browser: str, user_id: str | None = None, claimed: str | None = None) -> Arrival:
    """Keep it for this browser, in place of one that waits there already. Raises Unavailable without Redis."""
    arrival = Arrival(str(provider.id), told, user_id, claimed)
    with redis.needed() as r:
        r.set(_key(str(provider.tenant_id), browser), orjson.dumps(arrival), ex=SECONDS)
    return arrival


def find(tenant: Tenant, *, browser: str) -> Arrival | None:
    """What waits in this browser, or None."""
    with redis.needed() as r:
        return _unpack(cast(bytes | None, r.get(_key(str(tenant.id), browser))))


def spend(tenant: Tenant, *, browser: str) -> Arrival | None:
    """Use up what waits in this browser: of many at once, one is given it."""
    with redis.needed() as r:
        return _unpack(cast(bytes | None, r.getdel(_key(str(tenant.id), browser))))


def _key(tenant_id: str, browser: str) -> str:
    return f"arrival:{ids.fingerprint(f'{tenant_id} {browser}').hex()}"


def _unpack(packed: bytes | None) -> Arrival | None:
    if packed is None:
        return None
    values = orjson.loads(packed)
    return Arrival(**{**values, "told": Told(**values["told"])})
