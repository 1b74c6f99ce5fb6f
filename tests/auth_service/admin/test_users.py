"""The dashboard's pages about users."""

import re

import pytest

from shared.models.audit import Actor
from shared.services import consents, sessions, tenants, users
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

TESTS = Actor.system("tests")

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_the_list_finds_by_the_beginning_of_an_address_or_a_name(desk: Desk, world: World) -> None:
    assert emails(desk.get("/admin/users").text) == ["grace@example.com", "ada@example.com"]
    assert emails(desk.get("/admin/users", q="ADA@").text) == ["ada@example.com"]
    assert emails(desk.get("/admin/users", q="Grace H").text) == ["grace@example.com"]
    assert "Nobody found" in desk.get("/admin/users", q="zzz").text


def test_a_long_list_has_pages(desk: Desk, world: World) -> None:
    with world.inside():
        for number in range(30):
            users.create(world.tenant, email=f"p{number:02}@example.com", by=TESTS)
    first = desk.get("/admin/users", q="p").text
    found = re.search(r'rel="next" href="([^"]*)"', first)
    assert found and len(emails(first)) == 25
    assert emails(desk.get(found[1].replace("&amp;", "&")).text) == [f"p0{number}@example.com" for number in (4, 3, 2, 1, 0)]


def test_a_new_user_can_sign_in_with_the_password_given(desk: Desk, stranger: Desk, world: World) -> None:
    answer = desk.press(
        "Create user", "/admin/users/new", email="new@example.com", name="New Person", password="a rather long password"
    )
    assert "new@example.com is created." in answer.text
    assert [event.action for event in desk.events("user.")][:1] == ["user.created"]
    page = stranger.get("/login")
    assert stranger.post(page, "password", email="new@example.com", password="a rather long password").url.endswith("/account")


def test_a_new_user_may_have_no_password_and_another_tenant(desk: Desk, world: World) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
    assert desk.press("Create user", "/admin/users/new", email="a@example.com", tenant="acme").ok
    with world.inside():
        made = users.search(acme).items[0]
        assert (made.email, made.password_hash) == ("a@example.com", None)


def test_what_is_wrong_with_a_new_user_is_said_beside_the_field(desk: Desk) -> None:
    for typed, told in (
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "ADA@example.com"}, "cannot be used"),
        ({"email": "x@example.com", "password": "short"}, "at least 12 characters"),
    ):
        answer = desk.press("Create user", "/admin/users/new", **typed)
        assert answer.status_code == 422 and told in answer.text and f'value="{typed["email"]}"' in answer.text
        assert "short" not in answer.text.replace("shortcut", "")
    assert desk.events("user.created")[0].actor_kind == "system"


def test_disabling_signs_out_everywhere_and_keeps_the_reason(desk: Desk, stranger: Desk, world: World) -> None:
    stranger.sign_in(world.ada)
    page = f"/admin/users/{world.ada.id}"
    answer = desk.press("Disable", f"{page}/disabled", reason="Left the company")
    assert "is disabled" in answer.text and "Left the company" in answer.text
    assert "/login" in stranger.get("/account").url
    assert [event.detail for event in desk.events("user.disabled")] == [{"reason": "Left the company"}]
    assert "can sign in again" in desk.press("Enable", f"{page}/enabled").text
    assert len(desk.events("user.enabled")) == 1
    stranger.sign_in(world.ada)


def test_nobody_locks_themselves_out(desk: Desk, world: World) -> None:
    page = f"/admin/users/{world.admin.id}"
    assert "Disable</a>" not in desk.get(page).text
    assert desk.press("Disable", f"{page}/disabled").status_code == 422
    assert desk.press("Take back", f"{page}/operator").status_code == 422
    assert desk.get("/admin/users").ok


def test_the_right_to_this_dashboard_is_granted_and_taken_back(desk: Desk, stranger: Desk, world: World) -> None:
    stranger.sign_in(world.ada)
    page = f"/admin/users/{world.ada.id}/operator"
    assert desk.press("Make operator", page).ok
    assert stranger.get("/admin/").ok
    assert desk.press("Take back", page).ok
    assert stranger.get("/admin/").status_code == 403
    changes = [event.detail["permissions"] for event in desk.events("user.permissions_changed")]
    assert changes == [[["bailiwick:admin"], []], [[], ["bailiwick:admin"]]]


