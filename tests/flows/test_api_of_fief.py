"""The paths at which applications written for Fief change an account, as such an application uses them."""

from typing import Any

import pytest
import requests

from shared.services import clients
from tests.parts.fields import make
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
HOME = {"line1": "1 Main Street", "line2": "Back door", "postal_code": "10115", "city": "Berlin", "state": None, "country": "DE"}


@pytest.fixture
def token(rp: RelyingParty, world: World) -> str:
    with world.inside():
        clients.update(world.client(world.web), first_party=True, by=TESTS)
    rp.start(scope="openid", acr_values="1")
    return rp.exchange(rp.sign_in().answer["code"]).access_token


def save(world: World, token: str, **fields: Any) -> requests.Response:
    told = {"Authorization": f"Bearer {token}"}
    return requests.patch(f"{world.url}/api/profile", json={"fields": fields}, headers=told, timeout=30)


def test_an_address_is_written_with_the_names_that_fief_has(world: World, token: str) -> None:
    with world.inside():
        make(world, "address", slug="home")
    told = save(world, token, home=HOME).json()["fields"]["home"]
    assert told == {
        **{name: part for name, part in HOME.items() if part},
        "street_address": "1 Main Street\nBack door",
        "locality": "Berlin",
    }
    assert save(world, token, home=told).json()["fields"]["home"] == told, "what was read can be written again"
    moved = save(world, token, home={**told, "city": "Bremen", "state": "Bremen"}).json()["fields"]["home"]
    assert (moved["locality"], moved["region"], moved["line2"]) == ("Bremen", "Bremen", "Back door")


@pytest.mark.parametrize("home", ["London", {"line1": "x" * 600}, {"planet": "Earth"}, {"city": 5}])
def test_what_is_no_address_is_refused(world: World, token: str, home: Any) -> None:
    with world.inside():
        make(world, "address", slug="home")
    assert save(world, token, home=home).status_code == 422


@pytest.mark.parametrize("more", [{"email": "eve@example.com"}, {"email_verified": True}, {"tenant_id": "x"}])
def test_members_that_it_has_no_use_for_are_refused(world: World, token: str, more: dict[str, Any]) -> None:
    told = {"Authorization": f"Bearer {token}"}
    assert requests.patch(f"{world.url}/api/profile", json={"fields": {}, **more}, headers=told, timeout=30).status_code == 422


def test_nought_is_a_number_that_one_can_have(world: World, token: str) -> None:
    with world.inside():
        make(world, "integer", slug="children")
        make(world, "boolean", slug="letters")
    assert save(world, token, children=0, letters=False).json()["fields"] == {"children": 0}
    assert save(world, token, letters=0).status_code == 422
