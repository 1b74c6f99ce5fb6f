"""The dashboard's pages for user fields."""

from typing import Any

import pytest

from shared.models.user_field import UserField
from shared.services import field_kinds, tenants, user_fields
from tests.auth_service.admin.desk import Desk
from tests.parts.fields import TYPED, as_form, make, make_all
from tests.parts.world import TESTS, World


def listed(world: World) -> list[UserField]:
    with world.inside():
        return user_fields.listed(world.tenant)


def new(desk: Desk, kind: str, **typed: Any) -> Any:
    return desk.press("Create field", on=f"/admin/fields/new?kind={kind}", **typed)


def test_without_fields_the_page_says_what_they_are_for(desk: Desk) -> None:
    assert "No fields yet" in desk.get("/admin/fields").text


def test_the_kind_is_chosen_first(desk: Desk) -> None:
    page = desk.get("/admin/fields/new")
    assert all(f'value="{kind}"' in page.text for kind in field_kinds.KINDS)
    assert "New field: date" in desk.get("/admin/fields/new", kind="date").text


@pytest.mark.parametrize("kind", list(TYPED))
def test_a_field_of_each_kind_is_made_and_changed(world: World, desk: Desk, kind: str) -> None:
    choices = {"choices": "s = Small\nm=Medium\na=b = Odd\nl"} if kind in ("choice", "choices") else {}
    page = new(desk, kind, name="Your answer", hint="Think twice.", required=None, **choices)
    assert page.ok and "Your answer is asked for." in page.text
    (made,) = listed(world)
    assert (made.slug, made.kind, made.at_sign_up, made.editable, made.required) == ("your_answer", kind, True, True, False)
    if choices:
        assert made.choices == [["s", "Small"], ["m", "Medium"], ["a=b", "Odd"], ["l", "l"]]
    edit = f"/admin/fields/{made.id}/edit"
    assert desk.press("Update", on=edit).ok
    assert listed(world)[0].choices == made.choices, "what is not touched stays"
    desk.press("Update", on=edit, name="Another", required="y")
    assert (listed(world)[0].name, listed(world)[0].required) == ("Another", True)
    assert [event.action for event in desk.events("user_field")] == ["user_field.updated", "user_field.created"]


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"slug": "__proto__"}, "slug"),
        ({"slug": "constructor"}, "slug"),
        ({"slug": "9"}, "slug"),
        ({"slug": "a" * 51}, "slug"),
        ({"name": "日本語"}, "slug"),
        ({"hint": "x" * 501}, "hint"),
        ({"claim": "sub"}, "claim"),
        ({"claim": "iss"}, "claim"),
        ({"claim": "email"}, "claim"),
        ({"claim": "permissions"}, "claim"),
        ({"claim": "__proto__"}, "claim"),
        ({"claim": "phone_number"}, "claim"),
        ({"claim": "a b"}, "claim"),
        ({"claim": "javascript:alert(1)"}, "claim"),
        ({"claim": "rank", "scope": "openid"}, "scope"),
        ({"claim": "rank", "scope": "bailiwick:admin"}, "scope"),
        ({"claim": "rank", "scope": "claim:email"}, "scope"),
        ({"claim": "rank", "scope": "https://api.example.com#read"}, "scope"),
        ({"claim": "rank", "scope": "two words"}, "scope"),
        ({"default": "x" * 201}, "default"),
        ({"at_sign_up": None, "editable": None, "required": "y"}, "required"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_what_cannot_be_is_refused_at_its_input(world: World, desk: Desk, typed: dict[str, Any], at: str) -> None:
    page = new(desk, "string", **{"name": "Rank", **typed})
    assert page.status_code == 422
    assert f'id="{at}-error"' in page.text
    assert listed(world) == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_too_many_choices_are_refused(world: World, desk: Desk) -> None:
    page = new(desk, "choice", name="Rank", choices="\n".join(map(str, range(501))))
    assert page.status_code == 422 and 'id="choices-error"' in page.text
    assert new(desk, "choice", name="Rank", choices="\n".join(map(str, range(10_000)))).status_code == 413
    assert listed(world) == []


def test_two_fields_are_never_the_same_claim_or_slug(world: World, desk: Desk) -> None:
    with world.inside():
        make(world, "string", slug="rank", claim="rank")
        other = make(world, "string", slug="grade")
    again = new(desk, "string", name="Rank")
    assert again.status_code == 422 and "a field with this slug already" in again.text
    same = new(desk, "string", name="Degree", claim="rank")
    assert same.status_code == 422 and "Another field is this claim already" in same.text
    changed = desk.press("Update", on=f"/admin/fields/{other.id}/edit", claim="rank")
    assert changed.status_code == 422 and "Another field is this claim already" in changed.text
    assert [field.slug for field in listed(world)] == ["rank", "grade"]


def test_fields_are_moved(world: World, desk: Desk) -> None:
    with world.inside():
        first, second, _ = (make(world, "string", slug=slug) for slug in ("a", "b", "c"))
    desk.http.post(f"{world.url}/admin/fields/{second.id}/moved", {"up": "1", "csrf_token": desk.token()})
    assert [field.slug for field in listed(world)] == ["b", "a", "c"]
    desk.http.post(f"{world.url}/admin/fields/{first.id}/moved", {"down": "1", "csrf_token": desk.token()})
    assert [field.slug for field in listed(world)] == ["b", "c", "a"]


def test_deleting_says_how_many_lose_a_value(world: World, desk: Desk) -> None:
    with world.inside():
        gone = make(world, "string", slug="gone")
    desk.press("Update", on=f"/admin/users/{world.ada.id}/fields", **{"fields.gone": "x"})
    page = desk.get(f"/admin/fields/{gone.id}/delete")
    assert "What 1 person has under it is deleted too." in page.text
    desk.press("Delete", on=f"/admin/fields/{gone.id}/delete")
    assert listed(world) == []
    with world.inside():
        assert world.user(world.ada).fields == {}


def test_operators_fill_in_every_kind_for_a_person(world: World, desk: Desk) -> None:
    make_all(world, at_sign_up=False, editable=False)
    page = desk.press(
        "Update", on=f"/admin/users/{world.ada.id}/fields", **as_form({kind: typed for kind, (typed, _) in TYPED.items()})
    )
    assert page.ok, page.text
    assert "Analytical Engines Ltd" in page.text and "Medium" in page.text and "French" in page.text
    with world.inside():
        assert world.user(world.ada).fields == {kind: value for kind, (_, value) in TYPED.items()}
    (event,) = desk.events("user.fields_set")
    assert event.detail == {"fields": sorted(TYPED)}, "what people say of themselves is not in the log"


def test_what_was_required_later_keeps_no_operator_from_the_rest(world: World, desk: Desk) -> None:
    with world.inside():
        make(world, "boolean", required=True)
        make(world, "string", slug="terms", required=True)
        make(world, "string")
    assert desk.press("Update", on=f"/admin/users/{world.ada.id}/fields", **{"fields.string": "x"}).ok
    with world.inside():
        assert world.user(world.ada).fields == {"string": "x"}
    desk.press("Update", on=f"/admin/users/{world.ada.id}/fields", **{"fields.terms": "y"})
    assert desk.press("Update", on=f"/admin/users/{world.ada.id}/fields", **{"fields.terms": ""}).status_code == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_each_tenant_has_its_own(world: World, desk: Desk) -> None:
    with world.inside():
        make(world, "string", slug="ours")
        tenants.create(name="Acme", by=TESTS)
    page = desk.get("/admin/fields", tenant="acme")
    assert "No fields yet" in page.text and "Acme" in page.text
    desk.press("Create field", on="/admin/fields/new?kind=date&tenant=acme", name="Birthday")
    assert "Birthday" in desk.get("/admin/fields", tenant="acme").text
    assert "Birthday" not in desk.get("/admin/fields").text
