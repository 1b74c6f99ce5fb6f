"""One's own account through the API, by applications that were given the scopes for it."""

import re
import time
from typing import Any

import pytest
import requests

from shared.kit.db import transaction
from shared.models.client import Client
from shared.models.factor import AuthenticatorApp
from shared.models.provider import Identity, Provider
from shared.models.scope import USUAL
from shared.services import clients, tenants, user_fields
from tests.parts.browsing import Browser
from tests.parts.signed_in import IPHONE, is_signed_in, signed_in
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
READ, WRITE = "openid profile account", "openid profile account account:write"
WRITES = (
    ("PATCH", "/api/me/password", {"password": "nine engines and a kettle"}),
    ("PATCH", "/api/me/email", {"email": "new@example.org"}),
    ("POST", "/api/me/email/verification", {"code": "AAAAAA"}),
    ("DELETE", "/api/me/sessions/others", None),
    ("DELETE", "/api/me/sessions/x", None),
    ("DELETE", "/api/me/applications/0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e80", None),
    ("DELETE", "/api/me", None),
)
GUARDED = ("/api/me/password", "/api/me/email", "/api/me/email/verification", "/api/me")


class Api:
    """Requests with one token."""

    def __init__(self, world: World, token: str) -> None:
        self.url, self.headers = world.url, {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, json: Any = None) -> requests.Response:
        return requests.request(method, self.url + path, json=json, headers=self.headers, timeout=30)


@pytest.fixture
def trusted(world: World) -> Application:
    """An application to which an operator gave the right to change accounts."""
    with world.inside():
        clients.update(world.client(world.web), scopes=[*USUAL, "account:write"], by=TESTS)
    return world.web


@pytest.fixture
def api(rp: RelyingParty, trusted: Application, world: World) -> Api:
    return Api(world, rp.tokens(scope=WRITE).access_token)


def test_what_it_may_do_is_said_before_it_is_allowed(rp: RelyingParty, trusted: Application) -> None:
    rp.start(scope=WRITE)
    page = rp.sign_in()
    assert page.path == "/consent"
    assert "Run your account in your name: change your password and e-mail address" in page.words
    assert "See all of your account" in page.words


def test_no_application_may_write_unless_an_operator_says_so(rp: RelyingParty) -> None:
    assert rp.start(scope=WRITE).answer["error"] == "invalid_scope"


def test_who_may_read_may_not_write(rp: RelyingParty, world: World) -> None:
    api = Api(world, rp.tokens(scope=READ).access_token)
    assert api("GET", "/api/me/sessions").status_code == 200
    for method, path, body in WRITES:
        answer = api(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), path
    assert api("PATCH", "/api/me", {"name": "Eve"}).status_code == 403


def test_who_may_see_the_profile_sees_no_more(rp: RelyingParty, world: World) -> None:
    api = Api(world, rp.tokens(scope="openid profile").access_token)
    assert set(api("GET", "/api/me").json()) == {"sub", "name", "created_at", "updated_at"}
    for path in ("/api/me/sessions", "/api/me/applications", "/api/me/data"):
        assert api("GET", path).status_code == 403


def test_what_guards_the_account_needs_a_login_of_the_last_ten_minutes(
    rp: RelyingParty, trusted: Application, world: World
) -> None:
    tokens = rp.tokens(scope=f"{WRITE} offline_access")
    world.later(minutes=9, seconds=30)
    stale = rp.refresh(tokens.refresh_token).access_token
    world.later(minutes=1)
    api = Api(world, stale)
    for method, path, body in WRITES:
        if path in GUARDED:
            answer = api(method, path, body)
            assert answer.status_code == 401, path
            challenge = answer.headers["WWW-Authenticate"]
            assert 'error="insufficient_user_authentication"' in challenge and 'max_age="600"' in challenge
    assert api("GET", "/api/me/data").status_code == 401


def test_a_profile_is_read_and_changed(api: Api, world: World) -> None:
    me = api("GET", "/api/me").json()
    assert (me["email"], me["has_password"], me["second_factors"], me["claims"]) == (world.ada.email, True, [], {})
    changed = api("PATCH", "/api/me", {"name": "Countess", "claims": {"locale": "en-GB"}}).json()
    assert (changed["name"], changed["claims"]) == ("Countess", {"locale": "en-GB"})
    assert api("PATCH", "/api/me", {"claims": {"locale": None}}).json()["claims"] == {}


