"""Tokens exchanged for tokens to other APIs, never wider ones (RFC 8693)."""

from typing import Any

import pytest

from shared.services import authorizations, clients, resources, tenants
from shared.services.client_settings import TOKEN_EXCHANGE
from tests.parts.exchanging import (
    ACCESS_TOKEN,
    ID_TOKEN,
    ITSELF,
    JWT,
    KIND,
    MAPS,
    NOTES,
    REFRESH_TOKEN,
    STORE,
    Scene,
    ask,
    chained,
    forged,
    given,
    introspect,
    refused,
    revoke,
    set_up,
)
from tests.parts.signers import sqlite
from tests.parts.signing import segment
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims, unverified_header


@pytest.fixture
def scene(world: World, rp: RelyingParty) -> Scene:
    return set_up(world, rp)


def test_a_service_passes_on_what_it_was_sent(scene: Scene) -> None:
    """RFC 8693 §2.2.1, §4.1; RFC 9068 §2.2."""
    before = scene.sent()
    reply = given(scene.notes, before.access_token, resource=STORE)
    assert set(reply.json) == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert (reply.issued_token_type, reply.token_type, reply.scope) == (ACCESS_TOKEN, "Bearer", "read")
    assert reply.headers["Cache-Control"] == "no-store"
    was, claims = unverified_claims(before.access_token), unverified_claims(reply.access_token)
    assert unverified_header(reply.access_token)["typ"] == "at+jwt"
    service = scene.notes.application.client_id
    assert (claims["aud"], claims["scope"], claims["client_id"]) == ([STORE], "read", service)
    assert claims["act"] == {"sub": service, "client_id": service}, "without an actor_token the client itself acts"
    for name in ("iss", "sub", "auth_time", "acr", "amr", "sid"):
        assert claims[name] == was[name]
    assert claims["jti"] != was["jti"] and claims["permissions"] == []
    assert introspect(scene.store, reply.access_token).act == claims["act"]
    assert introspect(scene.rp, reply.access_token).json == {"active": False}, "it is not the application's any more"


def test_who_exchanged_what_for_whom_is_written_down(scene: Scene) -> None:
    given(scene.notes, scene.sent().access_token, resource=STORE)
    with scene.world.inside():
        event = next(each for each in authorizations.audit.search(action="token.exchanged").items)
    assert (event.actor_kind, event.actor_name, event.subject_name) == ("client", "Notes service", scene.world.ada.email)
    service, application = scene.notes.application.client_id, scene.rp.application.client_id
    assert event.detail == {"given_to": application, "audience": [STORE], "scope": "read", "acting": service}


def test_impersonation_names_nobody(scene: Scene) -> None:
    """RFC 8693 §1.1."""
    scene.change(scene.notes, token_exchange=["impersonation"])
    reply = given(scene.notes, scene.sent().access_token, resource=STORE)
    assert "act" not in unverified_claims(reply.access_token)
    own = scene.notes.token(grant_type="client_credentials").access_token
    with_actor = {"actor_token": own, "actor_token_type": ACCESS_TOKEN}
    refused(ask(scene.notes, scene.sent().access_token, resource=STORE, **with_actor), "unauthorized_client")


def test_impersonation_does_not_wash_away_who_acted_before(scene: Scene) -> None:
    chained(scene)
    scene.change(scene.store, token_exchange=["impersonation"])
    once = given(scene.notes, scene.sent().access_token, resource=STORE).access_token
    twice = given(scene.store, once, resource=MAPS).access_token
    assert unverified_claims(twice)["act"] == unverified_claims(once)["act"]


