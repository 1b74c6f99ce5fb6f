"""A counter that asks for ever longer waits: in Redis for every node, or in this process while Redis is gone."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import cast

from shared.kit import clock, redis

# One statement, so that many at once on many nodes are counted one after another.
_TAKE = """
local kept = redis.call('HMGET', KEYS[1], 'count', 'until')
local count, till, now = tonumber(kept[1] or 0), tonumber(kept[2] or 0), tonumber(ARGV[1])
local free, first, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if now < till then return {0, math.ceil(till - now)} end
count = count + 1
till = 0
if count >= free then till = now + math.min(most, first * 2 ^ (count - free)) end
redis.call('HSET', KEYS[1], 'count', count, 'until', till)
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {count, 0}
"""
_TAKE_BACK = """
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or 0)
if count == 0 then return 0 end
if count == tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'until', 0) end
return redis.call('HINCRBY', KEYS[1], 'count', -1)
"""
# What one process remembers by itself: about a megabyte.
MOST_KEPT = 10_000
_local: OrderedDict[str, tuple[int, float]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Backoff:
    """`free` tries without a wait; then `first` seconds, twice as long each time, at most `most`; forgotten after `kept`."""

    free: int
    first: int
    most: int
    kept: int

    def take(self, key: str) -> tuple[int, int]:
        """Count a try before it is looked at: its number, and 0; or 0, and the seconds until one may try again."""
        moment = clock.now().timestamp()
        try:
            told = redis.client().eval(_TAKE, 1, _key(key), moment, self.free, self.first, self.most, self.kept)
        except redis.GONE:
            return self._take_here(key, moment)
        count, wait = cast(list[int], told)
        return count, wait

    def take_back(self, key: str, count: int) -> None:
        """The try with this number was none that counts: what it added is taken away, and the wait that it alone began."""
        try:
            redis.client().eval(_TAKE_BACK, 1, _key(key), count)
        except redis.GONE:
            _take_back_here(key, count)

    def forget(self, key: str) -> None:
        """Begin anew."""
        try:
            redis.client().delete(_key(key))
        except redis.GONE:
            _local.pop(key, None)

    def _take_here(self, key: str, moment: float) -> tuple[int, int]:
        with _lock:
            count, until = _local.pop(key, (0, 0.0))
            refused = moment < until
            if not refused:
                count += 1
                until = self._until(count, moment)
            _local[key] = (count, until)
            if len(_local) > MOST_KEPT:
                _local.popitem(last=False)
        return (0, int(until - moment) + 1) if refused else (count, 0)

    def _until(self, count: int, moment: float) -> float:
        # The exponent is kept small: no number grows without end.
        return moment + min(self.most, self.first * 2 ** min(count - self.free, 30)) if count >= self.free else 0


def _take_back_here(key: str, count: int) -> None:
    with _lock:
        known, until = _local.get(key, (0, 0.0))
        if known:
            _local[key] = (known - 1, 0.0 if known == count else until)


def _key(key: str) -> str:
    return f"backoff:{key}"