@pytest.mark.parametrize("name", ["\u202eecalevoL adA", "Ada\u2066", "Ada\u2028Lovelace"])
def test_a_name_does_not_turn_around_what_stands_beside_it(api: Api, browser: Browser, name: str) -> None:
    assert api("PATCH", "/api/me", {"name": name}).status_code == 422
    assert api("GET", "/api/me").json()["name"] == "Ada Lovelace"
    browser.get("/signup")
    page = browser.submit(name=name, email="eve@example.com", password="nine engines and a kettle")
    assert page.status == 422 and "It has a character that cannot be shown." in page.words


def test_the_fields_of_the_tenant_are_read_and_changed(api: Api, world: World) -> None:
    with world.inside():
        user_fields.create(world.tenant, kind="string", name="Motto", by=TESTS)
        user_fields.create(world.tenant, kind="string", name="Rank", editable=False, by=TESTS)
    assert api("PATCH", "/api/me", {"fields": {"motto": "Sapere aude"}}).json()["fields"] == {"motto": "Sapere aude"}
    refused = api("PATCH", "/api/me", {"name": "Countess", "fields": {"rank": "Admiral"}})
    assert refused.status_code == 422
    assert api("GET", "/api/me").json()["name"] == "Ada Lovelace", "all or nothing"


def test_factors_and_identities_are_listed_and_taken_away(api: Api, world: World) -> None:
    with world.inside(), transaction() as session:
        provider = Provider(tenant_id=world.tenant.id, slug="elsewhere", name="Elsewhere", preset="openid", client_id="x")
        session.add(provider)
        session.flush()
        session.add(Identity(tenant_id=world.tenant.id, provider_id=provider.id, user_id=world.ada.id, subject="42"))
        app = AuthenticatorApp(user_id=world.ada.id, name="My phone", secret_sealed="x")
        session.add(app)
    (identity,) = api("GET", "/api/me/identities").json()["items"]
    (factor,) = api("GET", "/api/me/factors").json()["items"]
    assert (identity["provider_name"], factor["kind"], factor["name"]) == ("Elsewhere", "totp", "My phone")
    assert "secret" not in str(factor) and "tokens" not in str(identity)
    other = "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e80"
    for kind, found in (("identities", identity), ("factors", factor)):
        assert api("DELETE", f"/api/me/{kind}/{other}").status_code == 404
        assert api("DELETE", f"/api/me/{kind}/{found['id']}").status_code == 200
        assert api("GET", f"/api/me/{kind}").json()["items"] == []
    assert len(world.letters()) == 2, "each is told by letter"


@pytest.mark.parametrize(
    "body",
    [
        {"email": "eve@example.com"},
        {"permissions": ["bailiwick:admin"]},
        {"email_verified": True},
        {"password_hash": "x"},
        {"claims": {"phone_number_verified": True}},
        {"claims": {"sub": "x"}},
    ],
)
def test_nothing_else_is_assigned(api: Api, body: dict[str, Any]) -> None:
    assert api("PATCH", "/api/me", {"name": "Ada", **body}).status_code == 422


def test_a_password_is_changed_and_every_token_ends(api: Api, rp: RelyingParty, world: World) -> None:
    phone = signed_in(world, IPHONE)
    assert api("PATCH", "/api/me/password", {"password": "password1234"}).status_code == 422
    assert api("PATCH", "/api/me/password", {"password": "nine engines and a kettle"}).status_code == 200
    time.sleep(0.6)
    assert api("GET", "/api/me").status_code == 401
    assert is_signed_in(rp.browser) and not is_signed_in(phone)
    fresh = Browser(world.url)
    fresh.get("/login")
    assert fresh.submit(email=world.ada.email, password="nine engines and a kettle").path == "/account"


def test_an_address_is_changed_by_the_code_that_came_to_it(api: Api, world: World) -> None:
    asked = api("PATCH", "/api/me/email", {"email": "new@example.org"})
    assert (asked.status_code, asked.json()) == (202, {"email": world.ada.email, "new_email": "new@example.org"})
    assert api("POST", "/api/me/email/verification", {"code": "AAAAAA"}).status_code == 422
    code = re.search(r"\b[34679ACDEFGHJKMNPQRTVWXY]{6}\b", world.letters()[-1].split("\n\n", 1)[1])[0]
    assert api("POST", "/api/me/email/verification", {"code": code}).json()["email"] == "new@example.org"