def test_an_actor_brings_a_token_of_its_own(scene: Scene) -> None:
    """RFC 8693 §2.1, §4.1."""
    scene.change(scene.notes, token_exchange=["impersonation", "delegation"])
    token, own = scene.sent().access_token, scene.notes.token(grant_type="client_credentials").access_token
    actor = {"actor_token": own, "actor_token_type": ACCESS_TOKEN}
    claims = unverified_claims(given(scene.notes, token, resource=STORE, **actor).access_token)
    assert claims["act"] == {"sub": scene.notes.application.client_id, "client_id": scene.notes.application.client_id}
    assert "act" not in unverified_claims(given(scene.notes, token, resource=STORE).access_token)
    refused(ask(scene.notes, token, resource=STORE, actor_token=own))
    refused(ask(scene.notes, token, resource=STORE, actor_token_type=ACCESS_TOKEN))
    refused(ask(scene.notes, token, resource=STORE, actor_token=own, actor_token_type=REFRESH_TOKEN))
    strangers = scene.store.token(grant_type="client_credentials").access_token
    refused(ask(scene.notes, token, resource=STORE, actor_token=strangers, actor_token_type=ACCESS_TOKEN))
    refused(ask(scene.notes, token, resource=STORE, actor_token=token, actor_token_type=ACCESS_TOKEN))
    acting = given(scene.notes, token, resource=STORE, **actor).access_token
    refused(ask(scene.notes, token, resource=STORE, actor_token=acting, actor_token_type=ACCESS_TOKEN))


def test_who_acts_for_whom_who_acts_is_nested_and_ends_after_four(scene: Scene) -> None:
    """RFC 8693 §4.1."""
    chained(scene)
    token, names = scene.sent().access_token, []
    for number in range(4):
        who, target = (scene.notes, STORE) if number % 2 == 0 else (scene.store, NOTES)
        token = given(who, token, resource=target, scope="read").access_token
        names.insert(0, who.application.client_id)
        act, told = unverified_claims(token)["act"], []
        while act:
            told, act = [*told, act["sub"]], act.get("act")
        assert told == names
    refused(ask(scene.notes, token, resource=STORE))
    scene.change(scene.notes, token_exchange=["impersonation"])
    refused(ask(scene.notes, token, resource=STORE))


def test_also_exchanges_that_name_nobody_end_after_four(scene: Scene) -> None:
    scene.change(scene.notes, token_exchange=["impersonation"])
    token = given(scene.notes, scene.sent().access_token, resource=STORE).access_token
    for _ in range(3):
        token = given(scene.notes, token).access_token
    refused(ask(scene.notes, token))


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"scope": "write"}, "invalid_scope"),
        ({"scope": "read erase"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"resource": "https://nowhere.example"}, "invalid_target"),
        ({"resource": "store"}, "invalid_target"),
        ({"resource": f"{STORE}#x"}, "invalid_target"),
        ({"resource": [STORE, "https://nowhere.example"]}, "invalid_target"),
        ({"resource": f"{STORE} {MAPS}"}, "invalid_target"),
        ({"audience": "nobody"}, "invalid_target"),
        ({"audience": f"{STORE} {MAPS}"}, "invalid_target"),
        ({"requested_token_type": REFRESH_TOKEN}, "invalid_request"),
        ({"requested_token_type": ID_TOKEN}, "invalid_request"),
        ({"requested_token_type": f"{KIND}saml2"}, "invalid_request"),
        ({"subject_token_type": REFRESH_TOKEN}, "invalid_request"),
        ({"subject_token_type": ID_TOKEN}, "invalid_request"),
        ({"subject_token_type": f"{KIND}saml1"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "unknown"}, "invalid_request"),
    ],
)
@sqlite
def test_what_may_not_be_asked(scene: Scene, params: dict[str, Any], error: str) -> None:
    """RFC 8693 §2.2.2: nothing wider than the token brought, the target, and what we can read."""
    refused(ask(scene.notes, scene.sent().access_token, **{"resource": STORE, **params}), error)


