"""Oneself, read and changed."""

import pytest


@pytest.fixture
def header(api):
    return api.bearer("openid profile", client_id=api.first_party.client_id)


def test_one_reads_oneself(api, header):
    me = api.web.get("/api/me", headers=header).json
    assert me["sub"] == str(api.ada.id) and me["name"] == "Ada Lovelace"


def test_one_changes_one_s_name(api, header):
    answer = api.web.patch("/api/me", headers=header, json={"name": "  Ada King "})
    assert answer.status_code == 200 and answer.json["name"] == "Ada King"
    assert api.web.get("/api/me", headers=header).json["name"] == "Ada King"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 7}, "name"),
        ({"claims": {"phone_number_verified": True}}, "claims.phone_number_verified"),
        ({"name": "Ada", "permissions": ["bailiwick:admin"]}, "permissions"),
        ({"claims": {"email": "eve@example.com"}}, "claims.email"),
        ({"name": "Ada\r\nBcc: all"}, "name"),
        ({"name": "Ada", "email": "eve@example.com"}, "email"),
        ([], ""),
    ],
)
def test_what_does_not_fit_is_named(api, header, body, field):
    answer = api.web.patch("/api/me", headers=header, json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [slip["field"] for slip in answer.json["errors"]] == [field]


def test_what_is_not_json_is_refused(api, header):
    assert api.web.patch("/api/me", headers=header, data="{", content_type="application/json").status_code == 422
    assert api.web.patch("/api/me", headers=header, data={"name": "Ada"}).status_code == 415
    assert api.web.patch("/api/me", headers=header, data=b"x" * 100_000, content_type="application/json").status_code == 413


def test_it_needs_the_profile_scope(api):
    assert api.web.patch("/api/me", headers=api.bearer("openid"), json={"name": "Eve"}).status_code == 403


def test_a_third_party_that_may_see_the_name_may_not_change_it(api):
    header = api.bearer("openid profile")
    assert api.web.get("/api/me", headers=header).status_code == 200
    assert api.web.patch("/api/me", headers=header, json={"name": "Eve"}).status_code == 403
    assert api.web.get("/api/me", headers=header).json["name"] == "Ada Lovelace"
