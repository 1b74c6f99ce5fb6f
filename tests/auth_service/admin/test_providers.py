"""The dashboard's pages about providers that people sign in with."""

import pytest
from joserfc.jwk import ECKey

from shared.models.provider import Provider
from shared.services import identities, providers
from shared.services.arrivals import Told
from tests.auth_service.admin.desk import Desk
from tests.parts.elsewhere import Elsewhere
from tests.parts.https import Https
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
NEW = "/admin/providers/new"
SECRET = "GOCSPX-a-secret-of-ours"
GOOGLE = {"client_id": "1234.apps.example", "secret": SECRET}
OAUTH2 = {
    "name": "Forge",
    "client_id": "x",
    "secret": "y",
    "authorization_endpoint": "https://forge.example/authorize",
    "token_endpoint": "https://forge.example/token",
    "userinfo_endpoint": "https://forge.example/me",
    "subject_path": "user.id",
}


@pytest.fixture
def google(world: World) -> Provider:
    with world.inside():
        return providers.create(world.tenant, preset="google", client_id="1234", secret=SECRET, by=TESTS)


def test_a_preset_asks_for_id_and_secret_and_tells_the_address_to_copy(desk: Desk, world: World) -> None:
    assert "No providers" in desk.get("/admin/providers").text
    presets = desk.get(NEW).text
    assert all(name in presets for name in ("Google", "Microsoft", "Apple", "GitHub", "Slack", "Any, by its discovery address"))
    assert f"{world.url}/login/with/google/callback" in desk.get(NEW, preset="google").text
    answer = desk.press("Add provider", f"{NEW}?preset=google", **GOOGLE)
    assert answer.ok and "People can sign in with Google." in answer.text, answer.text
    assert f"{world.url}/login/with/google/callback" in answer.text and SECRET not in answer.text
    with world.inside():
        kept = providers.called(world.tenant, "google")
        assert providers.secret_of(kept) == SECRET and SECRET not in str(kept.secret_sealed)
        assert kept.discovery_url == "https://accounts.google.com/.well-known/openid-configuration" and kept.enabled
    assert SECRET not in str([event.detail for event in desk.events("provider.")])


def test_the_secret_is_replaced_and_never_shown(desk: Desk, world: World, google: Provider) -> None:
    page = f"/admin/providers/{google.id}"
    assert SECRET not in desk.get(page).text + desk.get(f"{page}/edit").text
    assert "Updated." in desk.press("Update", f"{page}/edit", name="Google here").text
    with world.inside():
        assert providers.secret_of(providers.get(None, google.id)) == SECRET
    assert "Updated." in desk.press("Update", f"{page}/edit", secret="another").text
    with world.inside():
        assert providers.secret_of(providers.get(None, google.id)) == "another"
    event = desk.events("provider.updated")[0]
    assert event.detail["secret"] == ["kept", "replaced"] and "another" not in str(event.detail)


def test_any_provider_is_added_by_its_addresses(desk: Desk, world: World) -> None:
    typed = {"name": "Work", "client_id": "x", "secret": "y", "discovery_url": "https://id.example.com/"}
    assert "People can sign in with Work." in desk.press("Add provider", f"{NEW}?preset=openid", **typed).text
    assert "People can sign in with Forge." in desk.press("Add provider", f"{NEW}?preset=oauth2", **OAUTH2).text
    with world.inside():
        work, forge = providers.of(world.tenant)
        assert work.discovery_url == "https://id.example.com/.well-known/openid-configuration" and work.slug == "work"
        assert forge.endpoints["token"] == "https://forge.example/token" and forge.settings["paths"]["subject"] == "user.id"