@sqlite
def test_targets_are_named_in_three_ways_and_may_be_several(scene: Scene) -> None:
    """RFC 8693 §2.1."""
    token, store = scene.sent().access_token, scene.store.application.client_id

    def audience(**params: Any) -> list[str]:
        return unverified_claims(given(scene.notes, token, **params).access_token)["aud"]

    assert audience(resource=STORE) == audience(audience=STORE) == audience(audience=store) == [STORE]
    assert audience(resource=[STORE, MAPS]) == audience(audience=[STORE, MAPS]) == [STORE, MAPS]
    assert audience(resource=MAPS, audience=[store, MAPS]) == [MAPS, STORE]
    assert audience() == [NOTES], "without a target it is the one that it was for"
    assert given(scene.notes, token, resource=STORE, requested_token_type=JWT).issued_token_type == JWT
    assert given(scene.notes, token, resource=STORE, subject_token_type=JWT).status == 200


@sqlite
def test_a_token_for_another_api_never_opens_ours(scene: Scene) -> None:
    token = scene.sent().access_token
    refused(ask(scene.notes, token, resource=f"{scene.rp.issuer}/api"), "invalid_target")
    refused(ask(scene.notes, token, audience=f"{scene.rp.issuer}/api"), "invalid_target")
    both = scene.sent(resource=[NOTES, f"{scene.rp.issuer}/api"]).access_token
    refused(ask(scene.notes, both, resource=f"{scene.rp.issuer}/api"), "invalid_target")
    assert given(scene.notes, both).scope == "read write", "what it may do elsewhere is not the API's to pass on"


@sqlite
def test_an_application_narrows_its_own_token_and_no_more(scene: Scene) -> None:
    """RFC 8693 §5, RFC 8707 §2.2: what its person was not asked for is not to be had by exchange."""
    scene.change(scene.rp, **ITSELF)
    both = scene.sent(resource=[NOTES, f"{scene.rp.issuer}/api"]).access_token
    narrowed = given(scene.rp, both, resource=NOTES, scope="read").access_token
    assert (unverified_claims(narrowed)["aud"], unverified_claims(narrowed)["scope"]) == ([NOTES], "read")
    ours = given(scene.rp, both, resource=f"{scene.rp.issuer}/api")
    assert (ours.scope, scene.rp.userinfo(ours.access_token).status) == ("openid", 200)
    refused(ask(scene.rp, both, resource=MAPS), "invalid_target")
    refused(ask(scene.rp, narrowed, resource=f"{scene.rp.issuer}/api"), "invalid_target")
    refused(ask(scene.rp, narrowed, scope="read write"), "invalid_scope")


@sqlite
def test_an_id_token_stands_for_what_its_client_was_granted(scene: Scene, ours: RelyingParty) -> None:
    scene.change(scene.rp, **ITSELF)
    scene.change(ours, **ITSELF)
    tokens = scene.sent()
    reply = given(scene.rp, tokens.id_token, subject_token_type=ID_TOKEN)
    claims = unverified_claims(reply.access_token)
    assert (claims["aud"], claims["scope"], claims["sid"]) == ([NOTES], "read write", unverified_claims(tokens.id_token)["sid"])
    refused(ask(ours, tokens.id_token, subject_token_type=ID_TOKEN))
    refused(ask(scene.notes, tokens.id_token, subject_token_type=ID_TOKEN, resource=STORE))
    for kind in (ACCESS_TOKEN, JWT):
        refused(ask(scene.rp, tokens.id_token, subject_token_type=kind))
    refused(ask(scene.rp, tokens.access_token, subject_token_type=ID_TOKEN))
    revoke(scene.rp, tokens.refresh_token)
    refused(ask(scene.rp, tokens.id_token, subject_token_type=ID_TOKEN))
    scene.world.later(minutes=11)
    refused(ask(scene.rp, scene.sent().id_token[:-4] + "AAAA", subject_token_type=ID_TOKEN))


@sqlite
def test_an_expired_id_token_is_refused(scene: Scene) -> None:
    scene.change(scene.rp, **ITSELF)
    tokens = scene.sent()
    scene.world.later(minutes=11)
    refused(ask(scene.rp, tokens.id_token, subject_token_type=ID_TOKEN))


