"""What a name may be."""

import pytest

from shared.kit import names


@pytest.mark.parametrize(
    "name", ["Ada", "李", "ada-1", "…", "👩\u200d💻", "كاتب", "م\u064f", "5", "\U00018cd6", "क\u094d\u200dष"]
)
def test_what_shows_something_is_a_name(name: str) -> None:
    assert names.is_name(name) and names.reads_well(name)


@pytest.mark.parametrize("name", ["\u200b", "\ufeff", "\u115f", "\u3164", "\u2800", "\u200f\u200e", "\U000e0041", "\u0301"])
def test_what_shows_nothing_is_none(name: str) -> None:
    assert not names.is_name(name) and not names.reads_well(name)


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "a\x00", "a\u2028b"])
def test_neither_is_what_hides_or_turns_around(name: str) -> None:
    assert not names.is_name(name) and not names.reads_well(name)
