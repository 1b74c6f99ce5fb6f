"""Tenants: at /t/<slug>/ everything is the same, and nothing is shared."""

import pytest

from shared.models.tenant import Tenant
from shared.services import keys, sessions, tenants, users
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, reply_of, unverified_claims, unverified_header


@pytest.fixture
def acme(world: World) -> Tenant:
    with world.inside():
        return tenants.create(name="Acme", by=TESTS)


@pytest.fixture
def theirs(world: World, acme: Tenant) -> RelyingParty:
    """A relying party of Acme, and bob, who is one of its people."""
    bob = world.add_person("bob@acme.example", name="Bob", tenant=acme)
    return RelyingParty(f"{world.url}/t/acme", world.add_application("Shop", tenant=acme), bob)


def test_a_person_signs_in_at_their_tenant(theirs: RelyingParty, world: World) -> None:
    tokens = theirs.tokens()
    issuer = f"{world.url}/t/acme"
    assert unverified_claims(tokens.id_token)["iss"] == issuer
    claims = unverified_claims(tokens.access_token)
    assert (claims["iss"], claims["aud"]) == (issuer, [f"{issuer}/api"])
    assert theirs.userinfo(tokens.access_token).email == "bob@acme.example"
    assert theirs.refresh(tokens.refresh_token).status == 200
    assert all("/t/acme/" in address for address in theirs.browser.page.trail), "no step left the tenant"


def test_keys_are_the_tenants_own(theirs: RelyingParty, rp: RelyingParty) -> None:
    here, there = ({key["kid"] for key in party.jwks()["keys"]} for party in (rp, theirs))
    assert here
    assert there
    assert not here & there
    assert unverified_header(theirs.tokens().id_token)["kid"] in there


def test_a_token_of_one_tenant_is_refused_at_another(theirs: RelyingParty, rp: RelyingParty, world: World) -> None:
    token, other = rp.tokens().access_token, theirs.tokens().access_token
    for url, foreign in ((f"{world.url}/t/acme/api/userinfo", token), (f"{world.url}/api/userinfo", other)):
        reply = reply_of(rp.http.get(url, headers={"Authorization": f"Bearer {foreign}"}, timeout=30))
        assert reply.status == 401
        assert "invalid_token" in reply.headers["WWW-Authenticate"]


def test_a_client_of_one_tenant_is_unknown_at_another(theirs: RelyingParty, rp: RelyingParty, world: World) -> None:
    page = rp.browser.get(rp.authorize_url().replace("/authorize?", "/t/acme/authorize?"))
    assert (page.status, page.left_to) == (400, None)
    fields = {"grant_type": "refresh_token", "refresh_token": "x"}
    reply = rp.post(f"{world.url}/t/acme/token", fields, rp.basic())
    assert (reply.status, reply.error) == (401, "invalid_client")


def test_a_code_of_one_tenant_is_unknown_at_another(theirs: RelyingParty, rp: RelyingParty, world: World) -> None:
    code = rp.sign_in_and_allow()
    theirs.asked = rp.asked
    assert theirs.exchange(code).error == "invalid_grant"
    there = rp.post(f"{world.url}/t/acme/token", {"grant_type": "authorization_code", "code": code}, rp.basic())
    assert there.error == "invalid_client"
    assert rp.exchange(code).status == 200, "somebody else's try spends nothing"


def test_a_refresh_token_of_one_tenant_is_unknown_at_another(theirs: RelyingParty, rp: RelyingParty) -> None:
    token = rp.tokens().refresh_token
    assert theirs.refresh(token).error == "invalid_grant"
    assert rp.refresh(token).status == 200


def test_an_account_of_one_tenant_is_none_at_another(theirs: RelyingParty, world: World) -> None:
    theirs.start()
    page = theirs.browser.submit(email=world.ada.email, password=world.ada.password)
    assert (page.status, page.path) == (422, "/t/acme/login")


