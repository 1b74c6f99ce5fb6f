"""The dashboard's pages about the signing keys of a tenant."""

import pytest

from shared.services import keys
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def signing(world: World, alg: str = "ES256") -> str:
    with world.inside():
        return str(keys.signing_key(world.tenant, alg).kid)


def test_every_key_is_listed_with_its_state_and_rotated_after_a_question(desk: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}/keys"
    assert desk.get(page).text.count(">Signing<") == 2
    assert desk.get(f"{page}/rotated").ok and desk.get(page).text.count(">Published<") == 0
    done = desk.press("Rotate", f"{page}/rotated").text
    assert "2 new keys are published" in done and done.count(">Published<") == 2
    world.later(days=1, hours=1)
    again = desk.get(page).text
    assert (again.count(">Signing<"), again.count(">Retired<")) == (2, 2)


def test_a_key_is_revoked_by_whoever_types_its_id(desk: Desk, world: World) -> None:
    page, leaked = f"/admin/tenants/{world.tenant.id}/keys", signing(world)
    refused = desk.press("Revoke", f"{page}/{leaked}/revoked", typed="yes")
    assert refused.status_code == 422 and f"Type exactly {leaked}" in refused.text
    assert signing(world) == leaked
    done = desk.press("Revoke", f"{page}/{leaked}/revoked", typed=leaked, reason="Found in a log").text
    assert ">Revoked<" in done and "Found in a log" in done
    assert signing(world) != leaked
    event = desk.events("key.revoked")[0]
    assert (event.subject_id, event.actor_name) == (leaked, world.admin.email)


def test_a_key_of_another_name_is_not_found(desk: Desk, world: World) -> None:
    assert desk.get(f"/admin/tenants/{world.tenant.id}/keys/unknown/revoked").status_code == 404
