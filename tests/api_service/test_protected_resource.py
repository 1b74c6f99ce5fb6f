"""What the API says of itself, to clients that know only its address (RFC 9728)."""

import re

import pytest

from shared.models import Actor
from shared.models.scope import USUAL
from shared.services import tenants

WELL_KNOWN = "/.well-known/oauth-protected-resource"


@pytest.fixture
def acme(api):
    with api.app.app_context():
        return tenants.create(name="Acme", slug="acme", by=Actor.system("tests"))


def test_it_names_itself_its_issuer_and_what_it_takes(api):
    """§2, §3.2."""
    answer = api.web.get(f"{WELL_KNOWN}/api")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert answer.json == {
        "resource": f"{api.issuer.url}/api",
        "authorization_servers": [api.issuer.url],
        "scopes_supported": [scope for scope in USUAL if scope != "offline_access"],
        "bearer_methods_supported": ["header", "body"],
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA", "Ed25519"],
        "resource_name": "Default API",
        "resource_documentation": f"{api.issuer.url}/docs",
    }


def test_its_address_is_the_identifier_with_the_path_inserted(api, acme):
    """§3.1, §3.3: what is found there names exactly the identifier that the address was made from."""
    for path in ("", "/t/acme"):
        said = api.web.get(f"{WELL_KNOWN}{path}/api").json
        assert said["resource"] == f"{api.issuer.url}{path}/api"
        assert said["authorization_servers"] == [f"{api.issuer.url}{path}"]


def test_the_same_is_at_the_root_of_a_tenant(api, acme):
    for path in ("", "/t/acme"):
        inserted = api.web.get(f"{WELL_KNOWN}{path}/api")
        for place in (WELL_KNOWN, f"{WELL_KNOWN}/api"):
            assert api.web.get(f"{path}{place}").json == inserted.json


def test_what_is_not_there_is_not_found(api, acme):
    for rest in (
        "/",
        "/api/",
        "/api/userinfo",
        "/t/acme",
        "/t/nobody/api",
        "/t/default/api",
        "/else",
        "/t/acme/api/x",
        "/t//api",
    ):
        assert api.web.get(f"{WELL_KNOWN}{rest}").status_code == 404, rest


def test_it_may_be_kept_like_discovery_and_read_by_every_site(api):
    """§7.7, and browsers' clients."""
    for place in (WELL_KNOWN, f"{WELL_KNOWN}/api"):
        answer = api.web.get(place, headers={"Origin": "https://app.example"})
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_challenge_names_it(api, acme):
    """§5.1, also for a token that is refused, and for a missing scope."""
    for path in ("", "/t/acme"):
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer "}):
            challenge = api.web.get(f"{path}/api/me", headers=headers).headers["WWW-Authenticate"]
            where = re.search(r'resource_metadata="([^"]+)"', challenge)[1]
            assert where == f"{api.issuer.url}{WELL_KNOWN}{path}/api"
            assert api.web.get(where.removeprefix(api.issuer.url)).status_code == 200
    forbidden = api.web.get("/api/me", headers=api.bearer("openid"))
    assert forbidden.status_code == 403 and f'resource_metadata="{api.issuer.url}' in forbidden.headers["WWW-Authenticate"]


def test_the_methods_that_it_announces_are_the_ones_that_it_takes(api):
    """§2: bearer_methods_supported."""
    assert api.web.get("/api/userinfo", headers=api.bearer()).status_code == 200
    assert api.web.post("/api/userinfo", data={"access_token": api.token()}).status_code == 200
    assert api.web.get(f"/api/userinfo?access_token={api.token()}").status_code == 400