@pytest.mark.parametrize(
    ("preset", "typed", "told"),
    [
        ("google", {"client_id": ""}, "Paste the client ID"),
        ("google", {"client_id": "a b"}, "Paste the client ID"),
        ("google", {"secret": ""}, "Paste the secret"),
        ("google", {"slug": "A b"}, "A slug has small letters"),
        ("google", {"scopes": 'a"b'}, "without blanks and quotes"),
        ("openid", {"name": "W", "discovery_url": ""}, "Give the address of the provider"),
        ("openid", {"name": "W", "discovery_url": "http://id.example.com"}, "Give an https address"),
        ("openid", {"name": "W", "discovery_url": "https://u:p@id.example.com"}, "Give an https address"),
        ("openid", {"name": "W", "discovery_url": "https://id.example.com?x"}, "has no query"),
        ("openid", {"name": "a\u202eb", "discovery_url": "https://id.example.com"}, "a name in one line"),
        ("microsoft", {"directory": "a/b"}, "Write common"),
        ("gitlab", {"origin": "http://git.example"}, "Give an https address"),
        ("apple", {"team_id": "x", "key_id": "ABCDEFGHIJ"}, "Ten capital letters"),
        ("apple", {"team_id": "ABCDEFGHIJ", "key_id": "ABCDEFGHIJ"}, "the .p8 file"),
        ("oauth2", {**OAUTH2, "token_endpoint": ""}, "Give the address of this endpoint."),
        ("oauth2", {**OAUTH2, "userinfo_endpoint": "ftp://x"}, "Give an https address"),
        ("oauth2", {**OAUTH2, "subject_path": ""}, "Say where the id"),
        ("oauth2", {**OAUTH2, "name_path": "a b"}, "names joined by dots"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk: Desk, preset: str, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Add provider", f"{NEW}?preset={preset}", **{**GOOGLE, **typed})
    assert answer.status_code == 422 and told in answer.text, answer.text
    assert desk.events("provider.") == [] and SECRET not in answer.text


def test_apple_is_given_its_key(desk: Desk, world: World) -> None:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    typed = {"client_id": "com.example", "team_id": "ABCDEFGHIJ", "key_id": "0123456789", "secret": key}
    assert "People can sign in with Apple." in desk.press("Add provider", f"{NEW}?preset=apple", **typed).text
    other = ECKey.generate_key("P-384").as_pem(private=True).decode()
    public = ECKey.generate_key("P-256").as_pem(private=False).decode()
    for wrong in (other, public):
        refused = desk.press("Add provider", f"{NEW}?preset=apple", **{**typed, "slug": "apple2", "secret": wrong})
        assert refused.status_code == 422 and "BEGIN PRIVATE KEY" in refused.text


def test_they_are_put_in_order_switched_off_and_deleted(desk: Desk, world: World, google: Provider) -> None:
    desk.press("Add provider", f"{NEW}?preset=oauth2", **OAUTH2)
    with world.inside():
        forge = providers.called(world.tenant, "forge")
        identities.link(world.user(world.ada), google, Told("somebody"), by=TESTS)
    desk.http.post(f"{world.url}/admin/providers/{forge.id}/moved", {"direction": "up", "csrf_token": desk.token()})
    with world.inside():
        assert [each.slug for each in providers.of(world.tenant)] == ["forge", "google"]
    assert "Google is switched off." in desk.press("Switch off", f"/admin/providers/{google.id}").text
    assert "Continue with Google" not in Desk(world).get("/login").text
    page = f"/admin/providers/{google.id}/delete"
    assert "1 person has linked" in desk.get(page).text
    assert desk.press("Delete", page, typed="x").status_code == 422
    assert "Nobody can sign in with Google any more." in desk.press("Delete", page, typed="Google").text
    with world.inside():
        assert identities.of(world.user(world.ada)) == []
    assert desk.events("provider.deleted")[0].detail["people"] == 1


def test_a_slug_belongs_to_one_provider(desk: Desk, google: Provider) -> None:
    again = desk.press("Add provider", f"{NEW}?preset=google", **GOOGLE)
    assert again.status_code == 422 and "a provider with this slug already" in again.text


def test_it_can_be_asked_whether_it_answers(desk: Desk, world: World, https: Https) -> None:
    elsewhere = Elsewhere(https)
    page = f"/admin/providers/{elsewhere.add_to(world).id}"
    assert f"It answers as {elsewhere.issuer}." in desk.press("Check now", page).text
    elsewhere.discover(issuer="https://evil.example")
    assert "names the issuer" in desk.press("Check now", page).text
    elsewhere.https.answer("/op/.well-known/openid-configuration", b"", status=404)
    assert "does not answer as it should: status 404" in desk.press("Check now", page).text
    with world.inside():
        inside = providers.create(
            world.tenant, preset="openid", name="In", client_id="x", secret="y", discovery_url="https://10.0.0.1", by=TESTS
        )
    assert "BAILIWICK_FETCH_ADMITS" in desk.press("Check now", f"/admin/providers/{inside.id}").text


def test_the_page_of_a_person_shows_their_accounts_elsewhere(desk: Desk, world: World, google: Provider) -> None:
    with world.inside():
        identities.link(world.user(world.ada), google, Told("sub-1", email="a@b.example", name="<i>A</i>"), by=TESTS)
    text = desk.get(f"/admin/users/{world.ada.id}").text
    assert "Accounts elsewhere" in text and "sub-1" in text and "<i>A</i>" not in text


def test_strangers_see_nothing(stranger: Desk, google: Provider) -> None:
    for path in ("", "/new", f"/{google.id}", f"/{google.id}/edit", f"/{google.id}/delete"):
        assert stranger.get(f"/admin/providers{path}").url.partition("?")[0].endswith("/login")
