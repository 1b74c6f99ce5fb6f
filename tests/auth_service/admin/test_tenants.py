"""The dashboard's pages about tenants."""

import re

import pytest

from shared.models.audit import Actor
from shared.services import tenants
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_a_new_tenant_has_an_address_of_its_own(desk: Desk, stranger: Desk, world: World) -> None:
    answer = desk.press("Create tenant", "/admin/tenants/new", name="Café Zürich")
    assert "Café Zürich is created." in answer.text and f'data-copy="{world.url}/t/cafe-zurich"' in answer.text
    assert [event.action for event in desk.events("tenant.")][:1] == ["tenant.created"]
    assert "Café Zürich" in stranger.get("/t/cafe-zurich/login").text
    assert stranger.get("/t/cafe-zurich/.well-known/openid-configuration").json()["issuer"] == f"{world.url}/t/cafe-zurich"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Give it a name"),
        ({"name": "A", "slug": "Not a slug"}, "small letters, digits and hyphens"),
        ({"name": "日本"}, "small letters, digits and hyphens"),
        ({"name": "Twice", "slug": "default"}, "There is a tenant with this slug already"),
    ],
)
def test_what_is_wrong_with_a_new_tenant_is_said_beside_the_field(desk: Desk, typed: dict[str, str], told: str) -> None:
    before = len(desk.events("tenant."))
    answer = desk.press("Create tenant", "/admin/tenants/new", **typed)
    assert answer.status_code == 422 and told in answer.text and f'value="{typed["name"]}"' in answer.text
    assert len(desk.events("tenant.")) == before


def test_name_look_and_rules_are_changed_in_one_event(desk: Desk, stranger: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}"
    wanted = {
        "name": "Analytical Engines",
        "logo_url": "https://cdn.example/logo.svg",
        "accent": "#0f766e",
        "sign_up": "off",
    }
    answer = desk.press("Update", f"{page}/edit", **wanted)
    assert "Updated." in answer.text and "Only operators make them" in answer.text
    event = desk.events("tenant.updated")[0]
    assert set(event.detail) == {"name", "logo_url", "accent", "sign_up"} and len(desk.events("tenant.updated")) == 1
    login = stranger.get("/login").text
    assert "https://cdn.example/logo.svg" in login and "0f766e.css" in login


def test_tokens_without_a_code_are_allowed_against_advice(desk: Desk, world: World) -> None:
    """Decision 17: both pages say what it means, the client's shows what it may ask for, and the linter disagrees."""
    page, client = f"/admin/tenants/{world.tenant.id}", f"/admin/clients/{world.web.id}"
    assert "By codes alone" in desk.get(page).text and "Leave it off." in desk.get(f"{page}/edit").text
    done = desk.press("Update", f"{page}/edit", implicit_allowed="y")
    assert "Without a code" in done.text
    assert desk.events("tenant.updated")[0].detail == {"implicit_allowed": [False, True]}
    kinds = ["code", "id_token", "id_token token"]
    wrong = desk.press("Update", f"{client}/edit", response_types=kinds)
    assert wrong.status_code == 422 and "Only a client of the profile openid" in wrong.text
    changed = desk.press("Update", f"{client}/edit", response_types=kinds, profile="openid", id_token_alg="RS256")
    assert (
        "id_token token" in changed.text
        and "<code>response_types</code> is code id_token id_token token, should be code" in changed.text
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"accent": "red;}body{display:none"}, "six hexadecimal digits"),
        ({"support_contact": "javascript:alert(1)"}, "neither an address that begins with https://"),
        ({"logo_url": "http://cdn.example/logo.png"}, "begins with https://"),
        ({"name": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_wrong_look_is_refused_beside_its_field(desk: Desk, world: World, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Update", f"/admin/tenants/{world.tenant.id}/edit", **typed)
    assert answer.status_code == 422 and told in answer.text
    assert desk.events("tenant.updated") == []


def test_the_list_names_each_issuer(desk: Desk, world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=Actor.system("tests"))
    text = desk.get("/admin/tenants").text
    assert f"{world.url}/t/acme" in text and f"<code>{world.url}</code>" in text
    assert "acme" in desk.get("/admin/tenants", q="acm").text
    assert "Nothing found" in desk.get("/admin/tenants", q="zzz").text


def test_a_tenant_lets_clients_register(desk: Desk, stranger: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}"
    assert "Never: operators register clients." in desk.get(page).text
    assert "Anybody, openly." in desk.press("Update", f"{page}/edit", client_registration="open").text
    assert "registration_endpoint" in stranger.get("/.well-known/openid-configuration").json()
    refused = desk.press("Update", f"{page}/edit", client_registration="perhaps")
    assert refused.status_code == 422


def test_an_initial_access_token_is_shown_once_and_revoked(desk: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}"
    made = desk.press("Create token", f"{page}/initial-access-tokens/new", name="Build server", uses="2", days="")
    assert made.status_code == 201
    (secret,) = re.findall(r'id="initial-access-token">([\w-]{43})<', made.text)
    text = desk.get(page).text
    assert "Build server" in text and "2 more" in text and "without end" in text and secret not in text
    (address,) = re.findall(rf'href="({page}/initial-access-tokens/[0-9a-f-]+/revoked)"', text)
    assert "The token is revoked." in desk.press("Revoke", address).text
    assert "No initial access tokens" in desk.get(page).text
    assert [event.action for event in desk.events("initial_access.")] == ["initial_access.revoked", "initial_access.created"]
    assert desk.get(f"{page}/initial-access-tokens/{world.tenant.id}/revoked").status_code == 404


@pytest.mark.parametrize(
    ("typed", "told"), [({"name": ""}, "Say whom"), ({"uses": "0"}, "Between 1"), ({"days": "0"}, "Between 1")]
)
def test_a_wrong_token_is_refused_beside_its_field(desk: Desk, world: World, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Create token", f"/admin/tenants/{world.tenant.id}/initial-access-tokens/new", **{"name": "X", **typed})
    assert answer.status_code == 422 and told in answer.text


def test_the_keys_of_a_tenant_are_listed(desk: Desk, world: World) -> None:
    text = desk.get(f"/admin/tenants/{world.tenant.id}").text
    assert "ES256" in text and "RS256" in text and "Signing" in text
