"""Discovery (RFC 8414, OpenID Connect Discovery 1.0): every member is true, and no request can change an address."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from shared.models.tenant import Tenant
from shared.services import tenants
from tests.parts.browsing import Browser
from tests.parts.known import know_all
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims, unverified_header

# What is published does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
DOCUMENTS = ("openid-configuration", "oauth-authorization-server")
# RFC 8414 §2, OpenID Connect Discovery §3.
REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}
# What a GET without anything is answered.
ANSWERS = {
    "authorization_endpoint": 400,
    "userinfo_endpoint": 401,
    "end_session_endpoint": 200,
    "jwks_uri": 200,
    "service_documentation": 200,
}
SPOOFED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Script-Name": "/evil",
    "X-Host": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
}


@pytest.fixture
def acme(world: World) -> Tenant:
    with world.inside():
        return tenants.create(name="Acme", by=TESTS)


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=30, allow_redirects=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_is_at_both_names(world: World, document: str) -> None:
    answer = get(f"{world.url}/.well-known/{document}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert REQUIRED <= set(answer.json())
    assert answer.json()["issuer"] == world.url
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_tenants_document_is_appended_and_inserted(world: World, acme: Tenant, document: str) -> None:
    """OpenID Connect Discovery §4.1 appends, RFC 8414 §3.1 inserts."""
    appended, inserted = (
        get(f"{world.url}{path}") for path in (f"/t/acme/.well-known/{document}", f"/.well-known/{document}/t/acme")
    )
    assert appended.json() == inserted.json()
    assert appended.json()["issuer"] == f"{world.url}/t/acme"
    assert all(address.startswith(f"{world.url}/t/acme/") for address in _addresses(appended.json()).values())


@pytest.mark.parametrize("tenant", ["", "/t/acme"])
def test_every_address_is_there(world: World, acme: Tenant, tenant: str) -> None:
    document = get(f"{world.url}{tenant}/.well-known/openid-configuration").json()
    found = {name: get(address).status_code for name, address in _addresses(document).items()}
    # What is called by a program alone takes a POST.
    assert found == {name: ANSWERS.get(name, 405) for name in found}
    assert set(ANSWERS) <= set(found)


def test_every_signing_algorithm_has_its_key(rp: RelyingParty) -> None:
    published = rp.jwks()["keys"]
    assert {key["alg"] for key in published} == set(rp.metadata["id_token_signing_alg_values_supported"])
    for key in published:
        assert key["use"] == "sig"
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key), "a private part is published"
    assert unverified_header(rp.tokens().id_token)["alg"] in rp.metadata["id_token_signing_alg_values_supported"]


def test_every_scope_may_be_asked_and_every_claim_is_known(ours: RelyingParty, world: World) -> None:
    know_all(world)
    tokens = ours.tokens(scope=" ".join(ours.metadata["scopes_supported"]))
    assert set(tokens.scope.split()) == set(ours.metadata["scopes_supported"])
    told = set(unverified_claims(tokens.id_token)) | set(ours.userinfo(tokens.access_token).json)
    assert told - {"nonce"} <= set(ours.metadata["claims_supported"])
    assert set(ours.metadata["claims_supported"]) - told == set()


def test_what_is_supported_is_and_nothing_else(rp: RelyingParty) -> None:
    told = rp.metadata
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    for prompt in told["prompt_values_supported"]:
        page = rp.start(prompt=prompt)
        assert page.left_to is None or page.answer["error"] == "login_required"
    assert told["claims_parameter_supported"] is True
    for grant in told["grant_types_supported"]:
        assert rp.token(grant_type=grant).error != "unsupported_grant_type"
    for grant in {"password", "implicit", "client_credentials", DEVICE} - set(told["grant_types_supported"]):
        assert rp.token(grant_type=grant).error == "unsupported_grant_type"


def test_no_header_of_a_request_changes_an_address(world: World, acme: Tenant) -> None:
    for tenant in ("", "/t/acme"):
        for document in (*DOCUMENTS, "jwks.json"):
            url = f"{world.url}{tenant}/.well-known/{document}"
            assert get(url, **SPOOFED).json() == get(url).json()


@pytest.mark.parametrize(
    "path", ["/", "/account", "/admin/", "/admin", "/login/", "/account/sessions", "/t/acme", "/t/acme/", "/t/acme/account", "/t"]
)
def test_no_header_of_a_request_changes_where_a_redirect_leads(world: World, acme: Tenant, path: str) -> None:
    spoofed, plain = get(world.url + path, **SPOOFED), get(world.url + path)
    assert (spoofed.status_code, spoofed.headers.get("Location")) == (plain.status_code, plain.headers.get("Location"))
    assert "evil" not in spoofed.text
    assert urlsplit(spoofed.headers.get("Location", "")).netloc in ("", urlsplit(world.url).netloc)


def test_no_header_of_a_request_changes_a_sign_in(rp: RelyingParty) -> None:
    rp.browser = Browser(rp.issuer, **SPOOFED)
    rp.browser.http.headers.pop("Host")
    tokens = rp.tokens()
    assert "evil" not in rp.browser.page.left_to
    assert unverified_claims(tokens.id_token)["iss"] == rp.issuer
    spoofed = rp.post(rp.metadata["token_endpoint"], {"grant_type": "x"}, {**SPOOFED, **rp.basic("wrong")})
    assert "evil" not in str(spoofed.headers) + spoofed.text


def test_no_header_of_a_request_is_in_a_letter_or_a_page(world: World) -> None:
    http = requests.Session()
    http.headers.update(SPOOFED)
    form = http.get(f"{world.url}/signup", timeout=30).text
    assert "evil" not in form
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "email": "new@example.com", "password": "difference engines all the way"}
    answer = http.post(f"{world.url}/signup", data=fields, timeout=30, allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account"
    (letter,) = world.letters()
    assert "evil" not in letter


def test_of_a_key_set_a_head_is_answered_and_a_post_is_not(world: World) -> None:
    assert requests.head(f"{world.url}/.well-known/jwks.json", timeout=30).status_code == 200
    assert requests.post(f"{world.url}/.well-known/openid-configuration", timeout=30).status_code == 405


def _addresses(document: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in document.items() if name != "issuer" and str(value).startswith("http")}
