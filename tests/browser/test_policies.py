"""The dashboard's pages about policies, in a real browser: profiles, keys, and what applications hold."""

import pytest
from playwright.sync_api import expect

from shared.services import clients, resources
from tests.browser.conftest import Camera, Opener
from tests.parts.signing import new_key
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]
NOTES = "https://notes.example/api"


def test_an_operator_walks_through_policies(opened: Opener, camera: Camera, world: World, rp: RelyingParty) -> None:
    with world.inside():
        scopes = {"read": "Read your notes"}
        resources.create(world.tenant, identifier=NOTES, name="Notes", scopes=scopes, by=TESTS)
        keys = {"keys": [new_key("ES256").as_dict(private=False)]}
        clients.update(world.client(world.web), jwks=keys, require_pkce=False, access_token_seconds=7200, by=TESTS)
    rp.tokens(scope="openid offline_access read", resource=NOTES)
    page = opened(world.url)
    page.goto("/admin/clients")
    page.locator("[name=email]").fill(world.admin.email)
    page.locator("[name=password]").fill(world.admin.password)
    page.locator("[name=password]").press("Enter")
    expect(page.get_by_role("link", name="2 to mend")).to_be_visible()
    camera.take(page, "clients")
    page.get_by_role("link", name="2 to mend").click()
    camera.take(page, "client")
    page.get_by_role("link", name="Apply the profile").click()
    page.get_by_role("link", name="fapi2").click()
    camera.take(page, "profile")
    page.get_by_role("button", name="Apply fapi2").click()
    expect(page.get_by_text("It is set as fapi2 asks.")).to_be_visible()
    page.get_by_role("link", name="Disable").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("It leaked")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_text("Web shop is disabled.")).to_be_visible()
    camera.take(page, "client-disabled")
    page.get_by_role("link", name="Edit", exact=True).click()
    camera.take(page, "client-edit")
    page.goto("/admin/clients/new")
    camera.take(page, "client-new")
    page.goto(f"/admin/tenants/{world.tenant.id}/keys")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    expect(page.get_by_text("2 new keys are published")).to_be_visible()
    page.get_by_role("link", name="Revoke").first.click()
    words = page.get_by_role("dialog").get_by_text("to confirm").inner_text()
    page.get_by_role("dialog").get_by_label("Reason").fill("Found in a log")
    page.get_by_role("dialog").get_by_label("Confirm by typing").fill(words.split()[1])
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("what it signed is refused.")).to_be_visible()
    camera.take(page, "keys")
    page.goto(f"/admin/users/{world.ada.id}")
    expect(page.get_by_text("Notes: Read your notes").first).to_be_visible()
    camera.take(page, "user")
    page.get_by_role("link", name="End what Web shop holds").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("The authorization is ended")).to_be_visible()
