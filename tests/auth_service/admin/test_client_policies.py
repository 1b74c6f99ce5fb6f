"""The dashboard's pages about the profile of a client, its keys, and whether it is let in."""

import pytest
from sqlalchemy import event

from shared.kit.db import db
from shared.services import client_profiles, client_settings, clients
from tests.auth_service.admin.desk import Desk, forms
from tests.parts.signing import new_key
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def jwks() -> dict[str, object]:
    return {"keys": [new_key("ES256").as_dict(private=False)]}


def test_the_page_says_where_a_client_departs_from_its_profile(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    assert "Its settings are as oauth21 asks." in desk.get(page).text
    with world.inside():
        clients.update(world.client(world.web), require_pkce=False, access_token_seconds=7200, by=TESTS)
    shown = desk.get(page).text
    assert "<code>require_pkce</code> is false, should be true" in shown
    assert "RFC 9700 §2.1.1" in shown and "Set access_token_seconds to 600." in shown
    assert "2 to mend" in desk.get("/admin/clients").text


def test_a_login_that_counts_for_nothing_and_a_session_that_is_named_are_shown(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    assert "Login counts" not in desk.get(page).text
    with world.inside():
        clients.update(world.client(world.web), default_max_age=0, backchannel_logout_session_required=True, by=TESTS)
    shown = desk.get(page).text
    assert "people sign in each time" in shown and "Told the session" in shown


def test_a_profile_shows_what_it_would_change_before_it_is_applied(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    with world.inside():
        clients.update(world.client(world.web), jwks=jwks(), by=TESTS)
    shown = desk.get(f"{page}/profile", profile="fapi2").text
    assert "<code>require_par</code><del>no</del><ins>yes</ins>" in shown
    assert desk.events("client.updated")[0].actor_name == TESTS.name, "looking changes nothing"
    done = desk.press("Apply fapi2", f"{page}/profile?profile=fapi2")
    assert "It is set as fapi2 asks." in done.text and "Profile: fapi2" in done.text
    with world.inside():
        assert client_profiles.lint(world.client(world.web)) == []
    assert desk.events("client.updated")[0].actor_name == world.admin.email


def test_what_cannot_be_set_is_said(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.spa.id}/profile?profile=fapi2"
    assert "the type of this one cannot be changed" in desk.get(page).text
    assert "which only its developers can mend" in desk.press("Apply fapi2", page).text


def test_there_is_no_page_for_another_profile(desk: Desk, world: World) -> None:
    assert desk.get(f"/admin/clients/{world.web.id}/profile", profile="fapi1").status_code == 404


def test_a_new_client_is_made_with_a_profile(desk: Desk, world: World) -> None:
    made = desk.press(
        "Create client",
        "/admin/clients/new",
        name="Agent",
        client_type="public",
        profile="mcp",
        redirect_uri="http://127.0.0.1/cb",
    )
    assert "Profile: mcp" in made.text and "Its settings are as mcp asks." in made.text


def test_a_client_is_disabled_with_a_reason_and_enabled(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    shown = desk.press("Disable", f"{page}/disabled", reason="It leaked").text
    assert "Web shop is disabled." in shown and "It leaked" in shown
    assert ">Disabled<" in desk.get("/admin/clients").text
    assert "Web shop is enabled." in desk.press("Enable", f"{page}/enabled").text
    assert [each.action for each in desk.events("client.")][:2] == ["client.enabled", "client.disabled"]


def test_every_setting_has_its_place_in_the_form(desk: Desk, world: World) -> None:
    page = desk.get(f"/admin/clients/{world.web.id}/edit")
    text = page.text.replace('name="redirect_uri"', 'name="redirect_uris"')
    missing = [name for name in client_settings.CHECKS if f'name="{name}"' not in text]
    assert missing == []
    assert any("Update" in form.buttons for form in forms(page.text))


def test_what_was_set_is_shown_and_stays_when_it_is_saved_again(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    wanted = {
        "client_uri": "https://shop.example/",
        "contacts": "ada@shop.example\ngrace@shop.example",
        "initiate_login_uri": "https://shop.example/start",
        "dpop_bound_access_tokens": "y",
        "token_exchange": ["delegation"],
        "userinfo_signed_response_alg": "ES256",
        "refresh_idle_seconds": "86400",
        "default_max_age": "3600",
        "default_acr_values": "1",
        "require_auth_time": "y",
        "request_object_signing_alg": "ES256",
        "backchannel_logout_uri": "https://shop.example/bc",
        "backchannel_logout_session_required": "y",
        "frontchannel_logout_uri": world.web.redirect_uri.replace("/callback", "/fc"),
    }
    assert "Updated." in desk.press("Update", f"{page}/edit", **wanted).text
    before = len(desk.events("client.updated"))
    assert "Updated." in desk.press("Update", f"{page}/edit").text
    assert len(desk.events("client.updated")) == before, "saved again, nothing changes"
    shown = desk.get(page).text
    for words in ("grace@shop.example", "https://shop.example/start", "1 day unused", "Required: tokens are bound", "/bc", "/fc"):
        assert words in shown
    assert "Updated." in desk.press("Update", f"{page}/edit", default_max_age="", refresh_idle_seconds="").text
    with world.inside():
        client = world.client(world.web)
        assert (client.default_max_age, client.refresh_idle_seconds, client.token_exchange) == (None, None, ["delegation"])


def test_the_keys_of_a_client_are_shown(desk: Desk, world: World) -> None:
    page, keys = f"/admin/clients/{world.web.id}", jwks()
    with world.inside():
        clients.update(world.client(world.web), jwks=keys, by=TESTS)
    assert keys["keys"][0]["kid"] in desk.get(page).text and "EC P-256" in desk.get(page).text
    with world.inside():
        clients.update(world.client(world.web), jwks=None, jwks_uri="https://127.0.0.1:1/jwks", by=TESTS)
    assert "last fetched by this process never" in desk.get(page).text
    assert "did not answer with a JWK Set" in desk.press("Fetch now", page).text


def test_a_list_of_clients_asks_the_database_no_more_often_when_it_is_long(desk: Desk, world: World) -> None:
    def asked() -> int:
        seen: list[str] = []
        with world.auth.app_context():
            engine = db.engine

        def count(*told: object) -> None:
            seen.append(str(told[2]))

        event.listen(engine, "before_cursor_execute", count)
        desk.get("/admin/clients")
        event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    asked()
    few = asked()
    with world.inside():
        for number in range(10):
            clients.register(world.tenant, name=f"More {number}", require_pkce=False, by=TESTS)
    assert asked() == few
