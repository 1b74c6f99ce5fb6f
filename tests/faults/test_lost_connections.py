"""A connection to PostgreSQL that was cut while nobody looked costs one request, which is told to come back."""

import pytest

from shared.services import tenants
from tests.parts.browsing import Browser


@pytest.fixture
def cut(world, template):
    """Cut every connection of the services, as a restart does."""

    def act() -> None:
        template.postgres.restore(template.name, template.rows)
        tenants._kept.clear()

    return act


@pytest.mark.parametrize("database", ["postgresql"])
@pytest.mark.parametrize("address", ["/signup", "/login", "/account", "/admin/clients", "/.well-known/openid-configuration"])
def test_a_page_answers_503_once_and_is_well_again(world, cut, address):
    browser = Browser(world.url)
    well = browser.get(address).status
    cut()
    page = browser.get(address)
    assert page.status in (503, well)
    assert page.status != 503 or int(page.headers["Retry-After"]) > 0
    assert browser.get(address).status == well
