"""A client in its own name (RFC 6749 §4.4, RFC 9068)."""

import time

import pytest
from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.audit import AuditEvent
from shared.models.authorization import Authorization
from shared.models.resource import Resource
from shared.services import clients, resources
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_claims, unverified_header

NOTES = "https://notes.example/api"


@pytest.fixture
def robot(world: World) -> RelyingParty:
    """A confidential client that may act in its own name, and do nothing else."""
    application = world.add_application("Robot", grant_types=["client_credentials"])
    return RelyingParty(world.url, application, world.ada)


@pytest.fixture
def notes(world: World) -> Resource:
    with world.inside():
        scopes = {"read": "Read notes", "write": "Change notes"}
        return resources.create(world.tenant, identifier=NOTES, name="Notes", scopes=scopes, token_seconds=300, by=TESTS)


def ask(rp: RelyingParty, **params: str | list[str]) -> Reply:
    return rp.token(grant_type="client_credentials", **params)


def introspect(rp: RelyingParty, token: str) -> Reply:
    return rp.post(rp.metadata["introspection_endpoint"], {"token": token}, rp.basic())


def revoke(rp: RelyingParty, token: str) -> Reply:
    return rp.post(rp.metadata["revocation_endpoint"], {"token": token}, rp.basic())


def test_a_client_gets_a_token_and_nothing_else(robot: RelyingParty, notes: Resource) -> None:
    """RFC 6749 §4.4.3, §5.1; RFC 9068 §2.2."""
    given = ask(robot, resource=NOTES, scope="read")
    assert (given.status, set(given.json)) == (200, {"access_token", "token_type", "expires_in", "scope"})
    assert (given.token_type, given.expires_in, given.scope) == ("Bearer", 300, "read")
    assert given.headers["Cache-Control"] == "no-store"
    claims = unverified_claims(given.access_token)
    assert unverified_header(given.access_token)["typ"] == "at+jwt"
    assert (claims["sub"], claims["client_id"]) == (robot.application.client_id,) * 2
    assert (claims["iss"], claims["aud"], claims["scope"]) == (robot.issuer, [NOTES], "read")
    assert claims["exp"] - claims["iat"] == 300
    assert not set(claims) & {"auth_time", "sid", "acr", "amr", "permissions"}, "nobody signed in"
    assert unverified_claims(ask(robot, resource=NOTES).access_token)["jti"] != claims["jti"]


def test_no_row_is_written(robot: RelyingParty, world: World, notes: Resource) -> None:
    def rows() -> list[int]:
        with world.inside():
            return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Authorization, AuditEvent)]

    before = rows()
    assert ask(robot, resource=NOTES).status == 200
    assert rows() == before


def test_without_a_scope_it_is_all_that_the_resource_has(robot: RelyingParty, notes: Resource) -> None:
    """RFC 6749 §3.3 asks for a default or a refusal."""
    assert ask(robot, resource=NOTES).scope.split() == sorted(notes.scopes)


def test_without_a_resource_it_is_our_own_api_where_a_client_is_nobody(robot: RelyingParty, world: World) -> None:
    """RFC 9068 §5: `sub` of a client is never taken for a person."""
    given = ask(robot)
    assert (given.scope, unverified_claims(given.access_token)["aud"]) == ("", [f"{world.url}/api"])
    assert robot.userinfo(given.access_token).status in (401, 403)
    twin = world.add_application("Twin", grant_types=["client_credentials"], client_id=str(world.ada.id))
    named_as_ada = RelyingParty(world.url, twin, world.ada)
    assert named_as_ada.userinfo(ask(named_as_ada).access_token).status in (401, 403)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"scope": "openid"}, "invalid_scope"),
        ({"resource": NOTES, "scope": "read offline_access"}, "invalid_scope"),
        ({"resource": NOTES, "scope": "erase"}, "invalid_scope"),
        ({"scope": "read"}, "invalid_scope"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"resource": "notes"}, "invalid_target"),
        ({"resource": f"{NOTES}#x"}, "invalid_target"),
        ({"resource": [NOTES, "https://other.example"]}, "invalid_target"),
    ],
)
def test_what_it_may_not_have(robot: RelyingParty, notes: Resource, params: dict[str, str], error: str) -> None:
    refused = ask(robot, **params)
    assert (refused.status, refused.error) == (400, error)


def test_a_resource_may_be_for_other_clients(robot: RelyingParty, world: World, notes: Resource) -> None:
    with world.inside():
        resources.update(notes, clients=[world.web.client_id], by=TESTS)
    assert ask(robot, resource=NOTES).error == "invalid_target"


def test_only_a_confidential_client_that_may(robot: RelyingParty, rp: RelyingParty, spa: RelyingParty) -> None:
    """RFC 6749 §4.4, §5.2."""
    assert (ask(rp).status, ask(rp).error) == (400, "unauthorized_client"), "the grant is not among the usual ones"
    assert ask(spa).error == "unauthorized_client"
    wrong = robot.token(grant_type="client_credentials", headers=robot.basic("wrong"))
    assert (wrong.status, wrong.error) == (401, "invalid_client")
    assert robot.start().answer["error"] == "unauthorized_client", "no person signs in to it"
    assert "client_credentials" in robot.metadata["grant_types_supported"]


def test_a_revoked_token_is_refused(robot: RelyingParty, rp: RelyingParty, world: World, notes: Resource) -> None:
    """RFC 7009 §2.1: this one, and no other; also when Redis is emptied."""
    one, two = (ask(robot, resource=NOTES).access_token for _ in range(2))
    assert introspect(robot, one).active
    assert (revoke(rp, one).status, introspect(robot, one).active) == (200, True), "another client ends nothing"
    assert [revoke(robot, one).status for _ in range(2)] == [200, 200]
    world.valkey.client.flushall()
    assert introspect(robot, one).json == {"active": False}
    assert introspect(robot, two).active
    with world.inside():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "token.revoked")).all()
    assert [event.subject_name for event in events] == ["Robot"]


def test_the_api_refuses_a_revoked_token(robot: RelyingParty) -> None:
    """The API says 403 to a token that lacks a scope, and 401 once it is revoked."""
    token = ask(robot).access_token
    assert robot.userinfo(token).status == 403
    revoke(robot, token)
    assert robot.userinfo(ask(robot).access_token).status == 403, "the next one is believed"
    assert within_a_second(robot, token) == 401


def within_a_second(rp: RelyingParty, token: str) -> int:
    deadline = time.monotonic() + 1
    while (status := rp.userinfo(token).status) != 401 and time.monotonic() < deadline:
        time.sleep(0.05)
    return status


def test_the_tokens_of_a_deleted_client_are_refused(robot: RelyingParty, rp: RelyingParty, world: World, notes: Resource) -> None:
    with world.inside():
        resources.update(notes, introspectors=[world.web.client_id], by=TESTS)
    for_notes, for_us = ask(robot, resource=NOTES).access_token, ask(robot).access_token
    assert introspect(rp, for_notes).active
    with world.inside():
        clients.delete(clients.find(world.tenant, robot.application.client_id), by=TESTS)
    assert introspect(rp, for_notes).json == {"active": False}
    assert within_a_second(robot, for_us) == 401


def test_a_token_lives_as_long_as_the_least_of_both(robot: RelyingParty, world: World, notes: Resource) -> None:
    with world.inside():
        clients.update(clients.find(world.tenant, robot.application.client_id), access_token_seconds=60, by=TESTS)
    token = ask(robot, resource=NOTES)
    assert token.expires_in == 60
    world.later(seconds=61)
    assert introspect(robot, token.access_token).json == {"active": False}
