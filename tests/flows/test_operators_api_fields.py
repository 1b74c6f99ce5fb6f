"""User fields through the API of operators."""

from typing import Any

import pytest
import requests

from shared.models.scope import ADMIN
from shared.services import audit, clients, tenants
from tests.parts.fields import BAD, SIZES, TYPED, make, make_all
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


@pytest.fixture
def operator(world: World) -> requests.Session:
    """A session with the token of an operator."""
    with world.inside():
        clients.update(world.client(world.web), scopes=["openid", ADMIN], by=TESTS)
    session = requests.Session()
    token = RelyingParty(world.url, world.web, world.admin).tokens(scope=f"openid {ADMIN}").json["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def test_a_field_is_made_changed_moved_and_deleted(world: World, operator: requests.Session) -> None:
    address = f"{world.url}/api/admin/fields"
    sent = {"kind": "choice", "name": "Size", "choices": SIZES, "default": "m", "claim": "size", "at_sign_up": True}
    made = operator.post(address, json=sent)
    assert made.status_code == 201
    told = made.json()
    assert {name: told[name] for name in sent} == sent
    assert (told["slug"], told["scope"], told["position"], told["required"]) == ("size", "profile", 0, False)
    other = operator.post(address, json={"kind": "string", "name": "Other"}).json()
    changed = operator.patch(f"{address}/{other['id']}", json={"position": 0, "required": True}).json()
    assert (changed["position"], changed["required"], changed["name"]) == (0, True, "Other")
    assert [each["slug"] for each in operator.get(address).json()["items"]] == ["other", "size"]
    assert operator.patch(f"{address}/{told['id']}", json={"default": None}).json().get("default") is None
    assert operator.delete(f"{address}/{told['id']}").json() == {"id": told["id"], "values_deleted": 0}
    assert operator.get(f"{address}/{told['id']}").status_code == 404
    with world.inside():
        actions = [event.action for event in audit.search(action="user_field", limit=10).items]
    assert sorted(set(actions)) == ["user_field.created", "user_field.deleted", "user_field.moved", "user_field.updated"]


def test_values_are_read_and_changed(world: World, operator: requests.Session) -> None:
    make_all(world, at_sign_up=False, editable=False)
    address = f"{world.url}/api/admin/users/{world.ada.id}"
    values = {kind: value for kind, (_, value) in TYPED.items()}
    assert operator.patch(f"{address}/fields", json={"fields": values}).json() == {"fields": values}
    assert operator.get(address).json()["fields"] == values
    assert operator.patch(f"{address}/fields", json={"fields": {"string": None}}).json()["fields"].keys() == values.keys() - {
        "string"
    }


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_does_not_fit_is_refused_and_changes_nothing(world: World, operator: requests.Session) -> None:
    make_all(world)
    address = f"{world.url}/api/admin/users/{world.ada.id}/fields"
    for kind, bad in ((kind, bad) for kind, values in BAD.items() for bad in values if bad not in ("\ud800", 10**40)):
        answer = operator.patch(address, json={"fields": {kind: bad}})
        assert answer.status_code == 422, (kind, bad)
        assert answer.json()["field"] == f"fields.{kind}", (kind, bad)
    for strange in ({"__proto__": "x"}, {"unknown": 1}, {"": ""}, {"a\0b": 1}):
        assert operator.patch(address, json={"fields": strange}).status_code == 422
    for body in ({}, {"fields": []}, {"fields": None}, [], {"fields": {}, "x": 1}):
        assert operator.patch(address, json=body).status_code == 422
    assert operator.get(address).json() == {"fields": {}}


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "rules",
    [
        {"kind": "password"},
        {"kind": "choice"},
        {"kind": "choice", "choices": [["a"]]},
        {"kind": "choice", "choices": [["a", "A"], ["a", "B"]]},
        {"kind": "choice", "choices": [["", "A"]]},
        {"kind": "choice", "choices": [["a\0", "A"]]},
        {"kind": "choice", "choices": [["x" * 101, "A"]]},
        {"kind": "choice", "choices": [[str(number), ""] for number in range(501)]},
        {"kind": "choice", "choices": SIZES, "default": "xl"},
        {"kind": "string", "choices": SIZES},
        {"kind": "string", "default": 7},
        {"kind": "string", "default": "x" * 201},
        {"kind": "boolean", "default": True, "required": True},
        {"kind": "integer", "default": "many"},
        {"kind": "string", "slug": "__proto__"},
        {"kind": "string", "slug": "Größe"},
        {"kind": "string", "claim": "sub"},
        {"kind": "string", "claim": "acr"},
        {"kind": "string", "claim": "email_verified"},
        {"kind": "string", "claim": "phone_number"},
        {"kind": "phone", "claim": "nickname"},
        {"kind": "string", "claim": "x", "scope": "offline_access"},
        {"kind": "string", "claim": "x" * 101},
        {"kind": "string", "name": "a\nb"},
        {"kind": "string", "position": 3},
        {"kind": "string", "tenant_id": "x"},
        {"kind": "string", "required": True, "editable": False},
    ],
)
def test_rules_that_cannot_be_are_refused(world: World, operator: requests.Session, rules: dict[str, Any]) -> None:
    answer = operator.post(f"{world.url}/api/admin/fields", json={"name": "Rank", **rules})
    assert answer.status_code == 422, answer.text
    assert operator.get(f"{world.url}/api/admin/fields").json() == {"items": []}


@pytest.mark.parametrize("database", ["sqlite"])
def test_kind_and_slug_stay_and_a_standard_claim_is_for_good(world: World, operator: requests.Session) -> None:
    with world.inside():
        field = make(world, "string", claim="nickname")
    address = f"{world.url}/api/admin/fields/{field.id}"
    for change in ({"kind": "integer"}, {"slug": "x"}, {"claim": "given_name"}, {"claim": None}, {"claim": "own"}):
        assert operator.patch(address, json=change).status_code == 422, change


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_tenant_has_a_hundred_at_most(world: World, operator: requests.Session) -> None:
    for number in range(100):
        with world.inside():
            make(world, "string", slug=f"field{number}")
    answer = operator.post(f"{world.url}/api/admin/fields", json={"kind": "string", "name": "One more"})
    assert answer.status_code == 422 and "at most 100" in answer.json()["detail"]
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    assert operator.post(f"{world.url}/api/admin/fields?tenant=acme", json={"kind": "string", "name": "x"}).status_code == 201


def test_it_is_for_operators(world: World) -> None:
    token = RelyingParty(world.url, world.web, world.ada).tokens(scope="openid profile").access_token
    for path in ("/api/admin/fields", f"/api/admin/users/{world.ada.id}/fields"):
        assert requests.get(f"{world.url}{path}").status_code == 401
        assert requests.get(f"{world.url}{path}", headers={"Authorization": f"Bearer {token}"}).status_code == 403
