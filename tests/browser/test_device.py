"""A television shows a code, and its person connects it on a phone, with and without scripts."""

import pytest
from playwright.sync_api import expect

from shared.models.device import GRANT_TYPE
from shared.services import clients
from tests.browser.conftest import DESK, PHONE, Opener
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, True), (DESK, False)])
def test_a_device_is_connected(opened: Opener, world: World, spa: RelyingParty, size: object, scripts: bool) -> None:
    with world.inside():
        clients.update(world.client(world.spa), grant_types=[GRANT_TYPE], by=TESTS)
    fields = {"client_id": spa.application.client_id, "scope": "openid email"}
    asked = spa.post(spa.metadata["device_authorization_endpoint"], fields, {})
    page = opened(world.url, viewport=size, java_script_enabled=scripts)
    page.goto(asked.verification_uri_complete)
    page.get_by_label("E-mail address").fill(world.ada.email)
    page.get_by_label("Password", exact=True).fill(world.ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code on the device")).to_have_value(asked.user_code)
    page.get_by_role("button", name="Yes, it is this code").click()
    expect(page.get_by_role("heading", name="Connect Note board?")).to_be_visible()
    expect(page.get_by_role("list", name="If you allow it")).to_contain_text("See your e-mail address")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Your device is connected")).to_be_visible()
    tokens = spa.token(grant_type=GRANT_TYPE, device_code=asked.device_code)
    assert tokens.scope == "openid email"