def test_one_address_may_have_an_account_at_each(theirs: RelyingParty, rp: RelyingParty, world: World, acme: Tenant) -> None:
    other_ada = world.add_person(world.ada.email, tenant=acme)
    theirs.person = other_ada
    assert theirs.userinfo(theirs.tokens().access_token).sub == str(other_ada.id)
    assert rp.userinfo(rp.tokens().access_token).sub == str(world.ada.id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_counts_at_its_own_tenant_alone(theirs: RelyingParty, rp: RelyingParty, world: World) -> None:
    theirs.tokens()
    browser = theirs.browser
    assert browser.get("/t/acme/account").path == "/t/acme/account"
    assert browser.get("/account").path == "/login"
    cookie = browser.jar.get("bailiwick-session-acme")
    browser.jar.set("bailiwick-session-default", cookie, domain="127.0.0.1", path="/")
    assert browser.get("/account").path == "/login", "a cookie moved to another name opens nothing"


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_browser_is_signed_in_at_several_tenants(theirs: RelyingParty, rp: RelyingParty) -> None:
    rp.browser = theirs.browser
    theirs.tokens()
    rp.tokens()
    assert "code" in theirs.start(prompt="none").answer
    assert "code" in rp.start(prompt="none").answer


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_pending_request_is_of_its_tenant(theirs: RelyingParty, rp: RelyingParty) -> None:
    theirs.start()
    page = theirs.browser.get(theirs.browser.page.url.replace("/t/acme/login", "/authorize"))
    assert (page.status, page.left_to) == (400, None)


@pytest.mark.parametrize("database", ["sqlite"])
def test_guesses_are_counted_for_each_tenant(theirs: RelyingParty, world: World, acme: Tenant) -> None:
    other_ada = world.add_person(world.ada.email, tenant=acme)
    for _ in range(11):
        browser = Browser(world.url)
        browser.get("/login")
        page = browser.submit(email=world.ada.email, password="not the password")
    assert page.status == 429
    browser.get("/t/acme/login")
    assert browser.submit(email=other_ada.email, password=other_ada.password).path == "/t/acme/account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_next_stays_on_this_server_and_may_lead_into_the_tenant(theirs: RelyingParty) -> None:
    browser, bob = theirs.browser, theirs.person
    assert browser.get("/t/acme/account/sessions").path == "/t/acme/login"
    assert browser.submit(email=bob.email, password=bob.password).path == "/t/acme/account/sessions"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_pages_bear_the_name_of_the_tenant(theirs: RelyingParty) -> None:
    assert "Acme" in theirs.browser.get("/t/acme/login").title


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_sign_up_is_at_the_tenant_that_was_asked(world: World, browser: Browser, acme: Tenant) -> None:
    browser.get("/t/acme/signup")
    page = browser.submit(name="", email="new@acme.example", password="difference engines all the way")
    assert page.path == "/t/acme/account"
    with world.inside():
        assert users.find_by_email(acme, "new@acme.example") is not None
        assert users.find_by_email(world.tenant, "new@acme.example") is None


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "path",
    [
        "/t/nobody/login",
        "/t/nobody/.well-known/openid-configuration",
        "/.well-known/openid-configuration/t/nobody",
        "/t/nobody/authorize",
        "/t/nobody/api/userinfo",
        "/t/default/login",
        "/t/default/.well-known/openid-configuration",
        "/t/ACME/login",
        "/t//login",
        "/t/%00/login",
        "/t/ä/login",
        "/t/acme/t/acme/login",
        "/t/..%2f/login",
    ],
)
def test_what_is_no_tenant_is_not_there(world: World, browser: Browser, acme: Tenant, path: str) -> None:
    assert browser.get(path).status == 404


@pytest.mark.parametrize("database", ["sqlite"])
def test_ending_sessions_at_one_tenant_leaves_the_others(theirs: RelyingParty, rp: RelyingParty, world: World) -> None:
    rp.tokens()
    theirs.tokens()
    with world.inside():
        sessions.end_all(world.user(theirs.person))
    assert theirs.browser.get("/t/acme/account").path == "/t/acme/login"
    assert rp.browser.get("/account").path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_tenant_s_first_keys_are_made_once(world: World, acme: Tenant) -> None:
    with world.inside():
        first = keys.jwks(acme)
        assert keys.jwks(acme) == first
