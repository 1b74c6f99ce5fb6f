"""A revoked signing key: what it signed is refused within a second, and another signs at once (RFC 7517 §5)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kit.errors import NotFound
from shared.services import audit, keys
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_header


def kid_of(token: str) -> str:
    return unverified_header(token)["kid"]


def revoke(world: World, kid: str) -> None:
    with world.inside():
        keys.revoke(world.tenant, kid, reason="leaked", by=TESTS)


def published(rp: RelyingParty) -> set[str]:
    return {key["kid"] for key in rp.jwks()["keys"]}


def test_what_it_signed_is_refused_within_a_second_though_its_copy_is_kept(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    leaked = kid_of(tokens.access_token)
    assert rp.userinfo(tokens.access_token).status == 200, "from here on the API keeps the key"
    revoke(world, leaked)
    deadline = time.monotonic() + 1
    while rp.userinfo(tokens.access_token).status == 200:
        assert time.monotonic() < deadline, "still believed after a second"
    world.valkey.client.flushall()
    assert rp.userinfo(tokens.access_token).error == rp.userinfo("x").error
    asked = rp.post(rp.metadata["introspection_endpoint"], {"token": tokens.access_token}, rp.basic())
    assert asked.json == {"active": False}


def test_it_leaves_the_jwks_at_once_and_another_signs(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    leaked = kid_of(tokens.access_token)
    revoke(world, leaked)
    now = published(rp)
    assert leaked not in now and len(now) == 2, "an ES256 and an RS256 key, as before"
    again = rp.refresh(tokens.refresh_token)
    assert kid_of(again.access_token) in now
    assert rp.userinfo(again.access_token).status == 200, "the API asks for a key that it has not seen"


def test_the_front_door_asks_for_the_keys_again_soon(rp: RelyingParty) -> None:
    told = rp.http.get(rp.metadata["jwks_uri"], timeout=30).headers
    assert (told["Cache-Control"], told["X-Accel-Expires"]) == ("public, max-age=300", "5")


def test_an_id_token_that_it_signed_is_no_hint_any_more(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    assert "code" in rp.walk(id_token_hint=hint).answer
    revoke(world, kid_of(hint))
    assert rp.walk(id_token_hint=hint).answer["error"] == "invalid_request"


def test_the_one_published_for_later_signs_at_once(inside: World) -> None:
    """Verifiers may know it already."""
    leaked = keys.signing_key(inside.tenant, "ES256").kid
    waiting = next(key.kid for key in keys.rotate(inside.tenant, by=TESTS) if key.alg == "ES256")
    keys.revoke(inside.tenant, str(leaked), by=TESTS)
    assert keys.signing_key(inside.tenant, "ES256").kid == waiting
    assert {key.kid: key.state for key in keys.known(inside.tenant)}[str(leaked)] == "revoked"


def test_one_that_only_waited_makes_room_for_nobody(inside: World) -> None:
    signing = keys.signing_key(inside.tenant, "ES256").kid
    waiting = next(key.kid for key in keys.rotate(inside.tenant, by=TESTS) if key.alg == "ES256")
    keys.revoke(inside.tenant, waiting, by=TESTS)
    inside.later(days=2)
    assert keys.signing_key(inside.tenant, "ES256").kid == signing
    inside.later(days=88)
    keys.rotate_due(inside.tenant)
    assert any(key.state == "published" and key.alg == "ES256" for key in keys.of(inside.tenant))


def test_one_that_is_retired_is_not_called_back(inside: World) -> None:
    retired = keys.signing_key(inside.tenant, "ES256").kid
    keys.rotate(inside.tenant, by=TESTS, at_once=True)
    leaked = keys.signing_key(inside.tenant, "ES256").kid
    keys.revoke(inside.tenant, str(leaked), by=TESTS)
    assert keys.signing_key(inside.tenant, "ES256").kid not in (retired, leaked)


def test_of_many_that_revoke_and_rotate_at_once_all_find_one_successor(world: World) -> None:
    with world.inside():
        leaked = str(keys.signing_key(world.tenant, "ES256").kid)

    def act(turn: int) -> None:
        with world.auth.app_context():
            if turn % 2:
                keys.revoke(world.tenant, leaked, by=TESTS)
            else:
                keys._read(world.tenant)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(8)))
    with world.inside():
        alive = [key for key in keys.of(world.tenant) if key.alg == "ES256"]
        assert [key.state for key in alive] == ["signing"]
        assert len(audit.search(action="key.revoked").items) == 1


def test_it_is_remembered_longer_than_any_copy_of_it(inside: World) -> None:
    leaked = str(keys.signing_key(inside.tenant, "ES256").kid)
    keys.revoke(inside.tenant, leaked, reason="leaked", by=TESTS)
    inside.later(days=3)
    keys.purge()
    assert keys.get(inside.tenant, leaked).revoked_reason == "leaked"
    inside.later(days=88)
    keys.purge()
    with pytest.raises(NotFound):
        keys.get(inside.tenant, leaked)


def test_only_a_key_of_the_tenant_can_be_revoked(inside: World) -> None:
    with pytest.raises(NotFound):
        keys.revoke(inside.tenant, "another", by=TESTS)


def test_who_revoked_it_is_in_the_audit_log(inside: World) -> None:
    leaked = str(keys.signing_key(inside.tenant, "RS256").kid)
    keys.revoke(inside.tenant, leaked, reason="found in a log", by=TESTS)
    event = audit.search(action="key.revoked").items[0]
    assert (event.subject_id, event.actor_name, event.detail["reason"]) == (leaked, TESTS.name, "found in a log")
