"""The clock."""

from datetime import UTC, timedelta

from shared.kit import clock


def test_the_clock_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC


def test_moves_of_the_clock_add_up_until_it_is_reset():
    before = clock.now()
    clock.shift(60)
    clock.shift(60)
    assert timedelta(seconds=120) <= clock.now() - before < timedelta(seconds=125)
    clock.reset()
    assert clock.now() - before < timedelta(seconds=5)


def test_the_timestamp_is_the_clock_in_whole_seconds():
    assert abs(clock.timestamp() - clock.now().timestamp()) <= 1
