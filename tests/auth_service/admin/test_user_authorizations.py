"""What applications hold for a person, on the person's page of the dashboard."""

import re

from shared.services import resources
from tests.auth_service.admin.desk import Desk
from tests.device import Device, allow_devices
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

NOTES = "https://notes.example/api"


def ending(page: str) -> list[str]:
    return re.findall(r'href="([^"]*/ended-authorizations/[^"]*)"', page)


def test_each_authorization_is_told_in_words_with_how_it_was_given(desk: Desk, world: World, rp: RelyingParty) -> None:
    with world.inside():
        resources.create(world.tenant, identifier=NOTES, name="Notes", scopes={"read": "Read your notes"}, by=TESTS)
    rp.tokens(scope="openid offline_access read", resource=NOTES)
    allow_devices(world, world.spa)
    tv = Device(world.url, world.spa, world.ada)
    asked = tv.ask()
    tv.answer(asked, "allow")
    tv.poll(asked.device_code)
    shown = desk.get(f"/admin/users/{world.ada.id}").text
    assert "Notes: Read your notes" in shown and "Keep this access while you are away" in shown
    assert "In a browser" in shown and "To a device, by its code" in shown
    assert len(ending(shown)) == 2


def test_one_is_ended_and_the_other_goes_on(desk: Desk, world: World, rp: RelyingParty, ours: RelyingParty) -> None:
    first, second = rp.tokens(), ours.tokens()
    page = desk.get(f"/admin/users/{world.ada.id}").text
    newest = ending(page)[0]
    assert "is ended" in desk.press("End", newest).text
    assert ours.refresh(second.refresh_token).error == "invalid_grant"
    assert rp.refresh(first.refresh_token).status == 200
    assert len(ending(desk.get(f"/admin/users/{world.ada.id}").text)) == 1
    assert desk.events("authorization.revoked")[0].actor_name == world.admin.email


def test_all_are_ended(desk: Desk, world: World, rp: RelyingParty) -> None:
    tokens = rp.tokens()
    assert "Every authorization is ended." in desk.press("End all", f"/admin/users/{world.ada.id}/ended-authorizations").text
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
    assert desk.events("authorization.all_revoked")[0].subject_id == str(world.ada.id)


def test_what_has_run_out_is_not_listed(desk: Desk, world: World, rp: RelyingParty) -> None:
    rp.tokens(scope="openid")
    assert len(ending(desk.get(f"/admin/users/{world.ada.id}").text)) == 1
    world.later(minutes=11)
    assert ending(desk.get(f"/admin/users/{world.ada.id}").text) == []


def test_that_of_somebody_else_is_not_found_on_this_page(desk: Desk, world: World, rp: RelyingParty) -> None:
    rp.tokens()
    path = ending(desk.get(f"/admin/users/{world.ada.id}").text)[0].replace(str(world.ada.id), str(world.admin.id))
    assert desk.get(path).status_code == 404


def test_consents_are_told_in_words(desk: Desk, world: World, rp: RelyingParty) -> None:
    with world.inside():
        resources.create(world.tenant, identifier=NOTES, name="Notes", scopes={"read": "Read your notes"}, by=TESTS)
    rp.tokens(scope="openid read", resource=NOTES)
    page = desk.get(f"/admin/users/{world.ada.id}").text
    applications = page[page.index('id="applications"') :]
    assert "Notes: Read your notes" in applications and f"{NOTES}#read" not in applications
