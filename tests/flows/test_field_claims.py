"""User fields as claims: which scope releases each, what a person is asked, and what first-party applications have anyway."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from shared.kit.db import db
from shared.kit.errors import Conflict, Invalid
from shared.models.user_field import OPERATOR
from shared.services import clients, field_values, resources, tenants, user_fields
from tests.parts.fields import TYPED, make, make_all
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def company(world: World) -> None:
    """A claim of the tenant's own with the scope profile, and one with a scope of its own, of which ada has both."""
    with world.inside():
        make(world, "string", slug="company", name="Company", claim="company", scope="profile")
        make(world, "integer", slug="rank", name="Rank & file", claim="https://acme.example/rank", scope="employment")
        make(world, "string", slug="secret", name="Secret")
    fill(world, company="Engines", rank=7, secret="x")


def fill(world: World, **typed: Any) -> None:
    with world.inside():
        field_values.change(world.user(world.ada), world.tenant, typed, where=OPERATOR, by=TESTS)


def allow_scope(world: World, *scopes: str) -> None:
    with world.inside():
        client = world.client(world.web)
        clients.update(client, scopes=[*client.scopes, *scopes], by=TESTS)


def told(rp: RelyingParty, **params: str) -> dict[str, Any]:
    return rp.userinfo(rp.tokens(**params).access_token).json


@pytest.mark.usefixtures("company")
def test_a_claim_of_ones_own_comes_with_its_scope(rp: RelyingParty, world: World) -> None:
    assert "company" not in told(rp, scope="openid email")
    claims = told(rp, scope="openid profile")
    assert claims["company"] == "Engines"
    assert not claims.keys() & {"https://acme.example/rank", "rank", "secret", "fields"}


@pytest.mark.usefixtures("company")
def test_a_scope_of_ones_own_is_asked_for_by_those_who_may(rp: RelyingParty, world: World) -> None:
    assert rp.walk(scope="openid employment").answer["error"] == "invalid_scope"
    allow_scope(world, "employment")
    tokens = rp.tokens(scope="openid employment")
    assert set(tokens.json["scope"].split()) == {"openid", "employment"}
    claims = rp.userinfo(tokens.access_token).json
    assert (claims["https://acme.example/rank"], "company" in claims) == (7, False)


@pytest.mark.usefixtures("company")
def test_people_are_asked_for_each_claim_by_its_name(rp: RelyingParty, world: World) -> None:
    allow_scope(world, "employment")
    rp.start(scope="openid profile employment")
    page = rp.sign_in()
    assert "See “Company” of your profile" in page.words
    assert "See “Rank & file” of your profile" in page.words and "Rank &amp; file" in page.text
    assert "Secret" not in page.words


def test_what_joins_a_scope_later_is_asked_for_anew(rp: RelyingParty, world: World) -> None:
    rp.tokens(scope="openid profile")
    assert "code" in rp.walk(scope="openid profile", prompt="none").answer
    with world.inside():
        make(world, "string", slug="company", name="Company", claim="company")
    assert rp.walk(scope="openid profile", prompt="none").answer["error"] == "consent_required"
    rp.start(scope="openid profile")
    assert "Company" in rp.browser.page.words
    assert "code" in rp.allow().answer


@pytest.mark.usefixtures("company")
def test_a_claim_is_asked_for_alone(rp: RelyingParty) -> None:
    wanted = json.dumps({"userinfo": {"company": None}, "id_token": {"https://acme.example/rank": {"essential": True}}})
    rp.start(scope="openid", claims=wanted)
    assert "See “Company” of your profile" in rp.sign_in().words
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json.keys() == {"sub", "company"}
    assert unverified_claims(tokens.id_token)["https://acme.example/rank"] == 7


