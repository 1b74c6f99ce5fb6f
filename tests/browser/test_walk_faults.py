"""The pages of what goes wrong on our side, or is asked in no way that there is, with somebody to ask for help and without."""

import pytest
from sqlalchemy import text, update

from shared.kit.db import db, transaction
from shared.models.user import User
from shared.services import tenants
from tests.browser.conftest import Camera, Opener
from tests.browser.walking import RIGHT_TO_LEFT, WAYS, Walk, walk
from tests.parts.post import code_to, link_to
from tests.parts.valkey import Valkey
from tests.parts.world import TESTS, World

pytestmark = [
    pytest.mark.needs("chromium", "axe-core (npm)"),
    pytest.mark.parametrize("database", ["sqlite"]),
    pytest.mark.parametrize(
        "way", [*WAYS, RIGHT_TO_LEFT], ids=["scripts", "no scripts, right to left", "scripts, right to left"]
    ),
]
LONG_NAME = "Analytical Engines of London & Turin"


@pytest.fixture
def it(opened: Opener, world: World, camera: Camera, way: tuple[str, bool]) -> Walk:
    return walk(opened, world, camera, way)


@pytest.mark.parametrize("contact", ["https://help.analytical-engines.example/contact-us/accounts", None])
def test_what_is_asked_in_no_way_that_there_is_and_what_breaks(it: Walk, world: World, contact: str | None) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, name=LONG_NAME, support_contact=contact)
    helped = "-help" if contact else ""
    it.go("/nothing-is-here", f"not-found{helped}", ".error-mark")
    it.go("/language", f"method-not-allowed{helped}", ".error-mark")
    it.go("/login")
    it.page.locator("#email").evaluate("input => { input.type = 'text'; input.maxLength = 9e6; input.value = 'a'.repeat(2e6) }")
    it.fill(password="x")
    it.page.locator("form").first.evaluate("form => { form.noValidate = true }")
    it.press()
    it.see(f"too-large{helped}", ".error-mark")
    it.go("/login")
    it.sign_in()
    with world.inside(), transaction() as session:
        session.execute(update(User).where(User.id == world.ada.id).values(claims="broken"))
    it.go("/account", f"server-error{helped}", ".error-mark")


def test_a_part_that_is_gone(it: Walk, world: World, valkey: Valkey) -> None:
    it.go("/login")
    valkey.stop()
    try:
        it.sign_in()
        it.see("redis-gone", ".error-mark")
    finally:
        valkey.start()
    with world.inside():
        db.session.execute(text("ALTER TABLE tenants RENAME TO elsewhere"))
        db.session.commit()
    world.later(seconds=5)
    it.go("/login", "database-gone", ".error-mark")


def test_an_account_is_taken_back(it: Walk, world: World) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, support_contact="support@example.com")
    it.go("/login")
    it.sign_in()
    it.go("/account/email")
    it.fill(email="thief@example.org")
    it.press()
    it.fill(code=code_to(world, "thief@example.org"))
    it.press()
    link = link_to(world, world.ada.email)
    it.page.context.clear_cookies()
    it.go(link, "take-back", "#password")
    it.page.locator("#password").evaluate("input => { input.minLength = 1 }")
    it.fill(password="short")
    it.press()
    it.see("take-back-refused", ".error")
    it.fill(password="difference engines all the way")
    it.press()
    it.see("taken-back", ".notice.success")
    it.go(link, "take-back-over", ".error-mark")
