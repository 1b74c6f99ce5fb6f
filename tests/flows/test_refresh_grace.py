"""Rotation that tells a lost answer from a theft (RFC 9700 §4.14.2)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.services import audit, clients
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


@pytest.fixture
def graceful(spa: RelyingParty, world: World) -> RelyingParty:
    with world.inside():
        clients.update(world.client(world.spa), refresh_mode="grace", refresh_grace_seconds=30, by=TESTS)
    return spa


def test_a_lost_answer_is_given_again(graceful: RelyingParty, world: World) -> None:
    first = graceful.tokens().refresh_token
    second = graceful.refresh(first).refresh_token
    assert second != first
    world.later(seconds=29)
    again = graceful.refresh(first)
    assert (again.status, again.refresh_token) == (200, second)
    assert graceful.userinfo(again.access_token).status == 200
    assert graceful.refresh(second).status == 200
    with world.inside():
        assert len(audit.search(action="refresh_token.repeated").items) == 1


def test_after_the_grace_it_is_theft(graceful: RelyingParty, world: World) -> None:
    first = graceful.tokens().refresh_token
    second = graceful.refresh(first).refresh_token
    world.later(seconds=31)
    assert graceful.refresh(first).error == "invalid_grant"
    assert graceful.refresh(second).error == "invalid_grant"
    with world.inside():
        events = audit.search(action="authorization.revoked").items
    assert [event.detail["reason"] for event in events] == ["refresh token used twice"]


def test_once_the_successor_was_used_it_is_theft(graceful: RelyingParty) -> None:
    first = graceful.tokens().refresh_token
    second = graceful.refresh(first).refresh_token
    third = graceful.refresh(second).refresh_token
    assert graceful.refresh(first).error == "invalid_grant"
    assert graceful.refresh(third).error == "invalid_grant"


def test_many_tabs_at_once_get_the_same_successor(graceful: RelyingParty) -> None:
    token = graceful.tokens().refresh_token
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: graceful.refresh(token), range(16)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.refresh_token for reply in replies}) == 1


def test_nobody_else_is_given_it_again(graceful: RelyingParty, rp: RelyingParty) -> None:
    first = graceful.tokens().refresh_token
    second = graceful.refresh(first).refresh_token
    assert rp.refresh(first).error == "invalid_grant"
    assert graceful.refresh(second).status == 200


def test_what_was_ended_is_not_given_again(graceful: RelyingParty) -> None:
    first = graceful.tokens().refresh_token
    second = graceful.refresh(first).refresh_token
    fields = {"token": second, "client_id": graceful.application.client_id}
    graceful.post(graceful.metadata["revocation_endpoint"], fields, {})
    assert graceful.refresh(first).error == "invalid_grant"