def test_nobody_learns_by_it_whether_an_address_is_taken(api: Api, world: World) -> None:
    taken = api("PATCH", "/api/me/email", {"email": world.admin.email})
    assert (taken.status_code, taken.json()["new_email"]) == (202, world.admin.email)
    assert world.letters() == []


def test_sessions_are_listed_and_ended(api: Api, rp: RelyingParty, world: World) -> None:
    phone, tablet = signed_in(world, IPHONE), signed_in(world)
    listed = api("GET", "/api/me/sessions").json()["items"]
    assert [each["current"] for each in listed].count(True) == 1 and len(listed) == 3
    on_phone = next(each for each in listed if "iPhone" in each["browser"])
    assert api("DELETE", f"/api/me/sessions/{on_phone['id']}").status_code == 200
    assert api("DELETE", f"/api/me/sessions/{on_phone['id']}").status_code == 404
    assert not is_signed_in(phone) and is_signed_in(tablet)
    assert len(api("DELETE", "/api/me/sessions/others").json()["items"]) == 1
    assert not is_signed_in(tablet) and is_signed_in(rp.browser)


def test_nobody_ends_what_is_somebody_elses(api: Api, world: World) -> None:
    grace = RelyingParty(world.url, world.spa, world.admin)
    tokens = grace.tokens(scope=READ)
    hers = Api(world, tokens.access_token)
    session = hers("GET", "/api/me/sessions").json()["items"][0]["id"]
    application = hers("GET", "/api/me/applications").json()["items"][0]["id"]
    assert api("DELETE", f"/api/me/sessions/{session}").status_code == 404
    assert api("DELETE", f"/api/me/applications/{application}").status_code == 404
    assert is_signed_in(grace.browser) and hers("GET", "/api/me").status_code == 200


def test_applications_are_listed_and_withdrawn(api: Api, rp: RelyingParty, world: World) -> None:
    other = RelyingParty(world.url, world.spa, world.ada)
    tokens = other.tokens()
    listed = api("GET", "/api/me/applications").json()["items"]
    assert {each["name"] for each in listed} == {"Web shop", "Note board"}
    board = next(each for each in listed if each["name"] == "Note board")
    assert board["used_at"] and "See your e-mail address" in board["words"]
    assert api("DELETE", f"/api/me/applications/{board['id']}").status_code == 200
    assert other.refresh(tokens.refresh_token).error == "invalid_grant"


def test_ones_data_comes_as_a_file(api: Api, world: World) -> None:
    answer = api("GET", "/api/me/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.json()["account"]["email"] == world.ada.email
    assert "argon2" not in answer.text


def test_an_account_is_deleted_with_the_token_that_did_it(api: Api, rp: RelyingParty, world: World) -> None:
    assert api("DELETE", "/api/me").json()["email"] == world.ada.email
    time.sleep(0.6)
    assert api("GET", "/api/me").status_code == 401
    world.valkey.client.flushall()
    assert api("DELETE", "/api/me").status_code == 401
    assert not is_signed_in(rp.browser)


def test_an_application_that_lost_the_right_has_it_no_more(api: Api, world: World) -> None:
    """The tokens of a client that an operator disables do nothing."""
    with world.inside(), transaction() as session:
        session.get_one(Client, world.web.id)
    with world.inside():
        clients.disable(world.client(world.web), by=TESTS)
    time.sleep(0.6)
    assert api("DELETE", "/api/me/sessions/others").status_code == 401


@pytest.mark.parametrize("path", ["/api/me/password", "/api/password"])
def test_where_nobody_signs_in_with_a_password_none_can_be_set(rp: RelyingParty, world: World, path: str) -> None:
    with world.inside():
        clients.update(world.client(world.web), scopes=[*USUAL, "account:write"], first_party=True, by=TESTS)
    rp.start(scope=WRITE, acr_values="1")
    api = Api(world, rp.exchange(rp.sign_in().answer["code"]).access_token)
    with world.inside():
        before = world.user(world.ada).password_hash
        tenants.update(tenants.get(world.tenant.id), factors=["email", "passkey"], by=TESTS)
    answer = api("PATCH", path, {"password": "nine engines and a kettle"})
    assert answer.status_code in (400, 422)
    assert "Nobody signs in with a password here." in answer.text
    with world.inside():
        assert world.user(world.ada).password_hash == before
