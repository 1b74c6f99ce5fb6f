"""The API of operators about factors."""

from shared.services import users
from tests.parts.factoring import added_app


def test_the_factors_of_a_person_are_listed_and_taken_away(api, operator):
    with api.app.app_context():
        app, _ = added_app(api.tenant, users.get(None, api.ada.id))
    address = f"/api/admin/users/{api.ada.id}/factors"
    listed = api.web.get(address, headers=operator)
    assert [(each["kind"], each["name"]) for each in listed.json["items"]] == [("totp", "Phone")]
    assert app.secret not in listed.text
    assert api.web.get(address, headers=api.bearer("openid profile")).status_code == 403
    assert api.web.delete(address, headers=operator).json == listed.json
    assert api.web.get(address, headers=operator).json["items"] == []


def test_the_rules_of_a_tenant_are_read_and_changed(api, operator):
    address = f"/api/admin/tenants/{api.tenant.id}"
    assert api.web.get(address, headers=operator).json["second_factor"] == "enrolled"
    changes = {"factors": ["totp", "password"], "second_factor": "always"}
    changed = api.web.patch(address, json=changes, headers=operator).json
    assert (changed["factors"], changed["second_factor"]) == (["password", "totp"], "always")
    refused = api.web.patch(address, json={"factors": ["passkey"]}, headers=operator)
    assert (refused.status_code, refused.json["field"]) == (422, "factors")
    assert api.web.patch(address, json={"factors": ["fax"]}, headers=operator).status_code == 422
