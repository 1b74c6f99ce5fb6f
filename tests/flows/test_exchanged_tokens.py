"""What was exchanged lives no longer than what it came from, and ends with it (RFC 8693, RFC 7009)."""

import time
from collections.abc import Callable

import pytest

from shared.kit import clock
from shared.models.user import OPERATOR
from shared.services import clients, password_changes, users
from shared.services.client_settings import TOKEN_EXCHANGE
from tests.parts.exchanging import (
    ACCESS_TOKEN,
    ITSELF,
    NOTES,
    STORE,
    Scene,
    ask,
    chained,
    given,
    introspect,
    refused,
    revoke,
    set_up,
)
from tests.parts.listening import Logs
from tests.parts.proofs import Holder
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def scene(world: World, rp: RelyingParty) -> Scene:
    return set_up(world, rp)


def test_it_lives_no_longer_than_what_it_came_from(scene: Scene) -> None:
    token = scene.sent().access_token
    scene.world.later(minutes=8)
    reply = given(scene.notes, token, resource=STORE)
    assert 118 <= reply.expires_in <= 120
    assert unverified_claims(reply.access_token)["exp"] == unverified_claims(token)["exp"]
    scene.world.later(minutes=2)
    refused(ask(scene.notes, token, resource=STORE))
    refused(ask(scene.store, reply.access_token))


ENDS: dict[str, Callable[[Scene, str], object]] = {
    "revoke the token": lambda scene, token: revoke(scene.rp, token),
    "disable the person": lambda scene, _: users.disable(scene.world.user(scene.world.ada), by=TESTS),
    "change the password": lambda scene, _: password_changes.change(
        scene.world.user(scene.world.ada), password="quite another long password", by=TESTS
    ),
    "delete the application": lambda scene, _: clients.delete(scene.world.client(scene.rp.application), by=TESTS),
    "delete the service": lambda scene, _: clients.delete(scene.world.client(scene.notes.application), by=TESTS),
    "disable the service": lambda scene, _: disable(scene),
    "revoke what it got": lambda scene, _: None,
}


def disable(scene: Scene) -> None:
    with clients.transaction() as session:
        session.get_one(clients.Client, scene.notes.application.id).disabled_at = clock.now()


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_the_token_ends_what_was_exchanged_for_it(scene: Scene, end: str) -> None:
    """At introspection at once, also when Redis is emptied, and however often it was passed on."""
    chained(scene)
    token = scene.sent().access_token
    once = given(scene.notes, token, resource=STORE).access_token
    twice = given(scene.store, once, resource=NOTES).access_token
    assert introspect(scene.store, once).active and introspect(scene.store, twice).active
    if end == "revoke what it got":
        assert revoke(scene.notes, once).status == 200
        assert introspect(scene.notes, token).active, "a service ends nothing but what it was given"
        assert scene.rp.refresh(scene.sent().refresh_token).status == 200
    else:
        with scene.world.inside():
            ENDS[end](scene, token)
    scene.world.valkey.client.flushall()
    for each in (once, twice):
        assert introspect(scene.store, each).json == {"active": False}


def test_our_own_api_refuses_within_a_second_what_was_exchanged(scene: Scene) -> None:
    scene.change(scene.rp, grant_types=["authorization_code", "refresh_token", TOKEN_EXCHANGE], token_exchange=["delegation"])
    tokens = scene.rp.tokens()
    exchanged = given(scene.rp, tokens.access_token).access_token
    assert scene.rp.userinfo(exchanged).status == 200
    revoke(scene.rp, exchanged)
    assert within_a_second(scene.rp, exchanged) == 401
    assert scene.rp.userinfo(tokens.access_token).status == 200
    another = given(scene.rp, tokens.access_token).access_token
    assert scene.rp.userinfo(another).status == 200
    revoke(scene.rp, tokens.refresh_token)
    scene.world.valkey.client.flushall()
    assert within_a_second(scene.rp, another) == 401


