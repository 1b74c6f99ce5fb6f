"""Guesses: wrong passwords are limited per account and per address, in Redis, or in this process while Redis is gone."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from shared.kit import clock, redis, settings
from shared.kit.errors import TooMany
from shared.kit.words import said
from shared.models.tenant import Tenant

PER_ACCOUNT = RateLimitItemPerMinute(10, 5, namespace="guesses:account")
PER_ADDRESS = RateLimitItemPerMinute(100, 5, namespace="guesses:address")
# Each costs a hash and a letter, and its answer tells whether an address is taken.
SIGN_UPS = RateLimitItemPerMinute(100, 5, namespace="guesses:signup")
# Each may cost a fetch, and leaves a row; a suite of tests makes a client for each of its tests.
REGISTRATIONS = RateLimitItemPerMinute(1000, 5, namespace="guesses:registration")
# Of what anybody can have us fetch, from one host: more often than that, nobody signs in.
FETCHES = RateLimitItemPerMinute(60, 1, namespace="guesses:fetch")

_shared: dict[str, FixedWindowRateLimiter] = {}


@dataclass(frozen=True)
class Guess:
    """One try at the password of an account (which may not exist) from an address."""

    tenant: Tenant
    account: str
    address: str

    @property
    def account_key(self) -> str:
        return f"{self.tenant.id}:{self.account}"


def take(guess: Guess) -> None:
    """Count a guess before it is looked at, so that many at once are counted too. Raises TooMany."""
    # The address first: whoever is beyond its limit does not use up the tries of other people.
    _take(PER_ADDRESS, _network_of(guess.address))
    _take(PER_ACCOUNT, guess.account_key)


def take_sign_up(address: str) -> None:
    """Count a try at a new account. Raises TooMany."""
    _take(SIGN_UPS, _network_of(address))


def take_registration(address: str) -> None:
    """Count a try at registering a client. Raises TooMany."""
    _take(REGISTRATIONS, _network_of(address))


def take_fetch(host: str) -> None:
    """Count a fetch from `host` that a client wants for which nobody answers. Raises TooMany."""
    _take(FETCHES, host)


def forgive(guess: Guess) -> None:
    """The guess was right: its account starts anew, and for its address it does not count, as a whole office may share one."""
    try:
        _forgive(_limiter(), guess)
    except redis.GONE:
        _forgive(_local(), guess)


def _forgive(limiter: FixedWindowRateLimiter, guess: Guess) -> None:
    limiter.clear(PER_ACCOUNT, guess.account_key)
    limiter.hit(PER_ADDRESS, _network_of(guess.address), cost=-1)


def _take(limit: RateLimitItem, key: str) -> None:
    if not _count(limit, key):
        raise TooMany(said("Too many tries. Please wait a few minutes and try again."), retry_after=_seconds_left(limit, key))


def _network_of(address: str) -> str:
    """One household has a whole IPv6 /64 to choose from, so that counts as one address."""
    try:
        given = IPv6Address(address)
    except ValueError:  # IPv4, or unknown
        return address
    return str(given.ipv4_mapped or IPv6Network((given.packed[:8] + bytes(8), 64)))


def _count(limit: RateLimitItem, key: str) -> bool:
    try:
        return _limiter().hit(limit, key)
    except redis.GONE:
        return _local().hit(limit, key)


def _seconds_left(limit: RateLimitItem, key: str) -> int:
    try:
        reset = _limiter().get_window_stats(limit, key).reset_time
    except redis.GONE:
        reset = _local().get_window_stats(limit, key).reset_time
    return max(1, int(reset - clock.timestamp()) + 1)


@lru_cache(maxsize=1)
def _local() -> FixedWindowRateLimiter:
    # Made on first use: its storage starts a thread, which must not be before a server forks.
    return FixedWindowRateLimiter(MemoryStorage())


def _limiter() -> FixedWindowRateLimiter:
    url = settings.current().redis_url
    if url not in _shared:
        storage: Storage = RedisStorage(
            url.replace("unix://", "redis+unix://", 1), connection_pool=redis.client().connection_pool
        )
        _shared[url] = FixedWindowRateLimiter(storage)
    return _shared[url]
