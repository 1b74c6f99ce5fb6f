"""How often something happened, by the day: numbers in Redis that may be lost without harm."""

from datetime import timedelta

from shared.kit import clock, redis

KEPT_DAYS = 90


def count(name: str) -> None:
    """One more of `name` today; while Redis is away nothing is counted."""
    key = _key(0)
    try:
        with redis.client().pipeline(transaction=False) as batch:
            batch.hincrby(key, name, 1)
            batch.expire(key, timedelta(days=KEPT_DAYS))
            batch.execute()
    except redis.GONE:
        return


def totals(*names: str, days: int) -> dict[str, int] | None:
    """How many of each there were in the last `days`, today among them; None while Redis is away."""
    try:
        with redis.client().pipeline(transaction=False) as batch:
            for ago in range(days):
                batch.hmget(_key(ago), *names)
            found = batch.execute()
    except redis.GONE:
        return None
    return {name: sum(int(day[place] or 0) for day in found) for place, name in enumerate(names)}


def _key(ago: int) -> str:
    return f"counters:{(clock.now() - timedelta(days=ago)):%Y-%m-%d}"