@sqlite
def test_our_own_api_writes_down_who_acts(scene: Scene, logs: Logs) -> None:
    """RFC 8693 §4.1: `sub` is whose rights count."""
    scene.change(scene.rp, **{**ITSELF, "token_exchange": ["delegation"]})
    tokens = scene.rp.tokens()
    exchanged = given(scene.rp, tokens.access_token).access_token
    for token in (tokens.access_token, exchanged):
        assert scene.rp.userinfo(token).json["sub"] == unverified_claims(tokens.access_token)["sub"]
    lines = [line for line in logs.named("request") if line["path"] == "/api/userinfo"]
    assert [line.get("acting") for line in lines] == [None, scene.rp.application.client_id]


@sqlite
def test_the_rights_of_an_operator_do_not_grow(scene: Scene, ours: RelyingParty) -> None:
    """What a third party was not told, a first-party service does not find in what it is given for that."""
    with scene.world.inside():
        users.set_permissions(scene.world.user(scene.world.ada), [OPERATOR], by=TESTS)
    token, known = scene.sent().access_token, ours.tokens(resource=NOTES, scope="openid read").access_token
    for first_party, brought, rights in ((False, known, []), (True, token, []), (True, known, [OPERATOR])):
        scene.change(scene.notes, first_party=first_party)
        told = unverified_claims(given(scene.notes, brought, resource=STORE).access_token)
        assert told["permissions"] == rights


def within_a_second(rp: RelyingParty, token: str) -> int:
    deadline = time.monotonic() + 1
    while (status := rp.userinfo(token).status) != 401 and time.monotonic() < deadline:
        time.sleep(0.05)
    return status


def test_a_service_in_its_own_name_is_passed_on_too(scene: Scene) -> None:
    robot = RelyingParty(
        scene.world.url, scene.world.add_application("Robot", grant_types=["client_credentials"]), scene.world.ada
    )
    token = robot.token(grant_type="client_credentials", resource=NOTES).access_token
    reply = given(scene.notes, token, resource=STORE)
    claims = unverified_claims(reply.access_token)
    assert (claims["sub"], claims["client_id"]) == (robot.application.client_id, scene.notes.application.client_id)
    assert introspect(scene.store, reply.access_token).active
    revoke(robot, token)
    assert introspect(scene.store, reply.access_token).json == {"active": False}


@sqlite
def test_a_client_that_is_called_like_a_person_is_still_nobody(scene: Scene) -> None:
    """RFC 9068 §5: what a client has in its own name opens our API for nobody else."""
    world = scene.world
    application = world.add_application("Twin", grant_types=["client_credentials"], client_id=str(world.ada.id))
    twin = RelyingParty(world.url, application, world.ada)
    token = twin.token(grant_type="client_credentials", resource=NOTES).access_token
    refused(ask(scene.notes, token, resource=f"{world.url}/api"), "invalid_target")
    refused(ask(scene.notes, given(scene.notes, token).access_token, resource=f"{world.url}/api"), "invalid_target")


@sqlite
def test_what_is_bound_to_a_key_is_never_exchanged_for_what_is_not(scene: Scene) -> None:
    """RFC 9449 §5, §6.1: a service proves a key of its own, who was given the token that very one."""
    scene.change(scene.rp, **ITSELF)
    first, other = Holder(), Holder()
    token = first.exchange(scene.rp, scene.rp.sign_in_and_allow(resource=NOTES, scope="openid read")).access_token
    asked = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
    refused(ask(scene.notes, token, resource=STORE), "invalid_dpop_proof")
    refused(ask(scene.rp, token), "invalid_dpop_proof")
    refused(other.token(scene.rp, **asked), "invalid_dpop_proof")
    for who, holder, target in ((scene.notes, other, STORE), (scene.rp, first, NOTES)):
        reply = holder.token(who, **asked, resource=target)
        assert (reply.status, reply.token_type) == (200, "DPoP"), reply.text
        assert unverified_claims(reply.access_token)["cnf"] == {"jkt": holder.jkt}
