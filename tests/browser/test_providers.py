"""Signing in with others in a real browser: the operator adds a provider, a person comes with it, links and unlinks."""

import pytest
from playwright.sync_api import Page, expect

from shared.kit.db import transaction
from shared.models.provider import Provider
from shared.services import clients, providers
from tests.browser.conftest import DESK, PHONE, Camera, Opener
from tests.parts.elsewhere import Elsewhere
from tests.parts.https import Https
from tests.parts.world import TESTS, Person, World, add_person

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


def log_in(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def nothing(page: Page, name: str) -> None:
    """Without scripts nobody can measure a page."""


def fill_up(world: World) -> None:
    """Several providers, so that the buttons are a list."""
    with world.inside():
        for preset in ("google", "github", "slack"):
            providers.create(world.tenant, preset=preset, client_id="x", secret="y", by=TESTS)


@pytest.mark.parametrize(("scripts", "size"), [(True, DESK), (False, PHONE)])
def test_somebody_new_comes_from_another_bailiwick(
    opened: Opener, world: World, upstream: World, camera: Camera, scripts: bool, size: object
) -> None:
    fill_up(world)
    with upstream.inside():
        clients.update(upstream.client(upstream.ours), by=TESTS, name="The first")
    page = opened(world.url, java_script_enabled=scripts, viewport=size, ignore_https_errors=True, also=[upstream.url])
    photograph = camera.take if scripts else nothing
    page.goto("/login")
    photograph(page, "login-with-others")
    page.get_by_role("button", name="Continue with Upstream").click()
    page.wait_for_url(f"{upstream.url}/login**")
    log_in(page, upstream.ada)
    expect(page.get_by_role("heading", name="You have an account already")).to_be_visible()
    photograph(page, "account-exists")
    page.get_by_role("link", name="Sign in to that account").click()
    log_in(page, world.ada)
    expect(page.get_by_role("heading", name="Link Upstream?")).to_be_visible()
    photograph(page, "link-question")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("You can sign in with Upstream now.")).to_be_visible()
    page.goto("/account/identities")
    expect(page.get_by_text("Linked accounts")).to_be_visible()
    photograph(page, "identities")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login")
    expect(page.get_by_text("Last used here")).to_be_visible()
    photograph(page, "last-used")
    page.get_by_role("button", name="Continue with Upstream").click()
    page.wait_for_url(f"{world.url}/account")
    page.goto("/account/identities")
    page.get_by_role("link", name="Unlink").click()
    expect(page.get_by_role("heading", name="Unlink Upstream?")).to_be_visible()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("It is unlinked.")).to_be_visible()
    photograph(page, "nothing-linked")


def test_what_goes_wrong_is_said_with_a_way_back(opened: Opener, world: World, https: Https, camera: Camera) -> None:
    elsewhere = Elsewhere(https)
    elsewhere.add_to(world)
    https.answer("/op/.well-known/openid-configuration", b"", status=503)
    page = opened(world.url, watched=False)
    page.goto("/login")
    page.get_by_role("button", name="Continue with Elsewhere").click()
    expect(page.get_by_role("heading", name="Elsewhere does not answer just now")).to_be_visible()
    camera.take(page, "silent")
    page.get_by_role("link", name="Back to sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/login/with/elsewhere/callback?state=x&code=y")
    expect(page.get_by_role("heading", name="This sign-in is over")).to_be_visible()
    camera.take(page, "over")


def test_an_operator_adds_one_and_puts_it_in_order(opened: Opener, world: World, camera: Camera) -> None:
    fill_up(world)
    page = opened(world.url)
    page.goto("/login?next=/admin/providers/new")
    log_in(page, world.admin)
    expect(page.get_by_role("heading", name="New provider")).to_be_visible()
    camera.take(page, "presets")
    page.get_by_role("link", name="Apple").click()
    camera.take(page, "new-apple")
    page.goto("/admin/providers/new?preset=oauth2")
    camera.take(page, "new-oauth2")
    page.goto("/admin/providers/new?preset=openid")
    page.get_by_label("Name").fill("Work")
    page.get_by_label("Address of the provider").fill("https://id.example.com")
    page.get_by_label("Client ID").fill("ours")
    page.get_by_label("Client secret").fill("a secret")
    page.get_by_role("button", name="Add provider").click()
    expect(page.get_by_text("People can sign in with Work.")).to_be_visible()
    camera.take(page, "provider")
    page.get_by_role("link", name="Sign-in providers").first.click()
    page.get_by_role("button", name="Move Work up").click()
    camera.take(page, "providers")
    page.get_by_role("link", name="Work").click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Work is switched off.")).to_be_visible()


def test_somebody_without_an_address_is_asked_for_it(opened: Opener, world: World, upstream: World, camera: Camera) -> None:
    with world.inside(), transaction() as session:
        row = providers.called(world.tenant, "upstream")
        session.get_one(Provider, row.id).settings = {"trusts_email": False}
    with upstream.inside():
        bob = add_person(upstream.tenant, "bob@example.com", name="Bob")
    page = opened(world.url, ignore_https_errors=True, also=[upstream.url])
    page.goto("/login")
    page.get_by_role("button", name="Continue with Upstream").click()
    log_in(page, bob)
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    camera.take(page, "joining")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"{world.url}/account")
