"""Two services and the front door before them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.front_door import FrontDoor
from tests.deploy.upstream import Upstream


@pytest.fixture
def auth() -> Iterator[Upstream]:
    with Upstream("auth") as upstream:
        yield upstream


@pytest.fixture
def api() -> Iterator[Upstream]:
    with Upstream("api") as upstream:
        yield upstream


@pytest.fixture
def door(tmp_path: Path, auth: Upstream, api: Upstream) -> Iterator[FrontDoor]:
    with FrontDoor(tmp_path, auth=auth.address, api=api.address) as door:
        yield door
