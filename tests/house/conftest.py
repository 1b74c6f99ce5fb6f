"""The house, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.running import House, free_port


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A quickstart that runs."""
    house = House(tmp_path_factory.mktemp("house"), free_port()).start()
    yield house
    if house.process and house.process.poll() is None:
        house.stop()


@pytest.fixture
def empty_house(tmp_path: Path) -> Iterator[House]:
    """A folder in which nothing was started yet."""
    house = House(tmp_path, free_port())
    yield house
    if house.process and house.process.poll() is None:
        house.stop()
