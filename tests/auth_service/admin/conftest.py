"""An operator at the dashboard."""

import pytest

from tests.auth_service.admin.desk import Desk
from tests.parts.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """A browser in which the operator is signed in."""
    return Desk(world).sign_in(world.admin)


@pytest.fixture
def stranger(world: World) -> Desk:
    """A browser in which nobody is signed in."""
    return Desk(world)
