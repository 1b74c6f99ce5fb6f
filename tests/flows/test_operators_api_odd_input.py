"""What no honest program sends to the API of operators is refused in words, on both databases."""

from typing import Any

import pytest
import requests

from shared.models.scope import ADMIN
from shared.services import clients
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

NUL, TURNED, BROKEN = "a\0b", "a\u202eb", "a\nb"
CLIENTS, RESOURCES, TENANTS = "/api/admin/clients", "/api/admin/resources", "/api/admin/tenants"


@pytest.fixture
def operator(world: World) -> requests.Session:
    """A session with the token of an operator."""
    with world.inside():
        clients.update(world.client(world.web), scopes=["openid", ADMIN], by=TESTS)
    session = requests.Session()
    token = RelyingParty(world.url, world.web, world.admin).tokens(scope=f"openid {ADMIN}").json["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def _put(value: str) -> list[Any]:
    """`value` in every place where a member may have text."""
    return [
        value,
        f"https://a.example/{value}",
        [value],
        [f"https://a.example/#{value}"],
        {value: value},
        {"keys": [{"kty": value}]},
    ]


@pytest.mark.parametrize("noun", [CLIENTS, RESOURCES, TENANTS])
def test_the_character_that_no_database_takes_is_refused_wherever_it_stands(
    world: World, operator: requests.Session, noun: str
) -> None:
    needed = {"name": "Odd", "identifier": "https://odd.example"} if noun == RESOURCES else {"name": "Odd"}
    made = operator.post(f"{world.url}{noun}", json=needed)
    assert made.status_code == 201
    for member in (name for name in made.json() if name not in ("id", "tenant_id", "created_at", "updated_at")):
        for value in _put(NUL):
            answer = operator.patch(f"{world.url}{noun}/{made.json()['id']}", json={member: value})
            assert answer.status_code == 422, (member, value)


def test_a_name_is_one_line_that_reads_as_it_is_written(world: World, operator: requests.Session) -> None:
    for noun, needed in ((CLIENTS, {}), (RESOURCES, {"identifier": "https://odd.example"}), (TENANTS, {})):
        for name in (NUL, TURNED, BROKEN):
            answer = operator.post(f"{world.url}{noun}", json={"name": name, **needed})
            assert answer.status_code == 422 and "one line" in answer.json()["detail"], (noun, name)


def test_a_list_as_long_as_a_body_may_be_is_refused(world: World, operator: requests.Session) -> None:
    many = [f"{number:x}" for number in range(8000)]
    resource = {"name": "Odd", "identifier": "https://odd.example"}
    for noun, body in (
        (RESOURCES, {**resource, "clients": many}),
        (RESOURCES, {**resource, "introspectors": many}),
        (CLIENTS, {"name": "Odd", "scopes": many}),
        (CLIENTS, {"name": "Odd", "contacts": many}),
    ):
        assert operator.post(f"{world.url}{noun}", json=body).status_code == 422, list(body)[-1]


def test_json_that_is_none_is_refused(world: World, operator: requests.Session) -> None:
    operator.headers["Content-Type"] = "application/json"
    for raw in (b'{"name":"\\ud800"}', b'{"name":"\xff"}', b"[" * 50_000, b'{"name":1e999}', b'{"jwks":{"keys":[{"x":NaN}]}}'):
        for noun in (CLIENTS, TENANTS):
            assert operator.post(f"{world.url}{noun}", data=raw).status_code == 422, raw[:30]


def test_odd_words_and_cursors_find_a_page_or_are_refused(world: World, operator: requests.Session) -> None:
    for limit in ("9" * 6000, "-1", "1e9", "٣"):
        assert operator.get(f"{world.url}/api/admin/users", params={"limit": limit}).status_code == 422
    for odd in ("%", "_", "\ufffd", "\U0010ffff", "' OR 1=1 --"):
        assert operator.get(f"{world.url}/api/admin/users", params={"q": odd}).status_code == 200
    assert operator.get(f"{world.url}/api/admin/users?q=%ff%fe").status_code == 200
