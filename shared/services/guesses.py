"""Guesses: one counter for an account over every factor, door and node, and one for each address; right answers are forgiven."""

from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from shared.kit import clock, origin, redis, settings
from shared.kit.backoff import Backoff
from shared.kit.errors import TooMany
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import familiar_browsers

# Ten tries, then a minute, two, four … at most a quarter of an hour, so that nobody is kept out for good; over after a day.
PER_ACCOUNT = Backoff(free=10, first=60, most=900, kept=86400)
PER_ADDRESS = RateLimitItemPerMinute(100, 5, namespace="guesses:address")
# Each costs a hash and a letter, and its answer tells whether an address is taken.
SIGN_UPS = RateLimitItemPerMinute(100, 5, namespace="guesses:signup")
# Each costs an estimate and a hash; some are refused, and another one is tried.
PASSWORDS = RateLimitItemPerMinute(20, 10, namespace="guesses:password")
# Each waits in Redis until its person has answered.
REQUESTS = RateLimitItemPerHour(10_000, namespace="guesses:request")
# Each leaves a row for an hour.
DEVICES = RateLimitItemPerMinute(1000, 5, namespace="guesses:device")
# Each may cost a fetch, and leaves a row; a suite of tests makes a client for each of its tests.
REGISTRATIONS = RateLimitItemPerMinute(1000, 5, namespace="guesses:registration")
# To an address that nobody has proved: whoever makes accounts under it, over and over, does not fill a stranger's mailbox.
LETTERS = RateLimitItemPerDay(100, namespace="guesses:letters")
# Of what anybody can have us fetch, from one host: more often than that, nobody signs in.
FETCHES = RateLimitItemPerMinute(60, 1, namespace="guesses:fetch")

TOO_MANY = said("Too many tries. Please wait a few minutes and try again.")

_shared: dict[str, FixedWindowRateLimiter] = {}


@dataclass(frozen=True)
class Guess:
    """One try at an account (which may not exist) from an address, by whichever factor.

    A browser that has signed in to the account before is `familiar`, and has a counter of its own: a stranger who guesses
    does not keep the owner out.
    """

    tenant: Tenant
    account: str
    network: str
    familiar: str = ""

    @property
    def account_key(self) -> str:
        return f"login:{self.tenant.id}:{self.account}:{self.familiar}"


def of(tenant: Tenant, account: str, *, familiar: str = "") -> Guess:
    """A try from here at the account with this folded address; `familiar` is what the browser keeps (familiar_browsers)."""
    known = familiar_browsers.find(familiar, tenant, account)
    return Guess(tenant, account, origin.network(), known)


def take(guess: Guess) -> int:
    """Count a guess before it is looked at, so that many at once are counted too. Its number at the account. Raises TooMany."""
    # The address first: whoever is beyond its limit does not use up the tries of other people.
    take_address(guess)
    return _back_off(guess.account_key)


def take_second(user: User) -> None:
    """Count a guess at the second factor of a person, over all browsers: each that knows the account has a counter of its own at
    the first, and whoever knew the password may have gathered many. Raises TooMany."""
    _back_off(_second(user))


def forgive_second(user: User) -> None:
    """It was right: the person's second factor starts anew."""
    PER_ACCOUNT.forget(_second(user))


def take_device_code(user: User) -> None:
    """Count a code of a device that a person types. Never forgiven: with a code of their own, anybody could begin to count anew.

    Raises TooMany.
    """
    _take(PER_ADDRESS, origin.network())
    _back_off(f"device codes:{user.id}")


def _second(user: User) -> str:
    return f"second:{user.id}"


def take_address(guess: Guess) -> None:
    """Count a guess for its address alone: at what nobody guesses, but which costs us work. Raises TooMany."""
    _take(PER_ADDRESS, guess.network)


def forgive(guess: Guess) -> None:
    """The guess was right, and the last that was needed: its account starts anew; for its address it does not count."""
    PER_ACCOUNT.forget(guess.account_key)
    uncount_address(guess)


def take_back(guess: Guess, count: int) -> None:
    """The guess with this number was right, and another factor is still due: it does not count, and the wrong ones do.

    Or else whoever knows the password could guess at the second factor without end.
    """
    PER_ACCOUNT.take_back(guess.account_key, count)
    uncount_address(guess)


def take_sign_up() -> None:
    """Count a try from here at a new account, at having a letter sent, or at a password by the link of one. Raises TooMany."""
    _take(SIGN_UPS, origin.network())


def take_password(user: User, by: Actor) -> None:
    """Count a try at a new password in one session, or by one authorization, before anything is done for it. Raises TooMany."""
    _take(PASSWORDS, f"{user.id}:{by.place or by.id}")


def take_request() -> None:
    """Count an authorization request from here that waits for its person. Raises TooMany."""
    _take(REQUESTS, origin.network())


def uncount_request(network: str) -> None:
    """One of them, which came from `network`, was answered and waits no longer."""
    _uncount(REQUESTS, network)


def take_device() -> None:
    """Count a device from here that asks for a code. Raises TooMany."""
    _take(DEVICES, origin.network())


def take_registration(address: str) -> None:
    """Count a try at registering a client. Raises TooMany."""
    _take(REGISTRATIONS, origin.network_of(address))


def has_room(tenant: Tenant, folded: str) -> bool:
    """Count a letter to an address that nobody has proved, and say whether it may go there today."""
    local, _, domain = folded.rpartition("@")
    # What stands behind a plus is the same mailbox at most providers.
    return _count(LETTERS, f"{tenant.id}:{local.partition('+')[0]}@{domain}")


def take_fetch(host: str) -> None:
    """Count a fetch from `host` that a client wants for which nobody answers. Raises TooMany."""
    _take(FETCHES, host)


def uncount_address(guess: Guess) -> None:
    """A right guess does not count for its address: a whole office may share one."""
    _uncount(PER_ADDRESS, guess.network)


def _take(limit: RateLimitItem, key: str) -> None:
    if not _count(limit, key):
        raise TooMany(TOO_MANY, retry_after=_seconds_left(limit, key))


def _count(limit: RateLimitItem, key: str) -> bool:
    try:
        return _limiter().hit(limit, key)
    except redis.GONE:
        return _local().hit(limit, key)


def _back_off(key: str) -> int:
    count, wait = PER_ACCOUNT.take(key)
    if wait:
        raise TooMany(TOO_MANY, retry_after=wait)
    return count


def _uncount(limit: RateLimitItem, key: str) -> None:
    try:
        _limiter().hit(limit, key, cost=-1)
    except redis.GONE:
        _local().hit(limit, key, cost=-1)


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
