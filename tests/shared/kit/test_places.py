"""Roughly where an address is."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from shared.kit import places
from tests.parts import places as written
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
BRITAIN = {"names": {"en": "United Kingdom", "fr": "Royaume-Uni"}}
LONDON = {"city": {"names": {"en": "London", "fr": "Londres"}}, "country": BRITAIN}
JAPAN = {"country": {"names": {"en": "Japan"}}}


@pytest.fixture
def known(world: World, tmp_path: Path) -> World:
    """A world whose operator has a database of places."""
    file = written.write(tmp_path / "places.mmdb", {"81.2.69.0/24": LONDON, "203.0.112.0/22": JAPAN})
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(update={"places_file": file})
    return world


@pytest.mark.parametrize(
    ("address", "language", "words"),
    [
        ("81.2.69.160", "en", "London, United Kingdom"),
        ("81.2.69.160", "fr", "Londres, Royaume-Uni"),
        ("203.0.114.7", "fr", "Japan"),
        ("8.8.8.8", "en", "The network 8.8.8.0/24"),
        ("2a00:1450:4009:81f::200e", "en", "The network 2a00:1450:4009::/48"),
        ("192.168.1.7", "en", "A private network"),
        ("::1", "en", "A private network"),
        ("198.41.0.4", "en", "This network"),
        ("", "en", "Place unknown"),
        ("nonsense", "en", "Place unknown"),
    ],
)
def test_a_place_is_said_in_words(known: World, address: str, language: str, words: str) -> None:
    with known.inside():
        assert str(places.describe(address, here="198.41.0.4", language=language)) == words


def test_a_database_that_cannot_be_read_is_as_good_as_none(world: World, tmp_path: Path) -> None:
    (tmp_path / "broken.mmdb").write_bytes(b"not a database")
    told = world.settings.model_copy(update={"places_file": tmp_path / "broken.mmdb"})
    world.auth.extensions["bailiwick.settings"] = told
    with world.inside():
        assert places.find(ip_address("81.2.69.160"), "en") is None
