"""The dashboard's pages about clients."""

import re

import pytest

from shared.models.audit import Actor
from shared.services import clients, tenants
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

TESTS = Actor.system("tests")

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_the_list_finds_by_the_beginning_of_a_name_or_of_a_client_id(desk: Desk, world: World) -> None:
    assert names(desk.get("/admin/clients").text) == ["Our portal", "Note board", "Web shop"]
    assert names(desk.get("/admin/clients", q="web").text) == ["Web shop"]
    assert names(desk.get("/admin/clients", q=world.spa.client_id).text) == ["Note board"]
    assert "Nothing found" in desk.get("/admin/clients", q="zzz").text


def test_a_long_list_has_pages_forwards_and_back(desk: Desk, world: World) -> None:
    with world.inside():
        for number in range(30):
            clients.register(world.tenant, name=f"Client {number:02}", by=TESTS)
    first = desk.get("/admin/clients", q="client")
    second = desk.get(link(first.text, "next"))
    assert names(first.text) == [f"Client {number:02}" for number in range(29, 4, -1)]
    assert names(second.text) == [f"Client {number:02}" for number in range(4, -1, -1)]
    assert link(second.text, "next") is None
    assert names(desk.get(link(second.text, "prev")).text) == names(first.text)


def test_the_list_can_show_one_tenant_alone(desk: Desk, world: World) -> None:
    with world.inside():
        clients.register(tenants.create(name="Acme", by=TESTS), name="Rocket", by=TESTS)
    assert names(desk.get("/admin/clients", tenant="acme").text) == ["Rocket"]
    assert "Rocket" in names(desk.get("/admin/clients").text)


def test_a_new_confidential_client_shows_its_secret_once(desk: Desk, world: World) -> None:
    answer = desk.press("Create client", "/admin/clients/new", name="Shop", redirect_uri="https://shop.example/callback")
    assert answer.status_code == 201
    secret = secret_of(answer.text)
    with world.inside():
        client = clients.search(None, "Shop").items[0]
        assert client.has_secret(secret) and client.redirect_uris == ["https://shop.example/callback"]
    assert secret not in desk.get(f"/admin/clients/{client.id}").text
    assert [event.action for event in desk.events("client.")][:1] == ["client.created"]
    assert all(secret not in str(event.detail) for event in desk.events())


def test_a_new_public_client_has_no_secret(desk: Desk) -> None:
    answer = desk.press(
        "Create client", "/admin/clients/new", name="App", client_type="public", redirect_uri="com.example.app:/cb"
    )
    assert "A public client has none" in answer.text and "Regenerate secret" not in answer.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"name": "Kept", "redirect_uri": "http://shop.example/cb"}, "Use https"),
        ({"name": "Kept", "redirect_uri": "https://shop.example/*"}, "Wildcards are not allowed"),
        ({"name": "Kept", "client_type": "strange"}, ""),
    ],
)
def test_what_is_wrong_with_a_new_client_is_said_and_what_was_typed_is_kept(desk: Desk, typed: dict[str, str], told: str) -> None:
    before = desk.events()
    answer = desk.press("Create client", "/admin/clients/new", **typed)
    assert answer.status_code == 422
    assert told in answer.text and f'value="{typed.get("redirect_uri", "")}"' in answer.text
    assert len(desk.events()) == len(before)


