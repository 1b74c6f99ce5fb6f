"""The API of operators about providers, and what it gives of them to the operators' own applications."""

import pytest

from shared.kit.db import transaction
from shared.services import audit, identities, kept_tokens, providers, tenants
from shared.services.arrivals import Told
from tests.parts.world import TESTS

ROOT = "/api/admin/providers"
SENT = {"preset": "google", "client_id": "1234", "secret": "GOCSPX-a-secret"}


def test_it_is_for_operators(api):
    for path in (ROOT, f"/api/admin/users/{api.ada.id}/identities"):
        assert api.web.get(path).status_code == 401
        assert api.web.get(path, headers=api.bearer("openid")).status_code == 403


def test_a_provider_is_added_changed_ordered_and_deleted(api, operator):
    made = api.web.post(ROOT, json=SENT, headers=operator)
    assert made.status_code == 201, made.json
    assert made.json["redirect_uri"].endswith("/login/with/google/callback") and made.json["has_secret"] is True
    other = api.web.post(
        ROOT,
        json={"preset": "openid", "name": "Work", "client_id": "x", "secret": "y", "discovery_url": "https://id.example"},
        headers=operator,
    )
    assert other.json["discovery_url"] == "https://id.example/.well-known/openid-configuration"
    address = f"{ROOT}/{made.json['id']}"
    changed = api.web.patch(address, json={"enabled": False, "keeps_tokens": True, "secret": "another"}, headers=operator)
    assert (changed.json["enabled"], changed.json["keeps_tokens"]) == (False, True)
    order = api.web.put(f"{ROOT}/order", json={"ids": [other.json["id"]]}, headers=operator)
    assert [each["slug"] for each in order.json["items"]] == ["work", "google"]
    everything = api.web.get(ROOT, headers=operator).text + api.web.get(address, headers=operator).text + changed.text
    assert "secret" not in everything.replace("has_secret", "").replace("client_secret", "")
    assert api.web.delete(address, headers=operator).json["slug"] == "google"
    assert api.web.get(address, headers=operator).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**SENT, "preset": "myspace"}, 422),
        ({**SENT, "secret": "a\nb"}, 422),
        ({**SENT, "unknown": 1}, 422),
        ({"preset": "openid", "client_id": "x", "secret": "y"}, 422),
        ({"preset": "oauth2", "client_id": "x", "secret": "y", "endpoints": {"token": "javascript:x"}}, 422),
    ],
)
def test_what_does_not_fit_is_refused(api, operator, body, status):
    assert api.web.post(ROOT, json=body, headers=operator).status_code == status
    assert api.web.get(ROOT, headers=operator).json["items"] == []


def test_the_tokens_of_a_person_are_read_by_operators_and_written_down(api, operator):
    with api.app.app_context():
        row = providers.create(tenants.default(), keeps_tokens=True, by=TESTS, **SENT)
        sealed = kept_tokens.sealed(row, "sub-1", {"access_token": "theirs", "expires_at": 99999999999})
        with transaction() as session:
            user = session.get_one(type(api.ada), api.ada.id)
        identities.link(user, row, Told("sub-1", tokens_sealed=sealed), by=TESTS)
        plain = providers.create(tenants.default(), slug="other", by=TESTS, **SENT)
        identities.link(user, plain, Told("sub-2"), by=TESTS)
    root = f"/api/admin/users/{api.ada.id}/identities"
    first, second = api.web.get(root, headers=operator).json["items"]
    assert (first["subject"], first["has_tokens"], second["has_tokens"]) == ("sub-1", True, False)
    answer = api.web.get(f"{root}/{first['id']}/tokens", headers=operator)
    assert answer.json == {"access_token": "theirs", "expires_at": 99999999999} and "no-store" in answer.headers["Cache-Control"]
    assert api.web.get(f"{root}/{second['id']}/tokens", headers=operator).status_code == 404
    with api.app.app_context():
        assert audit.search(action="identity.tokens_read").items[0].detail == {"provider": "google"}
