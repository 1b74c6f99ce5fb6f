"""The audit log as the dashboard shows it, and the first page."""

import re

import pytest

from shared.models.audit import Actor
from shared.services import clients, users
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World
from tests.relying_party import RelyingParty

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_events_are_found_by_action_by_name_and_by_subject(desk: Desk, world: World) -> None:
    assert set(deeds(desk.get("/admin/audit", action="client.").text)) == {"Client created"}
    assert set(deeds(desk.get("/admin/audit", q="ada@").text)) == {"User created"}
    assert deeds(desk.get("/admin/audit", subject=str(world.web.id)).text) == ["Client created"]
    assert "Nothing found" in desk.get("/admin/audit", q="zzz").text


def test_a_change_says_what_was_and_what_is_and_who_did_it(desk: Desk, world: World) -> None:
    desk.press("Update", f"/admin/clients/{world.web.id}/edit", name="Web store")
    text = desk.get("/admin/audit", action="client.updated").text
    assert "<del>Web shop</del>" in text and "<ins>Web store</ins>" in text
    assert world.admin.email in text and "127.0.0.1" in text


def test_the_log_has_pages(desk: Desk, world: World) -> None:
    with world.inside():
        for number in range(30):
            clients.register(world.tenant, name=f"Client {number}", by=Actor.system("tests"))
    first = desk.get("/admin/audit").text
    found = re.search(r'rel="next" href="([^"]*)"', first)
    assert found and len(deeds(first)) == 25
    assert deeds(desk.get(found[1].replace("&amp;", "&")).text)


def test_times_are_exact_for_machines_and_local_for_the_reader(desk: Desk) -> None:
    assert re.search(
        r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00" data-local="moment">', desk.get("/admin/audit").text
    )


def test_a_failed_login_can_be_read(desk: Desk, stranger: Desk, world: World) -> None:
    page = stranger.get("/login")
    stranger.post(page, "password", email=world.ada.email, password="wrong wrong wrong")
    text = desk.get("/admin/audit", action="user.login_failed").text
    assert "User login failed" in text and world.ada.email in text and "wrong wrong" not in text


def test_the_first_page_says_what_to_do_and_whether_all_parts_answer(desk: Desk, world: World) -> None:
    text = desk.get("/admin/").text
    assert "Getting started" in text and text.count("OK") == 4
    with world.inside():
        users.rename(world.user(world.ada), name="Countess", by=Actor.system("tests"))
    assert "User renamed" in desk.get("/admin/").text


def deeds(page: str) -> list[str]:
    """What happened, in order."""
    return re.findall(r'class="event-what">([^<]*)<', page)


def test_the_overview_counts_what_is_worth_a_look(desk: Desk, rp: RelyingParty) -> None:
    assert 'class="badge ">0<' in desk.get("/admin/").text
    code = rp.sign_in_and_allow()
    rp.exchange(code)
    rp.exchange(code)
    shown = desk.get("/admin/").text
    assert 'href="/admin/audit?action=code.replayed"' in shown and 'class="badge warn">1<' in shown
    assert "Code replayed" in desk.get("/admin/audit", action="code.replayed").text