def test_a_newcomer_edits_a_client_and_adds_a_redirect_uri(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    more = "https://shop.example/other"
    answer = desk.press("Update", f"{page}/edit", redirect_uri=[world.web.redirect_uri, more, ""])
    assert answer.url.endswith(page) and "Updated." in answer.text and more in answer.text
    event = desk.events("client.")[0]
    assert (event.action, event.actor_name) == ("client.updated", world.admin.email)
    assert event.detail == {"redirect_uris": [[world.web.redirect_uri], [world.web.redirect_uri, more]]}


def test_updating_without_a_change_writes_nothing(desk: Desk, world: World) -> None:
    before = desk.events()
    assert "Updated." in desk.press("Update", f"/admin/clients/{world.web.id}/edit").text
    assert len(desk.events()) == len(before)


def test_without_a_script_another_row_is_another_page_and_nothing_is_saved(desk: Desk, world: World) -> None:
    answer = desk.press("Add redirect URI", f"/admin/clients/{world.web.id}/edit", add="redirect_uri", name="Not yet saved")
    assert answer.status_code == 200 and 'value="Not yet saved"' in answer.text
    assert answer.text.count('name="redirect_uri"') == 4  # the one there is, the new one, the row to copy, the dialog's
    assert desk.events("client.updated") == []


def test_every_setting_of_a_client_can_be_changed(desk: Desk, world: World) -> None:
    wanted: dict[str, str | list[str] | None] = {
        "name": "Renamed",
        "logo_url": "https://shop.example/logo.png",
        "first_party": "y",
        "post_logout_redirect_uris": "https://a.example/\nhttps://b.example/",
        "scopes": ["openid", "email"],
        "grant_types": ["authorization_code"],
        "require_pkce": None,
        "id_token_alg": "RS256",
        "access_token_alg": "RS256",
        "access_token_seconds": "300",
        "refresh_token_seconds": "3600",
        "refresh_mode": "rotate",
    }
    assert desk.press("Update", f"/admin/clients/{world.web.id}/edit", **wanted).ok
    with world.inside():
        client = world.client(world.web)
        assert (client.name, client.logo_url, client.first_party) == ("Renamed", "https://shop.example/logo.png", True)
        assert client.post_logout_redirect_uris == ["https://a.example/", "https://b.example/"]
        assert (client.scopes, client.grant_types, client.require_pkce) == (["openid", "email"], ["authorization_code"], False)
        assert (client.id_token_alg, client.access_token_alg) == ("RS256", "RS256")
        assert (client.access_token_seconds, client.refresh_token_seconds, client.refresh_mode) == (300, 3600, "rotate")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Give it a name"),
        ({"access_token_seconds": "0"}, "Between 30 and 86400 seconds"),
        ({"access_token_seconds": "soon"}, "Not a valid integer value"),
        ({"logo_url": "javascript:alert(1)"}, "begins with https://"),
        ({"post_logout_redirect_uris": "https://a.example/#x"}, "has no fragment"),
        ({"scopes": ["openid", "root"]}, "Unknown here: root"),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field(desk: Desk, world: World, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Update", f"/admin/clients/{world.web.id}/edit", **typed)
    assert answer.status_code == 422 and told in answer.text
    assert desk.events("client.updated") == []


def test_redirect_uris_are_added_and_removed_on_pages_of_their_own(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    more = "https://shop.example/more?x=1&y=2"
    assert "is added" in desk.press("Add", f"{page}/redirect-uris/new", redirect_uri=more).text
    refused = desk.press("Add", f"{page}/redirect-uris/new", redirect_uri="ftp://shop.example/")
    assert refused.status_code == 422 and 'value="ftp://shop.example/"' in refused.text
    removing = next(
        path for path in re.findall(r'href="([^"]*redirect-uris/remove[^"]*)"', desk.get(page).text) if "more" in path
    )
    assert "is removed" in desk.press("Remove", removing.replace("&amp;", "&")).text
    with world.inside():
        assert world.client(world.web).redirect_uris == [world.web.redirect_uri]
    assert len(desk.events("client.updated")) == 2


def test_a_new_secret_is_shown_once_and_the_old_one_is_dead(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    answer = desk.press("Regenerate secret", f"{page}/secret")
    secret = secret_of(answer.text)
    with world.inside():
        assert world.client(world.web).has_secret(secret) and not world.client(world.web).has_secret(
            world.web.client_secret or ""
        )
    assert secret not in desk.get(page).text and secret[-4:] in desk.get(page).text
    assert len(desk.events("client.secret_rotated")) == 1


def test_a_secret_that_is_kept_is_revealed_and_the_look_is_written_down(desk: Desk, world: World) -> None:
    with world.inside():
        client, secret = clients.register(world.tenant, name="Kept", keep_secret=True, by=TESTS)
    page = f"/admin/clients/{client.id}"
    assert secret not in desk.get(page).text
    assert secret_of(desk.press("Reveal", page).text) == secret
    assert [event.subject_id for event in desk.events("client.secret_revealed")] == [str(client.id)]


def test_a_secret_that_is_not_kept_cannot_be_revealed(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    assert ">Reveal<" not in desk.get(page).text
    answer = desk.http.post(f"{world.url}{page}/secret/revealed", {"csrf_token": desk.token()})
    assert answer.status_code == 403 and desk.events("client.secret_revealed") == []


def test_a_client_is_deleted_by_whoever_types_its_name(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}/delete"
    assert desk.press("Delete", page, typed="web").status_code == 422
    assert desk.events("client.deleted") == []
    answer = desk.press("Delete", page, typed="Web shop")
    assert "Web shop is deleted." in answer.text and names(answer.text) == ["Our portal", "Note board"]
    assert len(desk.events("client.deleted")) == 1


def test_the_page_has_every_address_and_code_to_paste(desk: Desk, world: World) -> None:
    text = desk.get(f"/admin/clients/{world.web.id}").text
    for path in ("/.well-known/openid-configuration", "/.well-known/jwks.json", "/authorize", "/token", "/api/userinfo"):
        assert f'data-copy="{world.url}{path}"' in text
    assert f'server_metadata_url="{world.url}/.well-known/openid-configuration"' in text
    assert "openid-client" in text and "oidc-client-ts" not in text
    assert "oidc-client-ts" in desk.get(f"/admin/clients/{world.spa.id}").text


def test_nothing_that_anyone_named_becomes_markup(desk: Desk, world: World) -> None:
    evil = "\"><script>alert(1)</script>{{7*7}}'"
    with world.inside():
        tenant = tenants.create(name=evil, slug="evil", by=TESTS)
        client, _ = clients.register(tenant, name=evil, by=TESTS)
    person = world.add_person("eve@example.com", name=evil, tenant=tenant)
    client_page, user_page, tenant_page = (
        f"/admin/clients/{client.id}",
        f"/admin/users/{person.id}",
        f"/admin/tenants/{tenant.id}",
    )
    pages = ["/admin/", "/admin/clients/new", tenant_page, f"{tenant_page}/edit"]
    pages += [f"/admin/{noun}" for noun in ("clients", "users", "tenants", "audit")]
    pages += [f"{client_page}{part}" for part in ("", "/edit", "/delete", "/secret", "/redirect-uris/new")]
    pages += [f"{user_page}{part}" for part in ("", "/disabled", "/operator", "/ended-sessions")]
    pages += [f"/admin/clients?q={evil}", f"/admin/audit?action={evil}", f"{client_page}/redirect-uris/remove?uri={evil}"]
    for path in pages:
        answer = desk.get(path)
        assert answer.ok, path
        assert "<script>alert" not in answer.text and '"><script' not in answer.text, path
        assert "49'" not in answer.text, path


def names(page: str) -> list[str]:
    """The names in a list, in order."""
    return re.findall(r'class="primary-cell"><a [^>]*>.*?<span>([^<]*)</span></a>', page)


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else None


def secret_of(page: str) -> str:
    found = re.search(r'id="client-secret"[^>]*>([^<]{20,})</code>', page)
    assert found, page
    return found[1]
