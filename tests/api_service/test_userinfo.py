"""Claims about the person (OpenID Connect Core §5.3, §5.4)."""

import pytest


@pytest.mark.parametrize("method", ["get", "post"])
def test_openid_alone_gives_a_third_party_the_subject_alone(api, method):
    answer = getattr(api.web, method)("/api/userinfo", headers=api.bearer())
    assert answer.status_code == 200
    assert answer.json == {"sub": str(api.ada.id)}
    assert answer.headers["Cache-Control"] == "no-store"


def test_email_and_profile_open_their_claims(api):
    assert api.web.get("/api/userinfo", headers=api.bearer("openid email")).json == {
        "sub": str(api.ada.id),
        "email": "ada@example.com",
        "email_verified": True,
    }
    profile = api.web.get("/api/userinfo", headers=api.bearer("openid profile")).json
    assert profile == {"sub": str(api.ada.id), "name": "Ada Lovelace", "updated_at": int(api.ada.updated_at.timestamp())}


def test_a_first_party_application_is_given_all_with_openid_alone(api):
    answer = api.web.get("/api/userinfo", headers=api.bearer(client_id=api.first_party.client_id))
    assert answer.json == {
        "sub": str(api.ada.id),
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "updated_at": int(api.ada.updated_at.timestamp()),
        "tenant_id": str(api.tenant.id),
        "is_active": True,
        "fields": {},
    }


def test_openid_is_needed(api):
    assert api.web.get("/api/userinfo", headers=api.bearer("email profile")).status_code == 403
