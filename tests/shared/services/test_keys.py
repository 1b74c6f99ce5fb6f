"""Signing keys: made once, published before they sign, retired after what they signed is dead."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kit.db import db
from shared.models.key import SigningKey
from shared.services import audit, keys, tenants
from tests.parts.world import TESTS, World


def kids() -> set[str]:
    return {key["kid"] for key in keys.jwks(tenants.default())["keys"]}


def signing() -> str | None:
    return keys.signing_key(tenants.default(), "ES256").kid


def test_both_algorithms_have_a_key_and_none_is_private(inside: World) -> None:
    published = keys.jwks(inside.tenant)["keys"]
    assert sorted(key["alg"] for key in published) == ["ES256", "RS256"]
    assert all(key["use"] == "sig" and not {"d", "p", "q", "dp", "dq", "qi"} & set(key) for key in published)


def test_keys_stand_in_one_order_whoever_made_them(inside: World) -> None:
    other = tenants.create(name="Order", by=TESTS)
    made = keys.jwks(other)
    keys._rings.clear()
    assert keys.jwks(other) == made


def test_private_parts_are_sealed_at_rest(inside: World) -> None:
    for row in db.session.query(SigningKey):
        assert '"d"' not in row.private_sealed
        assert not row.private_sealed.startswith("{")


def test_a_successor_is_published_a_day_before_it_signs(inside: World) -> None:
    before, old = kids(), signing()
    keys.rotate(inside.tenant, by=TESTS)
    assert len(kids()) == len(before) + 2
    assert signing() == old
    inside.later(hours=23)
    assert signing() == old
    inside.later(hours=2)
    assert signing() not in before
    assert old in kids(), "what it signed is still believed"
    inside.later(days=3)
    assert old not in kids()


def test_a_key_can_be_succeeded_at_once(inside: World) -> None:
    old = signing()
    keys.rotate(inside.tenant, by=TESTS, at_once=True)
    assert signing() != old
    assert old in kids()


def test_the_schedule_rotates_before_the_ninety_days_are_over(inside: World) -> None:
    first = signing()
    keys.rotate_due(inside.tenant)
    assert len(kids()) == 2
    inside.later(days=89, hours=1)
    keys.rotate_due(inside.tenant)
    keys.rotate_due(inside.tenant)
    assert len(kids()) == 4, "one successor each, however often it is asked"
    inside.later(days=1)
    assert signing() != first


def test_two_nodes_that_rotate_at_once_make_one_key(world: World) -> None:
    with world.inside():
        tenant = tenants.create(name="New", by=TESTS)

    def ask(_: int) -> set[str]:
        with world.auth.app_context():
            return {key["kid"] for key in keys._read(tenant).jwks["keys"]}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    with world.inside():
        assert sorted(row.alg for row in keys.of(tenant)) == ["ES256", "RS256"]


def test_keys_that_are_gone_are_purged(inside: World) -> None:
    keys.rotate(inside.tenant, by=TESTS, at_once=True)
    assert keys.purge() == 0
    inside.later(days=3)
    assert keys.purge() == 2


def test_a_new_key_is_in_the_audit_log(inside: World) -> None:
    made = keys.rotate(inside.tenant, by=TESTS)
    events = audit.search(action="key.created", limit=2).items
    assert {event.subject_id for event in events} == {row.kid for row in made}


@pytest.mark.parametrize("alg", ["none", "HS256", "EdDSA"])
def test_there_is_no_key_of_another_algorithm(inside: World, alg: str) -> None:
    with pytest.raises(KeyError):
        keys.signing_key(inside.tenant, alg)
