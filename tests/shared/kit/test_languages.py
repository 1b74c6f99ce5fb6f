"""How the readers of each language write numbers, and what they call the places of time zones."""

from zoneinfo import ZoneInfo

import pytest

from shared.kit import languages, zones
from shared.kit.languages import LANGUAGES


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1,200,000", "1200000"),
        ("de", "-1.200", "-1200"),
        ("fr", "1\u202f200", "1200"),
        ("it", "1 200", "1200"),
        ("ar", "١٢٠٠", "1200"),
        ("ar", "١٬٢٠٠", "1200"),
        ("ja", "１２００", "1200"),
        ("en", "\u221212", "-12"),
    ],
)
def test_whole_numbers_are_read_as_they_are_written_there(language: str, typed: str, number: str) -> None:
    assert languages.read_whole(typed, language) == number


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", "1.200"),
        ("de", "1,200"),
        ("de", "1.2"),
        ("de", "1.20.300"),
        ("en", "0,123"),
        ("de", "0.500"),
        ("en", "10²"),
        ("en", "1_000"),
        ("fr", "1 200.300"),
    ],
)
def test_what_may_be_no_whole_number_is_left_to_be_refused(language: str, typed: str) -> None:
    assert languages.read_whole(typed, language) == typed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_stands_once_by_the_name_of_today(language: str) -> None:
    values = [zone for group in zones.listed(language).values() for zone, _ in group]
    assert len(values) == len(set(values)) > 400
    assert {"UTC", "Asia/Kolkata", "Europe/Kyiv", "America/Argentina/Buenos_Aires"} <= set(values)
    assert "Asia/Calcutta" not in values
    assert all(ZoneInfo(zone) for zone in values)


def test_a_place_is_called_as_its_readers_call_it() -> None:
    assert ("Asia/Tokyo", "Tokio") in zones.listed("de")["Asien"]
    assert ("Asia/Tokyo", "東京") in zones.listed("ja")["アジア"]
