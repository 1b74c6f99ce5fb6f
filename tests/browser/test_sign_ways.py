"""Making an account with a code, a forgotten password, signing in by letter, and an invitation, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from shared.kit.db import transaction
from shared.models.tenant import Tenant
from shared.services import invitations, tenants, users
from tests.browser.conftest import Camera, Opener
from tests.parts.post import code_to, link_to
from tests.parts.world import TESTS, World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]
STRONG = "difference engines all the way"
NEW = "charles@example.com"


@pytest.fixture(autouse=True)
def every_way(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)
        with transaction() as session:
            session.get_one(Tenant, world.tenant.id).factors = ["password", "email"]
    tenants._kept.clear()


def head(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_an_account_opens_with_its_code(world: World, opened: Opener, camera: Camera) -> None:
    page = opened(world.url)
    page.goto("/signup")
    camera.take(page, "sign-up")
    page.get_by_label("Name").fill("Charles Babbage")
    page.get_by_label("E-mail address").fill(NEW)
    page.get_by_label("Password", exact=True).fill(STRONG)
    page.get_by_role("button", name="Create account").click()
    head(page, "Check your mail")
    camera.take(page, "sign-up-code")
    page.get_by_role("button", name="Send another letter").click()
    expect(page.get_by_text("Another letter is on its way.")).to_be_visible()
    camera.take(page, "sign-up-another-letter")
    page.get_by_label("Code").fill(code_to(world, NEW))
    page.get_by_role("button", name="Continue").click()
    head(page, "Charles Babbage")


def test_a_forgotten_password_is_replaced(world: World, opened: Opener, camera: Camera) -> None:
    page = opened(world.url)
    page.goto("/login")
    camera.take(page, "login")
    page.get_by_role("link", name="Forgot your password?").click()
    head(page, "Forgot your password?")
    camera.take(page, "recover")
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_role("button", name="Send me a link").click()
    head(page, "Check your mail")
    camera.take(page, "recover-sent")
    page.goto(link_to(world, world.ada.email))
    camera.take(page, "recover-password")
    page.get_by_label("Password", exact=False).first.fill(STRONG)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    camera.take(page, "recovered")


def test_somebody_signs_in_by_letter(world: World, opened: Opener, camera: Camera) -> None:
    page = opened(world.url)
    page.goto("/login")
    page.get_by_role("link", name="E-mail me a code").click()
    head(page, "Sign in by e-mail")
    camera.take(page, "login-code")
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_role("button", name="E-mail me a code").click()
    head(page, "Check your mail")
    camera.take(page, "login-letter")
    link = link_to(world, world.ada.email)
    other = opened(world.url)
    other.goto(link)
    head(other, "This is another browser")
    camera.take(other, "login-link-elsewhere")
    page.goto(link)
    camera.take(page, "login-link")
    page.get_by_role("button", name="Sign in").click()
    head(page, "Ada Lovelace")


def test_the_address_is_verified_before_the_application(world: World, opened: Opener, camera: Camera) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="required", by=TESTS)
        users.create(world.tenant, email="eve@example.com", password=STRONG, by=TESTS)
    page = opened(world.url)
    page.goto("/login?next=/device")
    page.get_by_label("E-mail address").fill("eve@example.com")
    page.get_by_label("Password", exact=True).fill(STRONG)
    page.get_by_role("button", name="Sign in").click()
    head(page, "Verify your e-mail address")
    camera.take(page, "verify")
    page.get_by_role("button", name="Send me a code").click()
    head(page, "Check your mail")
    camera.take(page, "verify-code")
    page.get_by_label("Code").fill(code_to(world, "eve@example.com"))
    page.get_by_role("button", name="Verify").click()
    head(page, "Connect a device")


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
    expect(page.get_by_role("heading", name=NEW)).to_be_visible()
