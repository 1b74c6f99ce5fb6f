"""Who may enter the dashboard, and by which forms."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.kit import ids
from shared.models.audit import Actor
from shared.models.user import OPERATOR
from shared.services import tenants, users
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

# A user, client or tenant that is not there.
NOBODY = "01a00000-0000-7000-8000-000000000000"

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_a_stranger_is_sent_to_sign_in_from_every_page_and_comes_back(stranger: Desk) -> None:
    for path in addresses(stranger.world, "GET"):
        answer = stranger.http.get(stranger.world.url + path, allow_redirects=False)
        where = urlsplit(answer.headers["Location"])
        assert (answer.status_code, where.path) == (302, "/login"), path
        assert parse_qs(where.query)["next"] == [path]


def test_signing_in_leads_to_the_page_that_was_asked_for(stranger: Desk, world: World) -> None:
    page = stranger.get("/admin/clients", q="web")
    answer = stranger.post(page, "password", email=world.admin.email, password=world.admin.password)
    assert answer.url == f"{world.url}/admin/clients?q=web"
    assert "Web shop" in answer.text


def test_a_user_without_the_permission_is_refused_every_page(stranger: Desk, world: World) -> None:
    stranger.sign_in(world.ada)
    for path in addresses(world, "GET"):
        answer = stranger.get(path)
        assert answer.status_code == 403, path
    assert "operator" in answer.text and "Web shop" not in answer.text


def test_a_user_without_the_permission_is_refused_every_change(stranger: Desk, world: World) -> None:
    token = stranger.sign_in(world.ada).token()
    before = stranger.events()
    for path in addresses(world, "POST"):
        assert stranger.http.post(world.url + path, {"csrf_token": token}).status_code == 403, path
    assert len(stranger.events()) == len(before)


def test_every_change_needs_the_token_of_a_form(desk: Desk, world: World) -> None:
    before = desk.events()
    for path in addresses(world, "POST"):
        assert desk.http.post(world.url + path, {"name": "x"}).status_code == 400, path
        assert desk.http.post(world.url + path, {"csrf_token": ids.token()}).status_code == 400, path
    assert len(desk.events()) == len(before)


def test_a_tenant_of_its_own_has_no_dashboard(desk: Desk, world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=Actor.system("tests"))
    for path in ("/admin/", "/admin/clients", "/admin/nowhere"):
        assert desk.get("/t/acme" + path).status_code == 404


def test_an_operator_who_is_disabled_is_out_at_once(desk: Desk, world: World) -> None:
    with world.inside():
        users.set_permissions(world.user(world.ada), [OPERATOR], by=Actor.system("tests"))
        users.disable(world.user(world.admin), by=Actor.system("tests"))
    assert "/login" in desk.get("/admin/clients").url


def test_an_operator_who_loses_the_permission_is_out_at_once(desk: Desk, world: World) -> None:
    with world.inside():
        users.set_permissions(world.user(world.ada), [OPERATOR], by=Actor.system("tests"))
        users.set_permissions(world.user(world.admin), (), by=Actor.system("tests"))
    assert desk.get("/admin/clients").status_code == 403


@pytest.mark.parametrize("path", ["nowhere", f"clients/{NOBODY}", f"users/{NOBODY}", f"tenants/{NOBODY}", "users?tenant=no"])
def test_what_is_not_there_is_said_inside_the_dashboard(desk: Desk, path: str) -> None:
    answer = desk.get(f"/admin/{path}")
    assert answer.status_code == 404
    assert "Not found" in answer.text and 'aria-label="Dashboard"' in answer.text


def test_the_place_one_is_at_is_marked(desk: Desk) -> None:
    for noun in ("clients", "users", "tenants", "audit"):
        page = desk.get(f"/admin/{noun}").text
        assert page.count('aria-current="page"') == 1
        assert f'<a href="/admin/{noun}" aria-current="page">' in page


def test_no_page_may_be_kept_or_framed_or_run_a_foreign_script(desk: Desk, world: World) -> None:
    answer = desk.get(f"/admin/clients/{world.web.id}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in answer.text and " onclick=" not in answer.text


def addresses(world: World, method: str) -> Iterator[str]:
    """Every address of the dashboard that takes `method`."""
    adapter = world.auth.url_map.bind("")
    for rule in world.auth.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and method in (rule.methods or ()):
            yield adapter.build(rule.endpoint, {name: "nowhere" if name == "rest" else ids.uuid7() for name in rule.arguments})
