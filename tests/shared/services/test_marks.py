"""Marks: what may be seen once is seen once, by any node and through restarts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.kit import clock
from shared.services import marks
from tests.parts.world import World

HOUR = timedelta(hours=1)


def test_the_first_is_the_only_one(inside: World) -> None:
    assert marks.spend(marks.ASSERTION, "one", until=clock.now() + HOUR)
    assert not marks.spend(marks.ASSERTION, "one", until=clock.now() + HOUR)
    assert marks.spend(marks.ASSERTION, "two", until=clock.now() + HOUR)
    assert marks.spend(marks.PROOF, "one", until=clock.now() + HOUR)


def test_what_was_spent_was_seen(inside: World) -> None:
    assert not marks.seen(marks.PROOF, "one")
    marks.spend(marks.PROOF, "one", until=clock.now() + HOUR)
    assert marks.seen(marks.PROOF, "one")
    assert not marks.seen(marks.ASSERTION, "one")


def test_of_twenty_at_once_one_is_the_first(world: World) -> None:
    def spend(_: int) -> bool:
        with world.inside():
            return marks.spend(marks.PROOF, "raced", until=clock.now() + HOUR)

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(spend, range(20))) == [False] * 19 + [True]


def test_it_needs_no_redis(inside: World) -> None:
    marks.spend(marks.ASSERTION, "one", until=clock.now() + HOUR)
    inside.valkey.client.flushall()
    assert not marks.spend(marks.ASSERTION, "one", until=clock.now() + HOUR)


def test_what_is_over_is_purged_and_nothing_else(inside: World) -> None:
    marks.spend(marks.ASSERTION, "short", until=clock.now() + HOUR)
    marks.spend(marks.ASSERTION, "long", until=clock.now() + 3 * HOUR)
    assert marks.purge() == 0
    clock.shift(2 * 3600)
    assert marks.purge() == 1
    assert not marks.seen(marks.ASSERTION, "short")
    assert marks.seen(marks.ASSERTION, "long")
