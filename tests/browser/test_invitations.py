"""An operator invites somebody, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from shared.services import invitations, tenants
from tests.browser.conftest import Camera, Opener
from tests.parts.post import link_to
from tests.parts.world import TESTS, World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]
STRONG = "difference engines all the way"
NEW = "charles@example.com"


def head(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_an_operator_invites_and_the_invited_makes_an_account(world: World, opened: Opener, camera: Camera) -> None:
    with world.inside():
        tenants.update(world.tenant, sign_up="invitation", by=TESTS)
    desk = opened(world.url)
    desk.goto("/admin/invitations")
    desk.get_by_label("E-mail address").fill(world.admin.email)
    desk.get_by_label("Password", exact=True).fill(world.admin.password)
    desk.get_by_role("button", name="Sign in").click()
    head(desk, "Nobody is invited")
    camera.take(desk, "invitations-none")
    desk.goto("/admin/invitations/new")
    camera.take(desk, "invitation-new")
    desk.get_by_label("E-mail address").fill(NEW)
    desk.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_text(f"{NEW} is invited.")).to_be_visible()
    with world.inside():
        for number in range(3):
            invitations.create(world.tenant, email=f"person{number}@example.com", by=TESTS)
        invitations.revoke(invitations.search(world.tenant).items[0], by=TESTS)
    desk.goto("/admin/invitations")
    camera.take(desk, "invitations")
    desk.get_by_role("link", name="Revoke the invitation of person1@example.com").click()
    expect(desk.get_by_role("dialog")).to_be_visible()
    camera.take(desk, "invitation-revoke")
    desk.goto("/admin/users")
    camera.take(desk, "users")
    desk.goto(f"/admin/tenants/{world.tenant.id}")
    camera.take(desk, "tenant")
    desk.get_by_role("link", name="Edit", exact=True).click()
    camera.take(desk, "tenant-edit")
    page = opened(world.url)
    page.goto(link_to(world, NEW))
    head(page, "Welcome")
    camera.take(page, "invitation")
    page.get_by_label("Password", exact=True).fill(STRONG)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(f"{world.url}/account")
