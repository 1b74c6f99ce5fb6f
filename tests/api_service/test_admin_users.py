"""The API of operators about people: their accounts, and the ends of these."""

import pytest

from shared.models.user import OPERATOR
from shared.services import audit

PASSWORD = "nine engines and a kettle"


@pytest.fixture
def grace(api, operator):
    """Somebody for whom ada made an account."""
    typed = {"email": "grace@example.com", "name": "Grace Hopper", "password": PASSWORD}
    made = api.web.post("/api/admin/users", json=typed, headers=operator)
    assert (made.status_code, made.json["disabled"], made.json["email_verified"]) == (201, False, False)
    return made.json


def of_grace(api, grace):
    return api.bearer("openid", sub=grace["id"], client_id=api.first_party.client_id)


def test_an_account_that_was_made_is_one_like_others(api, operator, grace):
    assert api.web.get(f"/api/admin/users/{grace['id']}", headers=operator).json == grace
    assert api.web.get("/api/userinfo", headers=of_grace(api, grace)).json["email"] == "grace@example.com"
    assert PASSWORD not in str(grace)


@pytest.mark.parametrize(
    ("typed", "status", "field"),
    [
        ({"email": "ADA@example.com"}, 409, "email"),
        ({"email": "nowhere"}, 422, "email"),
        ({"email": "new@example.com", "password": "password1234"}, 422, "password"),
        ({"email": "new@example.com", "permissions": [OPERATOR]}, 422, None),
        ({}, 422, None),
    ],
)
def test_what_is_wrong_with_a_new_account_is_said(api, operator, typed, status, field):
    refused = api.web.post("/api/admin/users", json=typed, headers=operator)
    assert (refused.status_code, refused.json.get("field")) == (status, field)


def test_a_person_is_disabled_and_enabled(api, operator, grace):
    address = f"/api/admin/users/{grace['id']}/disabling"
    assert api.web.put(address, json={"reason": "left"}, headers=operator).json["disabled"] is True
    assert api.web.get("/api/userinfo", headers=of_grace(api, grace)).status_code == 401
    assert api.web.delete(address, headers=operator).json["disabled"] is False
    own = api.web.put(f"/api/admin/users/{api.ada.id}/disabling", json={}, headers=operator)
    assert own.status_code == 422 and "own account" in own.json["detail"]


def test_a_person_is_signed_out_everywhere(api, operator, grace):
    assert api.web.delete(f"/api/admin/users/{grace['id']}/sessions", headers=operator).json["id"] == grace["id"]
    with api.app.app_context():
        newest = audit.search(action="user.sessions_ended").items[0]
    assert (newest.actor_name, newest.subject_name) == ("ada@example.com", "grace@example.com")


def test_only_operators_do_that(api, grace):
    address, header = f"/api/admin/users/{grace['id']}", api.bearer("openid profile account:write")
    asked = (("POST", "/api/admin/users"), ("PUT", f"{address}/disabling"), ("DELETE", f"{address}/sessions"))
    assert [api.web.open(where, method=verb, json={}, headers=header).status_code for verb, where in asked] == [403] * 3
