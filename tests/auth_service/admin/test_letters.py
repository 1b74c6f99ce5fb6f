"""The dashboard's pages about letters, and about the outbox that carries them."""

import re

import pytest

from shared.kit.db import transaction
from shared.models.letter import KINDS
from shared.services import letters, outbox
from tests.auth_service.admin.desk import Desk
from tests.parts.world import World

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])
OWN = {"subject": "Hello from {{ tenant }}", "text": "Type {{ code }}", "html": "<p>Type <b>{{ code }}</b></p>"}


@pytest.fixture
def page(world: World) -> str:
    return f"/admin/tenants/{world.tenant.id}/letters"


def test_every_kind_can_be_looked_at_in_every_language(desk: Desk, page: str) -> None:
    text = desk.get(page).text
    for kind in KINDS.values():
        assert kind.title in text
        seen = desk.get(f"{page}/{kind.name}/ar")
        assert seen.ok and "العربية" in seen.text and "Ours" in seen.text
        assert '<html lang="ar" dir="rtl">' in desk.get(f"{page}/{kind.name}/ar/preview").text


def test_a_letter_is_edited_tried_and_reset(desk: Desk, world: World, page: str) -> None:
    answer = desk.press("Save", f"{page}/email_code/en/edit", **OWN)
    assert "This letter is now in your words." in answer.text and "Your words" in desk.get(page).text
    assert desk.get(f"{page}/email_code/en/preview").text == "<p>Type <b>4KD7XM</b></p>"
    assert f"A test is on its way to {world.admin.email}." in desk.press("Send me a test", f"{page}/email_code/en").text
    (letter,) = world.letters()
    assert letter.startswith(f"To: {world.admin.email}") and "Type 4KD7XM" in letter
    assert "are deleted. This cannot be undone." in desk.get(f"{page}/email_code/en/reset").text
    assert "in our words again" in desk.press("Use ours", f"{page}/email_code/en/reset").text
    assert "Your words" not in desk.get(page).text
    assert [event.action for event in desk.events("letter_template.")] == [
        "letter_template.reset",
        "letter_template.tried",
        "letter_template.written",
    ]


def test_what_is_no_letter_is_refused_beside_its_field_with_what_was_typed(desk: Desk, page: str) -> None:
    evil = "<p>{{ code }}</p>{{ ''.__class__ }}"
    answer = desk.press("Save", f"{page}/email_code/en/edit", **{**OWN, "html": evil})
    assert answer.status_code == 422 and "more than a letter needs" in answer.text
    assert "&lt;p&gt;{{ code }}&lt;/p&gt;" in answer.text
    assert desk.events("letter_template.") == []


def test_a_draft_is_seen_before_it_is_saved(desk: Desk, page: str) -> None:
    form = {**OWN, "csrf_token": desk.token()}
    shown = desk.http.post(f"{desk.world.url}{page}/email_code/en/preview", form)
    assert shown.text == "<p>Type <b>4KD7XM</b></p>"
    broken = desk.http.post(f"{desk.world.url}{page}/email_code/en/preview", {**form, "html": "{% for <script> %}"})
    assert "This makes no letter yet" in broken.text and "<script>" not in broken.text
    assert desk.events("letter_template.") == []


def test_a_letter_is_shown_where_it_can_do_nothing(desk: Desk, page: str) -> None:
    """Whatever an operator writes into it runs nothing, loads nothing, and is of no origin that has a cookie (CSP Level 3)."""
    headers = desk.get(f"{page}/email_code/en/preview").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "script-src" not in policy and "allow-" not in policy
    assert "frame-ancestors 'self'" in policy and headers["X-Frame-Options"] == "SAMEORIGIN"
    around = desk.get(f"{page}/email_code/en")
    assert re.search(r"<iframe [^>]*sandbox title=", around.text)
    assert "frame-src 'self'" in around.headers["Content-Security-Policy"]


def test_the_sender_and_the_language_are_set(desk: Desk, world: World, page: str) -> None:
    answer = desk.press("Update", f"{page}/sender", mail_name="The shop", mail_from="hello@shop.example", language="ar")
    assert "hello@shop.example" in answer.text and "العربية" in answer.text
    assert set(desk.events("tenant.updated")[0].detail) == {"mail_name", "mail_from", "language"}
    desk.press("Send me a test", f"{page}/email_code/en")
    world.letters()
    (kept,) = world.settings.outbox_dir.glob("*.eml")
    assert "From: The shop <hello@shop.example>" in kept.read_text()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"mail_from": "not an address"}, "This is not an e-mail address."),
        ({"mail_from": "a@example.com\r\nBcc: eve@example.com"}, "This is not an e-mail address."),
        ({"mail_name": "x" * 201}, "at most 200 characters"),
        ({"mail_name": "a\u202eb"}, "one line"),
        ({"language": "tlh"}, "Not a valid choice"),
    ],
)
def test_a_wrong_sender_is_refused_beside_its_field(desk: Desk, page: str, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Update", f"{page}/sender", **typed)
    assert answer.status_code == 422 and told in answer.text
    assert desk.events("tenant.updated") == []


@pytest.mark.parametrize(
    "path", ["no_such_letter/en", "email_code/tlh", "email_code/tlh/preview", "email_code/tlh/reset", "no_such_letter/en/edit"]
)
def test_an_unknown_letter_is_not_found(desk: Desk, page: str, path: str) -> None:
    assert desk.get(f"{page}/{path}").status_code == 404


def test_strangers_see_nothing(stranger: Desk, page: str) -> None:
    for path in (page, f"{page}/sender", f"{page}/email_code/en", f"{page}/email_code/en/preview", "/admin/outbox"):
        assert stranger.get(path).url.partition("?")[0].endswith("/login")


def test_the_outbox_says_what_waits_and_what_failed_and_never_what_it_says(desk: Desk, world: World) -> None:
    assert "Nothing is waiting" in desk.get("/admin/outbox").text
    with world.inside(), transaction():
        letters.post("email_code", world.tenant, to="ada@example.com", language="en", code="4KD7XM", minutes=10)
        letters.post("email_code", world.tenant, to="no address", language="en", code="3AC9XM", minutes=10)
        letters.nobody("email_code", world.tenant, to="eve@example.com", language="en", code="3AC9XM", minutes=10)
    text = desk.get("/admin/outbox").text
    assert "ada@example.com" in text and "4KD7XM" not in text and "eve@example.com" not in text
    with world.inside():
        outbox.deliver_due()
    text = desk.get("/admin/outbox").text
    assert "no address" in text and "EmailSyntaxError" in text and "3AC9XM" not in text and "ada@example.com" not in text
    assert "It is tried again now." in desk.press("Try again", "/admin/outbox").text
    with world.inside():
        outbox.deliver_due()
    (address,) = re.findall(r'href="(/admin/outbox/[0-9a-f-]+/discarded)"', desk.get("/admin/outbox").text)
    assert "never delivered. This cannot be undone." in desk.get(address).text
    assert "It is discarded." in desk.press("Discard", address).text
    assert (
        "Nothing is waiting" in desk.get("/admin/outbox").text
        and "Nothing has failed" in desk.get("/admin/outbox", state="failed").text
    )
    assert [event.action for event in desk.events("outbox.")] == ["outbox.discarded", "outbox.tried_again"]


def test_where_no_letter_can_leave_the_outbox_says_so(desk: Desk, world: World) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(update={"outbox_dir": None})
    assert "There is no mail server: no letter can leave." in desk.get("/admin/outbox").text
