"""The dashboard's pages about factors."""

import pytest

from shared.services import audit, enrolments
from tests.auth_service.admin.desk import Desk
from tests.parts.factoring import equip
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_the_rules_of_a_tenant_are_set_and_it_is_said_whom_they_would_lead_to_add_one(desk: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}"
    form = desk.get(f"{page}/edit").text
    assert "2 people have no second factor, 1 of them an operator" in form
    assert ">Authenticator app<" in form and "<code>totp</code>" not in form, "as on every other page"
    answer = desk.press("Update", f"{page}/edit", factors=["password", "totp"], second_factor="never")
    assert "Never asked" in answer.text
    event = desk.events("tenant.updated")[0]
    assert set(event.detail) == {"factors", "second_factor"}


def test_a_set_in_which_nobody_could_sign_in_is_refused_beside_the_field(desk: Desk, world: World) -> None:
    answer = desk.press("Update", f"/admin/tenants/{world.tenant.id}/edit", factors=["passkey"])
    assert answer.status_code == 422 and "Offer a password or a code by e-mail" in answer.text
    answer = desk.press("Update", f"/admin/tenants/{world.tenant.id}/edit", factors=["password"], second_factor="always")
    assert answer.status_code == 422 and "people must be able to add one" in answer.text


def test_an_operator_sees_a_person_s_factors_and_takes_them_away(desk: Desk, world: World) -> None:
    equip(world, world.ada)
    assert "Authenticator app" in desk.get(f"/admin/users/{world.ada.id}").text
    answer = desk.press("Remove all", f"/admin/users/{world.ada.id}/reset-factors")
    assert f"{world.ada.email} has no second factor any more." in answer.text
    with world.inside():
        assert enrolments.of(world.user(world.ada)) == []
        assert audit.search(action="user.factors_reset").items[0].subject_id == str(world.ada.id)
    assert "removed" in world.letters()[-1]


def test_an_operator_who_sets_the_rule_for_operators_adds_one_next(desk: Desk, world: World) -> None:
    desk.press("Update", f"/admin/tenants/{world.tenant.id}/edit", second_factor="operators")
    world.later(seconds=3)
    assert desk.get("/admin/users").url.startswith(f"{world.url}/factor/new")