@pytest.mark.usefixtures("company")
def test_discovery_announces_what_the_tenant_has(rp: RelyingParty, world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    metadata = rp.metadata
    assert "employment" in metadata["scopes_supported"]
    assert {"company", "https://acme.example/rank"} < set(metadata["claims_supported"])
    theirs = rp.browser.http.get(f"{world.url}/t/acme/.well-known/openid-configuration").json()
    assert "employment" not in theirs["scopes_supported"] and "company" not in theirs["claims_supported"]
    resource = rp.browser.http.get(f"{world.url}/.well-known/oauth-protected-resource/api").json()
    assert "employment" in resource["scopes_supported"]


def test_first_party_applications_have_every_field_without_asking(ours: RelyingParty, world: World) -> None:
    make_all(world)
    fill(world, **{kind: value for kind, (_, value) in TYPED.items()})
    tokens = ours.tokens(scope="openid")
    expected = {kind: value for kind, (_, value) in TYPED.items()}
    expected["address"] = {**expected["address"], "city": "London"}
    assert ours.userinfo(tokens.access_token).json["fields"] == expected
    assert unverified_claims(tokens.id_token)["fields"] == expected


def test_a_standard_claim_that_is_a_field_has_one_value(rp: RelyingParty, ours: RelyingParty, world: World) -> None:
    with world.inside():
        phone = make(world, "phone", slug="mobile", claim="phone_number")
        make(world, "string", slug="called", claim="nickname")
        assert (phone.scope, user_fields.find(world.tenant, "called").scope) == ("phone", "profile")
    fill(world, mobile="+44 20 7946 0000", called="Countess")
    with world.inside():
        assert world.user(world.ada).claims == {"phone_number": "+442079460000", "nickname": "Countess"}
        assert world.user(world.ada).fields == {}
    claims = told(rp, scope="openid profile phone")
    assert (claims["phone_number"], claims["phone_number_verified"], claims["nickname"]) == ("+442079460000", False, "Countess")
    assert told(ours, scope="openid")["fields"] == {"mobile": "+442079460000", "called": "Countess"}
    with world.inside():
        user_fields.delete(phone, by=TESTS)
    assert told(rp, scope="openid phone")["phone_number"] == "+442079460000", "it is theirs anyway"


def test_a_scope_of_an_api_opens_no_field(world: World) -> None:
    with world.inside():
        resources.create(world.tenant, identifier="https://a.example", name="A", scopes={"read": "Read"}, by=TESTS)
        with pytest.raises(Conflict, match="scope of a resource"):
            make(world, "string", claim="rank", scope="read")
        make(world, "string", claim="rank", scope="employment")
        with pytest.raises(Invalid, match="scope of a user field"):
            resources.create(world.tenant, identifier="https://b.example", name="B", scopes={"employment": ""}, by=TESTS)


def test_a_field_of_another_tenant_is_none_of_ours(world: World, rp: RelyingParty) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
        theirs = user_fields.create(acme, kind="string", name="Rank", claim="rank", scope="employment", by=TESTS)
        with pytest.raises(Invalid):
            field_values.change(world.user(world.ada), world.tenant, {"rank": "x"}, where=OPERATOR, by=TESTS)
        with pytest.raises(Invalid):
            clients.update(world.client(world.web), scopes=["openid", "employment"], by=TESTS)
        assert user_fields.find(world.tenant, theirs.slug) is None
    assert rp.walk(scope="openid employment").answer["error"] == "invalid_scope"


def test_a_scope_that_is_gone_is_asked_for_in_vain(rp: RelyingParty, world: World) -> None:
    with world.inside():
        gone = make(world, "string", claim="rank", scope="employment")
    allow_scope(world, "employment")
    fill(world, string="x")
    tokens = rp.tokens(scope="openid employment offline_access")
    with world.inside():
        user_fields.delete(gone, by=TESTS)
    assert rp.userinfo(tokens.access_token).json.keys() == {"sub"}
    assert rp.refresh(tokens.refresh_token).json["scope"].split() == ["openid", "offline_access"]
    assert rp.walk(scope="openid employment").answer["error"] == "invalid_scope"
    allow_scope(world, "email")


@pytest.mark.parametrize("kept", [0, 1])
def test_userinfo_asks_the_database_no_more_often_for_them(rp: RelyingParty, world: World, kept: int) -> None:
    """Not where a tenant has none, and not where it has some that were read before."""
    if kept:
        with world.inside():
            make(world, "string", claim="rank")
    token = rp.tokens(scope="openid profile").access_token
    assert statements(world, lambda: rp.userinfo(token)) == statements(world, lambda: rp.userinfo(token)) == 1


def statements(world: World, ask: Callable[[], object]) -> int:
    """How many statements both services send to the database meanwhile, when they have all that they keep for a moment."""
    ask()
    seen: list[str] = []
    engines = []
    for app in (world.auth, world.api):
        with app.app_context():
            engines.append(db.engine)

    def count(*told: Any) -> None:
        seen.append(told[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        ask()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_a_country_is_kept_by_its_code_and_told_by_its_name(ours: RelyingParty, world: World) -> None:
    with world.inside():
        make(world, "address", slug="home", name="Home", claim="address", scope="address")
        make(world, "address", slug="work", name="Work", claim="https://acme.example/work", scope="profile")
        make(world, "string", slug="country", name="Country", claim="origin", scope="profile")
    fill(world, home={"locality": "London", "country": "GB"}, work={"country": "Perfidious Albion"}, country="GB")
    claims = told(ours, scope="openid profile address")
    assert claims["address"] == {"locality": "London", "country": "United Kingdom"}, "OpenID Connect Core 5.1.1"
    assert claims["https://acme.example/work"] == {"country": "Perfidious Albion"}, "what is no code stays"
    assert claims["fields"]["home"]["country"] == "GB", "as Fief has it"
    assert (claims["fields"]["country"], claims["origin"]) == ("GB", "GB"), "a text that is no address is a text"
