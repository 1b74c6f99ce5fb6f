"""Letters as they are read, and the pages on which operators see and change them."""

import re

import pytest
from playwright.sync_api import Page, expect

from shared.kit.db import transaction
from shared.models.letter import KINDS
from shared.models.tenant import Tenant
from shared.services import letter_templates, letters, outbox
from tests.browser.conftest import Camera, Opener
from tests.parts.world import TESTS, World

pytestmark = [pytest.mark.needs("chromium", "axe-core (npm)"), pytest.mark.parametrize("database", ["sqlite"])]

SHOWN = (
    "sign_in_code",
    "recovery",
    "factor_added",
    "recovery_code_used",
    "sign_up_exists",
    "email_changed",
    "email_change_undone",
    "invitation",
)
LOOKS = {"en": None, "ar": "#f5c518", "de": "#0f766e", "ja": "#b91c1c", "zh-Hans": "#111827"}


@pytest.fixture
def operator(opened: Opener, world: World) -> Page:
    """A window in which the operator is signed in."""
    page = opened(world.url)
    page.goto("/admin/outbox")
    page.locator("[name=email]").fill(world.admin.email)
    page.locator("[name=password]").fill(world.admin.password)
    page.locator("[name=password]").press("Enter")
    expect(page.get_by_role("heading", name="Outbox")).to_be_visible()
    return page


@pytest.mark.parametrize("language", LOOKS)
def test_letters_can_be_read_by_day_by_night_and_on_a_phone(opened: Opener, camera: Camera, world: World, language: str) -> None:
    with world.inside():
        with transaction() as session:
            tenant = session.get_one(Tenant, world.tenant.id)
            tenant.name, tenant.accent = "Café Zürich & <Söhne>", LOOKS[language]
            tenant.support_contact = "https://hilfe.cafe-zuerich.example/kontakt/konto-und-anmeldung"
        printed = {name: letter_templates.preview(tenant, KINDS[name], language).html for name in KINDS}
    page = opened("about:blank")
    for name in SHOWN:
        page.set_content(printed[name])
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        camera.take(page, f"{name}-{language}")


def test_an_operator_rewrites_a_letter(operator: Page, camera: Camera, world: World) -> None:
    page = operator
    page.goto(f"/admin/tenants/{world.tenant.id}")
    page.get_by_role("link", name="Its letters").click()
    camera.take(page, "letters")
    page.get_by_role("link", name="Sign in by letter").click()
    expect(page.frame_locator("iframe").get_by_text("4KD7XM")).to_be_visible()
    camera.take(page, "letter")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Subject").fill("Come in, {{ tenant }}")
    page.get_by_label("HTML").fill("{% extends 'base.html' %}{% block heading %}Our own words{% endblock %}")
    page.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Our own words")).to_be_visible()
    camera.take(page, "letter-edit")
    page.get_by_label("HTML").fill("{% for a in b %}")
    page.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("iframe").get_by_text("This makes no letter yet.")).to_be_visible()
    page.get_by_label("HTML").fill("{% extends 'base.html' %}{% block heading %}Our own words{% endblock %}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("now in your words")
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_role("status")).to_contain_text("A test is on its way")
    assert "Enter this code" in world.letters()[0]
    page.get_by_role("link", name="Use ours again").click()
    expect(page.get_by_role("dialog")).to_contain_text("cannot be undone")
    page.get_by_role("dialog").get_by_role("button", name="Use ours").click()
    expect(page.get_by_role("status")).to_contain_text("in our words again")


def test_a_letter_runs_nothing_where_it_is_shown(opened: Opener, world: World, operator: Page) -> None:
    """The page that shows it is of no origin (CSP Level 3, sandbox), also when it is opened alone."""
    html = "<title>Idle</title><p>{{ code }}</p><script>document.title = 'ran'</script>"
    with world.inside():
        kind = KINDS["email_code"]
        letter_templates.write(world.tenant, kind, "en", subject="x", text="{{ code }}", html=html, by=TESTS)
    address = f"/admin/tenants/{world.tenant.id}/letters/email_code/en/preview"
    page = operator.context.browser.new_context(storage_state=operator.context.storage_state()).new_page()
    page.goto(f"{world.url}{address}")
    expect(page.get_by_text("4KD7XM")).to_be_visible()
    assert page.title() == "Idle"
    page.context.close()


def test_an_operator_sees_what_failed(operator: Page, camera: Camera, world: World) -> None:
    page = operator
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    camera.take(page, "outbox-empty")
    with world.inside():
        with transaction():
            letters.post("recovery", world.tenant, to="no address", language="en", link=f"{world.url}/x", minutes=60)
        outbox.deliver_due()
        with transaction():
            letters.post("email_code", world.tenant, to="ada@example.com", language="en", code="4KD7XM", minutes=10)
    page.goto("/admin/outbox")
    expect(page.get_by_text("no address")).to_be_visible()
    camera.take(page, "outbox-failed")
    page.get_by_role("link", name=re.compile("Waiting")).click()
    expect(page.get_by_text("ada@example.com")).to_be_visible()
    page.get_by_role("link", name=re.compile("Failed")).click()
    page.get_by_role("link", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.get_by_text("It is discarded.")).to_be_visible()
