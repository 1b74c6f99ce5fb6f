"""Refresh tokens that nobody uses end (RFC 9700 §4.14.2), and each thing that happens to one is told apart."""

import pytest

from shared.kit import counters
from shared.kit.db import db
from shared.models.authorization import RefreshToken
from shared.services import audit, clients
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

IDLE = 3600


def limit(world: World, application: Application, **more: object) -> None:
    with world.inside():
        clients.update(world.client(application), refresh_idle_seconds=IDLE, by=TESTS, **more)


def happened(world: World) -> tuple[list[str], dict[str, int] | None]:
    """The events about tokens, oldest first, and what was counted."""
    names = ("refresh_token.repeated", "refresh_token.replayed", "code.replayed")
    with world.inside():
        told = [event.action for event in audit.search(limit=100).items if event.action in names]
        return told[::-1], counters.totals(*names, days=30)


def test_a_rotated_one_counts_from_its_issue(spa: RelyingParty, world: World) -> None:
    limit(world, world.spa)
    token = spa.tokens().refresh_token
    for _ in range(2):
        world.later(seconds=IDLE - 5)
        token = spa.refresh(token).refresh_token
    world.later(seconds=IDLE)
    refused = spa.refresh(token)
    assert (refused.status, refused.error) == (400, "invalid_grant")


def test_a_kept_one_counts_from_its_last_use(rp: RelyingParty, world: World) -> None:
    """None ends before its time; a use is noted once a minute, so it may end that much later."""
    limit(world, world.web)
    token = rp.tokens().refresh_token
    for _ in range(3):
        world.later(seconds=IDLE - 5)
        assert rp.refresh(token).status == 200
    world.later(seconds=30)
    assert rp.refresh(token).status == 200, "a use that is not noted"
    world.later(seconds=IDLE - 1)
    assert rp.refresh(token).status == 200
    world.later(seconds=IDLE + 60)
    assert rp.refresh(token).error == "invalid_grant"


def test_a_refused_use_is_no_use(rp: RelyingParty, world: World) -> None:
    limit(world, world.web)
    token = rp.tokens(scope="openid offline_access").refresh_token
    world.later(seconds=IDLE - 5)
    assert rp.refresh(token, scope="openid email").error == "invalid_scope"
    world.later(seconds=70)
    assert rp.refresh(token).error == "invalid_grant"


def test_an_idle_one_is_not_active(rp: RelyingParty, world: World) -> None:
    limit(world, world.web)
    asked = {"token": rp.tokens().refresh_token}
    assert rp.post(rp.metadata["introspection_endpoint"], asked, rp.basic()).active is True
    world.later(seconds=IDLE + 61)
    assert rp.post(rp.metadata["introspection_endpoint"], asked, rp.basic()).json == {"active": False}


def test_an_answer_lost_at_the_bound_is_given_again(spa: RelyingParty, world: World) -> None:
    limit(world, world.spa, refresh_mode="grace", refresh_grace_seconds=30)
    first = spa.tokens().refresh_token
    world.later(seconds=IDLE - 5)
    second = spa.refresh(first).refresh_token
    world.later(seconds=10)
    assert spa.refresh(first).refresh_token == second
    assert spa.refresh(second).status == 200


def test_a_repeated_and_a_replayed_refresh_are_told_apart(spa: RelyingParty, world: World) -> None:
    limit(world, world.spa, refresh_mode="grace", refresh_grace_seconds=30)
    first = spa.tokens().refresh_token
    second = spa.refresh(first).refresh_token
    spa.refresh(first)
    spa.refresh(second)
    assert happened(world) == (
        ["refresh_token.repeated"],
        {"refresh_token.repeated": 1, "refresh_token.replayed": 0, "code.replayed": 0},
    )
    for _ in range(3):
        assert spa.refresh(first).error == "invalid_grant"
    told, counted = happened(world)
    assert told == ["refresh_token.repeated", "refresh_token.replayed"], "once, however often it is tried"
    assert counted == {"refresh_token.repeated": 1, "refresh_token.replayed": 1, "code.replayed": 0}


def test_a_replayed_code_is_an_event_of_its_own(rp: RelyingParty, world: World) -> None:
    code = rp.sign_in_and_allow()
    assert rp.exchange(code).status == 200
    for _ in range(2):
        assert rp.exchange(code).error == "invalid_grant"
    assert happened(world) == (
        ["code.replayed"],
        {"refresh_token.repeated": 0, "refresh_token.replayed": 0, "code.replayed": 1},
    )


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_use_is_written_once_a_minute(rp: RelyingParty, world: World) -> None:
    token = rp.tokens().refresh_token
    rp.refresh(token)
    with world.inside():
        assert used(world) == [None], "issued less than a minute ago"
    world.later(minutes=2)
    rp.refresh(token)
    first = used(world)
    world.later(seconds=30)
    rp.refresh(token)
    assert used(world) == first != [None]


def used(world: World) -> list[object]:
    with world.inside():
        return [row.used_at for row in db.session.query(RefreshToken)]
