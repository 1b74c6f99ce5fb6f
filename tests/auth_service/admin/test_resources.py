"""The dashboard's pages about resources."""

import pytest

from shared.models.resource import Resource
from shared.services import resources
from tests.auth_service.admin.desk import Desk
from tests.parts.world import TESTS, World

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])
NOTES = "https://notes.example/api"


@pytest.fixture
def notes(world: World) -> Resource:
    with world.inside():
        scopes = {"read": "Read your notes", "write": "Change your notes"}
        return resources.create(world.tenant, identifier=NOTES, name="Notes", scopes=scopes, by=TESTS)


def test_a_resource_is_made_with_its_scopes_in_words(desk: Desk, world: World) -> None:
    assert "No resources yet" in desk.get("/admin/resources").text
    typed = {
        "identifier": NOTES,
        "name": "Notes",
        "scopes": "notes:read Read your notes\r\n  notes:write   Change your notes\r\nbare",
        "introspectors": world.web.client_id,
        "token_seconds": "120",
    }
    answer = desk.press("Create resource", "/admin/resources/new", **typed)
    assert answer.status_code == 200 and "Notes is created." in answer.text
    assert "Notes: Read your notes" in answer.text and "2 minutes at most" in answer.text
    assert "Every client of" in answer.text and world.web.name in answer.text
    assert [event.action for event in desk.events("resource.")] == ["resource.created"]
    with world.inside():
        kept = resources.find(world.tenant, NOTES)
        assert kept is not None
        assert kept.scopes == {"notes:read": "Read your notes", "notes:write": "Change your notes", "bare": ""}
        assert (kept.clients, kept.introspectors, kept.token_seconds) == (None, [world.web.client_id], 120)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"identifier": ""}, "Write the address of the API."),
        ({"identifier": "notes"}, "Write the whole address of the API"),
        ({"identifier": f"{NOTES}#top"}, "without a fragment"),
        ({"name": ""}, "Give it a name"),
        ({"scopes": "openid Who you are"}, "openid is a scope of ours"),
        ({"scopes": 'a"b Quotes'}, "without blanks, quotes"),
        ({"token_seconds": "5"}, "Between 30 and 86400 seconds."),
        ({"token_seconds": "soon"}, "Not a valid integer value."),
        ({"introspectors": "nobody"}, "There is no confidential client of this tenant with the Client ID nobody."),
        ({"clients": "nobody", "every_client": None}, "There is no client of this tenant with the Client ID nobody."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk: Desk, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Create resource", "/admin/resources/new", **{"identifier": NOTES, "name": "Notes", **typed})
    assert answer.status_code == 422 and told in answer.text
    assert desk.events("resource.") == []


def test_our_own_api_needs_no_keeping(desk: Desk, world: World) -> None:
    answer = desk.press("Create resource", "/admin/resources/new", identifier=f"{world.url}/api", name="Ours")
    assert answer.status_code == 422 and "This is our own API" in answer.text


def test_an_identifier_is_kept_once_in_each_tenant(desk: Desk, notes: Resource) -> None:
    answer = desk.press("Create resource", "/admin/resources/new", identifier=NOTES, name="Again")
    assert answer.status_code == 422 and "There is a resource with this identifier already." in answer.text


def test_what_is_changed_is_one_event(desk: Desk, world: World, notes: Resource) -> None:
    page = f"/admin/resources/{notes.id}"
    assert "read Read your notes\nwrite Change your notes" in desk.get(f"{page}/edit").text
    answer = desk.press("Update", f"{page}/edit", name="Notebook", clients=world.spa.client_id, every_client=None)
    assert "Updated." in answer.text and world.spa.name in answer.text and "Every client of" not in answer.text
    event = desk.events("resource.updated")[0]
    assert set(event.detail) == {"name", "clients"} and len(desk.events("resource.updated")) == 1
    desk.press("Update", f"{page}/edit", every_client="y")
    with world.inside():
        kept = resources.get(None, notes.id)
        assert (kept.name, kept.clients, kept.scopes) == ("Notebook", None, notes.scopes)
    refused = desk.press("Update", f"{page}/edit", scopes="profile Yours")
    assert refused.status_code == 422 and "profile is a scope of ours" in refused.text and "profile Yours" in refused.text


def test_deleting_asks_for_the_name(desk: Desk, notes: Resource) -> None:
    page = f"/admin/resources/{notes.id}"
    refused = desk.press("Delete", f"{page}/delete", typed="notes")
    assert refused.status_code == 422 and "Type exactly Notes." in refused.text
    answer = desk.press("Delete", f"{page}/delete", typed="Notes")
    assert "Notes is deleted." in answer.text and answer.url.endswith("/admin/resources")
    assert desk.get(page).status_code == 404
    assert desk.events("resource.")[0].action == "resource.deleted"


def test_the_list_finds_by_name_and_identifier_and_has_pages(desk: Desk, world: World, notes: Resource) -> None:
    with world.inside():
        for number in range(26):
            resources.create(world.tenant, identifier=f"urn:example:{number}", name=f"Api {number}", by=TESTS)
    first = desk.get("/admin/resources").text
    assert "Api 25" in first and NOTES not in first and "Next" in first
    assert NOTES in desk.get("/admin/resources", q="not").text and NOTES in desk.get("/admin/resources", q="https://no").text
    assert "Nothing found" in desk.get("/admin/resources", q="zzz").text
    assert desk.get("/admin/resources?q=%00a&tenant=%00&after=x&before=%00").ok


def test_a_client_that_is_gone_is_said_to_be(desk: Desk, world: World, notes: Resource) -> None:
    made = world.add_application("Passing")
    desk.press("Update", f"/admin/resources/{notes.id}/edit", introspectors=made.client_id)
    desk.press("Delete", f"/admin/clients/{made.id}/delete", typed="Passing")
    assert "A client that was deleted" in desk.get(f"/admin/resources/{notes.id}").text


def test_strangers_see_nothing(stranger: Desk, notes: Resource) -> None:
    for path in ("", "/new", f"/{notes.id}", f"/{notes.id}/edit", f"/{notes.id}/delete"):
        assert stranger.get(f"/admin/resources{path}").url.partition("?")[0].endswith("/login")
