"""Letters: every kind in words that nobody can bend, to the right reader, whatever was typed and whatever a tenant wrote."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from shared.kit.db import db, transaction
from shared.kit.languages import LANGUAGES
from shared.models.letter import CODE, FACTOR, KINDS, LINK, MOMENT, NUMBER, Kind
from shared.models.letter_template import LetterTemplate
from shared.models.outbox import OutboxMessage
from shared.models.tenant import Tenant
from shared.services import letters, outbox

WHEN = datetime(2027, 2, 3, 14, 5, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> {{7*7}} {% x %} \"'&\r\nBcc: eve@example.com\0\u202etxt\u2028end " + "n" * 300


def values_for(kind: Kind, link: str, text: str = "Something") -> dict[str, object]:
    known = {CODE: "4KD7XM", LINK: link, MOMENT: WHEN, NUMBER: 10, FACTOR: "passkey"}
    return {value.name: known.get(value.type, text) for value in kind.values}


def post(world, kind: str, tenant: Tenant | None = None, language: str = "en", **values: object) -> None:
    with transaction():
        letters.post(kind, tenant or world.tenant, to="ada@example.com", language=language, **values)


def received(world) -> list[EmailMessage]:
    """The letters so far, as whoever reads them has them."""
    outbox.deliver_due()
    kept = sorted(world.settings.outbox_dir.glob("*.eml")) if world.settings.outbox_dir.is_dir() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in kept]


def text_of(letter: EmailMessage) -> str:
    return letter.get_body(("plain",)).get_content()


def html_of(letter: EmailMessage) -> str:
    return letter.get_body(("html",)).get_content()


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_factor_without_a_name_of_its_own_is_named_once(inside):
    post(inside, "factor_added", factor="totp", name="Authenticator app", when=WHEN, device="")
    (letter,) = received(inside)
    assert all("Authenticator app. It was added" in " ".join(told.split()) for told in (text_of(letter), html_of(letter)))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@pytest.mark.parametrize("database", ["sqlite"])
def test_every_kind_says_all_its_values_in_text_and_in_html(inside, kind):
    values = values_for(kind, f"{inside.url}/somewhere?token=x&y=1")
    post(inside, kind.name, **values)
    (letter,) = received(inside)
    assert letter["to"] == "ada@example.com"
    assert inside.tenant.name in letter["subject"]
    for name, value in values.items():
        said = {"factor": "Passkey"}.get(name, "3 Feb 2027, 14:05 UTC" if value is WHEN else str(value))
        assert said in text_of(letter), name
        assert said.replace("&", "&amp;") in html_of(letter), name
    assert '<html lang="en" dir="ltr">' in html_of(letter)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database", ["sqlite"])
def test_in_every_language_whatever_was_typed_is_text_in_one_line_and_no_header(inside, language):
    with transaction() as session:
        session.get_one(Tenant, inside.tenant.id).name = HOSTILE[:200]
    for kind in KINDS.values():
        post(inside, kind.name, language=language, **values_for(kind, f"{inside.url}/x", HOSTILE))
    letters_read = received(inside)
    assert len(letters_read) == len(KINDS)
    for letter in letters_read:
        assert letter.get_all("bcc") is None
        assert f'<html lang="{language}" dir="{LANGUAGES[language].direction}">' in html_of(letter)
        assert "<script" not in html_of(letter).lower()
        assert "&lt;script&gt;" in html_of(letter)
        assert "{{7*7}}" in text_of(letter)
        for part in (letter["subject"], letter["from"], text_of(letter), html_of(letter)):
            assert not re.search("[\0\r\u202e\u2028]", part)
        assert not re.search("^Bcc", text_of(letter), re.MULTILINE)


@pytest.mark.parametrize(
    ("wanted", "written"),
    [("de-CH", "03.02.2027"), ("ja", "2027/02/03"), ("tlh", "3 févr. 2027"), (None, "3 févr. 2027"), (7, "3 févr. 2027")],
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_moments_are_written_as_the_reader_writes_them(inside, wanted, written):
    with transaction() as session:
        session.get_one(Tenant, inside.tenant.id).language = "fr"
    post(inside, "account_deleted", language=wanted, when=WHEN)
    assert written in text_of(received(inside)[0])


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if any(value.type == CODE for value in kind.values)])
@pytest.mark.parametrize("database", ["sqlite"])
def test_no_code_is_in_a_subject_or_in_what_lists_of_letters_show(inside, kind):
    post(inside, kind.name, **values_for(kind, f"{inside.url}/x"))
    (letter,) = received(inside)
    assert "4KD7XM" not in letter["subject"]
    assert "4KD7XM" not in html_of(letter)[: html_of(letter).index("<table")]


def test_what_waits_is_sealed_and_nothing_is_printed_before_the_worker_does(inside):
    post(inside, "sign_in_code", code="4KD7XM", minutes=10)
    (row,) = db.session.scalars(select(OutboxMessage))
    assert row.kind == "mail"
    assert "4KD7XM" not in row.payload
    with transaction() as session:
        session.get_one(Tenant, inside.tenant.id).name = "Renamed"
    assert received(inside)[0]["subject"] == "Sign in to Renamed"


def test_a_letter_to_nobody_looks_the_same_while_it_waits_and_goes_nowhere(inside):
    values = {"code": "4KD7XM", "minutes": 10}
    with transaction():
        letters.post("sign_in_code", inside.tenant, to="ada@example.com", language="en", **values)
        letters.nobody("sign_in_code", inside.tenant, to="eve@example.com", language="en", **values)
    assert len({len(row.payload) for row in db.session.scalars(select(OutboxMessage))}) == 1
    assert [letter["to"] for letter in received(inside)] == ["ada@example.com"]
    assert [row.payload for row in db.session.scalars(select(OutboxMessage).execution_options(populate_existing=True))] == [
        "",
        "",
    ]


@pytest.mark.parametrize("values", [{}, {"code": "4KD7XM"}, {"code": "4KD7XM", "minutes": 10, "more": "x"}])
@pytest.mark.parametrize("database", ["sqlite"])
def test_who_posts_gives_the_values_of_the_kind_and_no_others(inside, values):
    with pytest.raises(ValueError):
        post(inside, "email_code", **values)


@pytest.mark.parametrize(
    "link", ["https://evil.example/x", "javascript:alert(1)", "//evil.example", "{url}.evil.example/x", "{url}@evil.example/"]
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_a_link_leads_to_us_or_is_not_sent(inside, link):
    with pytest.raises(ValueError):
        post(inside, "recovery", link=link.format(url=inside.url), minutes=60)


def test_the_sender_is_the_tenants_where_it_has_one(inside):
    post(inside, "account_deleted", when=WHEN)
    with transaction() as session:
        tenant = session.get_one(Tenant, inside.tenant.id)
        tenant.mail_name, tenant.mail_from = "The shop", "hello@shop.example"
    post(inside, "account_deleted", when=WHEN)
    first, second = received(inside)[0], received(inside)[1]
    assert {str(first["from"]), str(second["from"])} == {"The shop <hello@shop.example>"}
    assert second["message-id"].endswith("@shop.example>")


def test_the_tenants_own_template_is_used_and_ours_where_it_breaks(inside, logs):
    template = LetterTemplate(
        tenant_id=inside.tenant.id,
        kind="email_code",
        language="en",
        subject="Hello from {{ tenant }}",
        text="Type {{ code }}",
        html="<p>Type {{ code }}</p>",
    )
    with transaction() as session:
        session.add(template)
    post(inside, "email_code", code="4KD7XM", minutes=10)
    (letter,) = received(inside)
    assert (letter["subject"], text_of(letter), html_of(letter)) == (
        f"Hello from {inside.tenant.name}",
        "Type 4KD7XM\n",
        "<p>Type 4KD7XM</p>\n",
    )
    with transaction() as session:
        session.get_one(LetterTemplate, template.id).html = "{{ nothing_of_that_name }}"
    post(inside, "email_code", code="3AC9XM", minutes=10)
    letter = received(inside)[-1]
    assert "3AC9XM" in html_of(letter)
    assert letter["subject"] == f"Your code for {inside.tenant.name}"
    (event,) = logs.named("letter.template_broken")
    assert (event["kind"], event["part"]) == ("email_code", "html")
    assert "3AC9XM" not in repr(event)
