"""The house, running."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from auth_service.cli import main
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


@pytest.fixture
def bailiwick(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Calls the command line in the folder of the house."""
    monkeypatch.chdir(house.folder)
    return lambda *words, **more: CliRunner().invoke(main, words, **more)