@sqlite
def test_only_who_it_is_meant_for_may_exchange_it(scene: Scene, ours: RelyingParty, spa: RelyingParty) -> None:
    """RFC 8693 §5: a stranger that got hold of a token does nothing with it, whatever its own policy."""
    token = scene.sent().access_token
    refused(ask(scene.store, token, resource=STORE))
    refused(ask(scene.store, token))
    refused(ask(ours, token, resource=STORE), "unauthorized_client")
    refused(ask(spa, token, resource=STORE), "unauthorized_client")
    assert ask(scene.notes, token, resource=STORE, headers=scene.notes.basic("wrong")).error == "invalid_client"
    scene.change(scene.notes, token_exchange=[])
    refused(ask(scene.notes, token, resource=STORE), "unauthorized_client")


@sqlite
def test_a_public_client_or_one_that_registered_itself_exchanges_nothing(scene: Scene, spa: RelyingParty) -> None:
    with scene.world.inside():
        row = scene.world.client(scene.notes.application)
        with pytest.raises(clients.Invalid):
            clients.update(scene.world.client(spa.application), grant_types=[TOKEN_EXCHANGE], by=TESTS)
        with clients.transaction() as session:
            session.get_one(clients.Client, row.id).registered_by = "registration"
    refused(ask(scene.notes, scene.sent().access_token, resource=STORE), "unauthorized_client")


@sqlite
def test_a_public_clients_token_is_exchanged_like_any_other(scene: Scene, spa: RelyingParty) -> None:
    token = spa.tokens(resource=NOTES, scope="openid read").access_token
    assert given(scene.notes, token, resource=STORE).scope == "read"


@sqlite
def test_tokens_of_another_tenant_are_strangers(scene: Scene) -> None:
    world = scene.world
    with world.inside():
        tenant = tenants.create(name="Other", slug="other", by=TESTS)
        resources.create(tenant, identifier=NOTES, name="Notes", scopes={"read": "Read"}, by=TESTS)
    person = world.add_person("eve@example.com", tenant=tenant)
    there = RelyingParty(f"{world.url}/t/other", world.add_application("Web", tenant=tenant), person)
    token = there.tokens(resource=NOTES, scope="openid read").access_token
    refused(ask(scene.notes, token, resource=STORE))
    foreign = {"actor_token": token, "actor_token_type": ACCESS_TOKEN}
    refused(ask(scene.notes, scene.sent().access_token, resource=STORE, **foreign))


@sqlite
def test_a_forged_act_is_no_act(scene: Scene) -> None:
    token = scene.sent().access_token
    head, _, signature = token.split(".")
    claims = {**unverified_claims(token), "act": {"sub": "admin"}, "scope": "read write erase"}
    refused(ask(scene.notes, f"{head}.{segment(claims)}.{signature}", resource=STORE))
    unsigned = f"{segment({'alg': 'none', 'typ': 'at+jwt'})}.{segment(claims)}."
    refused(ask(scene.notes, unsigned, resource=STORE))
    reply = given(scene.notes, token, resource=STORE, act='{"sub":"admin"}', may_act="{}")
    assert unverified_claims(reply.access_token)["act"]["sub"] == scene.notes.application.client_id


@sqlite
def test_a_token_may_say_who_may_act(scene: Scene) -> None:
    """RFC 8693 §4.4."""
    claims = unverified_claims(scene.sent().access_token)
    service = scene.notes.application.client_id
    for may_act in ({"sub": service}, {"sub": service, "iss": scene.rp.issuer}):
        given(scene.notes, forged(scene.world, **claims, may_act=may_act), resource=STORE)
    for may_act in ({"sub": "admin"}, {"sub": service, "iss": "https://other.example"}, {}, "x", [service]):
        refused(ask(scene.notes, forged(scene.world, **claims, may_act=may_act), resource=STORE))
