"""Counters, which may be lost without harm."""

import pytest

from shared.kit import counters
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_what_is_counted_is_summed_over_days(inside: World) -> None:
    counters.count("this")
    counters.count("this")
    inside.later(days=1)
    counters.count("this")
    assert counters.totals("this", "that", days=30) == {"this": 3, "that": 0}
    assert counters.totals("this", days=1) == {"this": 1}
    inside.later(days=29)
    assert counters.totals("this", days=30) == {"this": 1}
    inside.later(days=62)
    assert inside.valkey.client.keys("counters:*") == []


def test_nothing_fails_when_they_are_lost(inside: World) -> None:
    counters.count("this")
    inside.valkey.client.flushall()
    assert counters.totals("this", days=30) == {"this": 0}