def test_sessions_are_listed_and_ended_one_by_one_or_all(desk: Desk, world: World) -> None:
    browsers = [Desk(world) for _ in range(3)]
    for browser in browsers:
        browser.sign_in(world.ada)
    page = f"/admin/users/{world.ada.id}"
    assert desk.get(page).text.count('name="sid"') == 3
    assert "The session is ended." in desk.press("End", page).text
    assert len(desk.events("user.session_ended")) == 1
    assert "Every session is ended." in desk.press("End all", f"{page}/ended-sessions").text
    assert len(desk.events("user.sessions_ended")) == 1
    with world.inside():
        assert sessions.of(world.user(world.ada)) == []
    assert all("/login" in browser.get("/account").url for browser in browsers)


def test_what_a_person_allowed_is_shown_and_can_be_withdrawn(desk: Desk, world: World) -> None:
    with world.inside():
        consents.give(world.user(world.ada), world.client(world.web), ["openid", "email"])
    page = f"/admin/users/{world.ada.id}"
    assert "Web shop" in desk.get(page).text
    assert "withdrawn" in desk.press("Withdraw", f"{page}/withdrawn-consents/{world.web.id}").text
    assert "Web shop" not in desk.get(page).text.partition('id="events"')[0]
    assert len(desk.events("consent.withdrawn")) == 1


def test_the_profile_is_shown_and_edited(desk: Desk, world: World) -> None:
    page = f"/admin/users/{world.ada.id}"
    assert "Nothing besides name and e-mail address." in desk.get(page).text
    typed = {"family_name": "Lovelace", "phone_number": "+44 20 7946 0000", "phone_number_verified": "y"}
    answer = desk.press("Update", f"{page}/claims", **typed, street_address="12 St James's Sq", locality="London")
    for told in ("The profile is changed.", "Lovelace", "+442079460000", "12 St James&#39;s Sq, London"):
        assert told in answer.text
    form = desk.get(f"{page}/claims").text
    assert 'value="Lovelace"' in form and "checked" in form
    assert desk.press("Update", f"{page}/claims", family_name="").ok
    with world.inside():
        claims = world.user(world.ada).claims
    assert claims == {"phone_number": "+442079460000", "address": {"street_address": "12 St James's Sq", "locality": "London"}}
    refused = desk.press("Update", f"{page}/claims", birthdate="yesterday", country="x" * 501)
    assert refused.status_code == 422 and 'value="yesterday"' in refused.text and "Write it as YYYY-MM-DD" in refused.text
    assert [event.detail for event in desk.events("user.claims_set")][0] == {"claims": ["family_name"]}


def test_the_page_of_a_user_tells_what_happened(desk: Desk, stranger: Desk, world: World) -> None:
    stranger.sign_in(world.ada)
    text = desk.get(f"/admin/users/{world.ada.id}").text
    assert "User signed in" in text and str(world.ada.id) in text and "python-requests" in text


def emails(page: str) -> list[str]:
    """The addresses in a list, in order."""
    return re.findall(r'class="primary-cell"><a [^>]*>.*?<span>([^<]*)</span></a>', page)


def test_a_user_is_deleted_once_their_address_was_typed(desk: Desk, world: World) -> None:
    page = f"/admin/users/{world.ada.id}/deletion"
    assert "Type exactly ada@example.com" in desk.press("Delete", page, typed="ada").text
    answer = desk.press("Delete", page, typed="ada@example.com")
    assert "ada@example.com is deleted." in answer.text and answer.url.endswith("/admin/users")
    assert desk.get(f"/admin/users/{world.ada.id}").status_code == 404
    assert [event.subject_name for event in desk.events("user.deleted")] == ["deleted"]
    assert emails(desk.get("/admin/users").text) == ["grace@example.com"]


def test_the_last_operator_is_not_deleted(desk: Desk, world: World) -> None:
    answer = desk.press("Delete", f"/admin/users/{world.admin.id}/deletion", typed="grace@example.com")
    assert "This is the last operator" in answer.text
    assert desk.get("/admin").ok
