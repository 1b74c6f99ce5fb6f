"""Whom a tenant's people can ask for help: on pages, in letters, and where something went wrong."""

import pytest

from shared.kit.db import db
from shared.kit.errors import Invalid
from shared.models.tenant import Tenant
from shared.services import tenants
from tests.parts.browsing import Browser
from tests.parts.post import letters_to
from tests.parts.world import TESTS, World

HELP = "https://help.example.com/contact"


@pytest.mark.parametrize(("contact", "leads_to"), [(HELP, HELP), ("support+id@example.com", "mailto:support%2Bid@example.com")])
def test_whom_to_ask_for_help_stands_in_letters_and_on_pages(world: World, contact: str, leads_to: str) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, support_contact=contact)
    browser = Browser(world.url)
    browser.get("/recover")
    browser.submit(email=world.ada.email)
    assert f"Do you need help? {contact}" in letters_to(world, world.ada.email)[-1]
    for page in (browser.get("/recover/email?token=x"), browser.get("/nowhere"), browser.get("/login")):
        assert f'href="{leads_to}"' in page.text


NO_CONTACT = ["http://help.example.com", "javascript:alert(1)", "a@b.example\r\nBcc: eve@b.example", "mailto:a@b.example", "x"]


@pytest.mark.parametrize("wrong", NO_CONTACT)
def test_what_is_no_contact_is_refused(world: World, wrong: str) -> None:
    with world.inside(), pytest.raises(Invalid, match="neither an address that begins with https"):
        tenants.update(db.session.get_one(Tenant, world.tenant.id), by=TESTS, support_contact=wrong)
