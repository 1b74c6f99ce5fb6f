"""Who is let in, and what the others are told (RFC 6750)."""

import pytest

from shared.kit import clock
from shared.kit.db import db
from shared.models import Actor
from shared.services import tenants, users
from shared.web import bearer
from tests.issuer import new_key

TESTS = Actor.system("tests")


def test_without_a_token_one_is_told_to_bring_one_and_no_error_code(api):
    """RFC 6750 §3.1, last paragraph."""
    answer = api.web.get("/api/userinfo")
    assert answer.status_code == 401
    metadata = f"{api.issuer.url}/.well-known/oauth-protected-resource/api"
    assert (
        answer.headers["WWW-Authenticate"] == f'Bearer realm="{api.issuer.url}", scope="openid", resource_metadata="{metadata}"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/problem+json"


def test_another_scheme_is_no_token(api):
    answer = api.web.get("/api/userinfo", headers={"Authorization": "Basic YTpi"})
    assert answer.status_code == 401 and "error" not in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(api, scheme):
    assert api.web.get("/api/userinfo", headers={"Authorization": f"{scheme} {api.token()}"}).status_code == 200


def test_a_bad_token_is_an_invalid_token(api):
    """RFC 6750 §3.1: also a malformed one."""
    for bad in ("x", "a.b.c", "ä", "x" * 9000, api.token(exp=1), api.token(aud="else"), api.token() + "A"):
        answer = api.web.get("/api/userinfo", headers={"Authorization": f"Bearer {bad}"})
        assert answer.status_code == 401, bad
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert answer.json["code"] == "invalid_token"


def test_two_tokens_or_an_empty_one_are_an_invalid_request(api):
    """RFC 6750 §2: one method a request."""
    two = api.web.post("/api/userinfo", headers=api.bearer(), data={"access_token": api.token()})
    twice = api.web.post("/api/userinfo", data={"access_token": [api.token(), api.token()]})
    empty = api.web.get("/api/userinfo", headers={"Authorization": "Bearer "})
    for answer in (two, twice, empty):
        assert answer.status_code == 400
        assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


def test_a_token_in_the_address_is_refused(api):
    """RFC 6750 §2.3, RFC 9700 §4.3.2."""
    for path, headers in ((f"/api/userinfo?access_token={api.token()}", {}), ("/api/userinfo?access_token=", api.bearer())):
        answer = api.web.get(path, headers=headers)
        assert answer.status_code == 400 and 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


def test_a_form_body_may_carry_it_on_post_only(api):
    """RFC 6750 §2.2."""
    assert api.web.post("/api/userinfo", data={"access_token": api.token()}).status_code == 200
    assert api.web.get("/api/userinfo", data={"access_token": api.token()}).status_code == 401


def test_a_missing_scope_is_named(api):
    answer = api.web.get("/api/me", headers=api.bearer("openid email"))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert 'scope="profile"' in answer.headers["WWW-Authenticate"]


def test_a_token_believed_once_is_not_believed_for_ever(api):
    header = api.bearer()
    assert api.web.get("/api/userinfo", headers=header).status_code == 200
    clock.shift(560)
    assert api.web.get("/api/userinfo", headers=header).status_code == 200
    clock.shift(41)
    assert api.web.get("/api/userinfo", headers=header).status_code == 401


def test_a_token_believed_once_falls_with_its_key(api):
    header = api.bearer()
    assert api.web.get("/api/userinfo", headers=header).status_code == 200
    api.issuer.keys[0] = new_key("ES256", "es-2")
    clock.shift(301)
    assert api.web.get("/api/userinfo", headers=header).status_code == 401


def test_a_key_made_a_moment_ago_works_at_once(api):
    assert api.web.get("/api/userinfo", headers=api.bearer()).status_code == 200
    api.issuer.keys.insert(0, new_key("ES256", "es-2"))
    assert api.web.get("/api/userinfo", headers=api.bearer()).status_code == 200


def test_without_the_keys_of_the_issuer_it_is_our_trouble_not_the_token_s(api):
    api.issuer.status = 500
    answer = api.web.get("/api/userinfo", headers=api.bearer())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "WWW-Authenticate" not in answer.headers
    assert api.web.get("/api/userinfo").status_code == 401, "who brings no token need not wait for keys"


def test_a_disabled_person_is_refused_at_once(api):
    header = api.bearer()
    assert api.web.get("/api/userinfo", headers=header).status_code == 200
    with api.app.app_context():
        ada = users.get(api.tenant, api.ada.id)
        ada.disabled_at = clock.now()
        db.session.commit()
    answer = api.web.get("/api/userinfo", headers=header)
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("subject", ["a-client", "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77"])
def test_a_token_that_speaks_for_nobody_is_refused(api, subject):
    assert api.web.get("/api/userinfo", headers=api.bearer(sub=subject)).status_code == 401


def test_a_tenant_believes_its_own_issuer_only(api):
    with api.app.app_context():
        acme = tenants.create(name="Acme", slug="acme", by=TESTS)
        eve = users.create(acme, email="eve@example.com", by=TESTS)
    theirs = f"{api.issuer.url}/t/acme"
    of_acme = api.bearer(iss=theirs, aud=f"{theirs}/api", sub=str(eve.id))
    assert api.web.get("/t/acme/api/userinfo", headers=of_acme).json["sub"] == str(eve.id)
    assert "/t/acme/.well-known/jwks.json" in api.issuer.asked
    assert api.web.get("/api/userinfo", headers=of_acme).status_code == 401
    assert api.web.get("/t/acme/api/userinfo", headers=api.bearer()).status_code == 401
    for headers in (api.bearer(), {}):
        assert api.web.get("/t/nobody/api/userinfo", headers=headers).status_code == 404


def test_the_person_must_be_of_the_tenant(api):
    with api.app.app_context():
        tenants.create(name="Acme", slug="acme", by=TESTS)
    theirs = f"{api.issuer.url}/t/acme"
    header = api.bearer(iss=theirs, aud=f"{theirs}/api", sub=str(api.ada.id))
    assert api.web.get("/t/acme/api/userinfo", headers=header).status_code == 401


def test_only_so_many_tokens_are_remembered(api):
    recent = bearer._Recent(8)
    for number in range(100):
        recent.keep(bytes([number]), object())
    kept = [number for number in range(100) if recent.find(bytes([number]))]
    assert len(recent._young) + len(recent._old) <= 8 and 99 in kept
