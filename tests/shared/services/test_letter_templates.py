"""A tenant's own letters: tried before they are kept, and ours again when asked."""

import pytest

from shared.kit.errors import Invalid, NotFound
from shared.kit.languages import LANGUAGES
from shared.models.audit import Actor
from shared.models.letter import KINDS
from shared.services import audit, letter_templates, letters, tenants

TESTS = Actor.system("tests")
GOOD = {"subject": "Hello from {{ tenant }}", "text": "Type {{ code }}", "html": "<p>Type <b>{{ code }}</b></p>"}
EMAIL_CODE = KINDS["email_code"]


def write(world, **parts: str):
    return letter_templates.write(world.tenant, EMAIL_CODE, "en", **{**GOOD, **parts}, by=TESTS)


def test_own_templates_are_kept_for_one_tenant_kind_and_language(inside):
    other = tenants.create(name="Other", by=TESTS)
    write(inside)
    assert [(row.kind, row.language) for row in letter_templates.of(inside.tenant)] == [("email_code", "en")]
    assert letter_templates.of(other) == []
    for tenant, kind, language in (
        (other, "email_code", "en"),
        (inside.tenant, "email_code", "fr"),
        (inside.tenant, "recovery", "en"),
    ):
        assert letter_templates.source_of(tenant, KINDS[kind], language).subject != GOOD["subject"]
    assert letter_templates.source_of(inside.tenant, EMAIL_CODE, "en").subject == GOOD["subject"]


def test_they_are_written_over_and_reset_with_one_event_each(inside):
    write(inside)
    write(inside, subject="Again, {{ tenant }}")
    assert letter_templates.source_of(inside.tenant, EMAIL_CODE, "en").subject == "Again, {{ tenant }}"
    letter_templates.reset(inside.tenant, EMAIL_CODE, "en", by=TESTS)
    letter_templates.reset(inside.tenant, EMAIL_CODE, "en", by=TESTS)
    assert letter_templates.of(inside.tenant) == []
    actions = [event.action for event in audit.search(action="letter_template").items]
    assert actions == ["letter_template.reset", "letter_template.written", "letter_template.written"]


@pytest.mark.parametrize(
    ("parts", "field", "told"),
    [
        ({"subject": " "}, "subject", "empty"),
        ({"subject": "x" * 201}, "subject", "at most 200"),
        ({"subject": "two\nlines"}, "subject", "one line"),
        ({"subject": "Your code is {{ code }}"}, "subject", "locked screens"),
        ({"text": "No c0de"}, "text", "of no use without {{ code }}"),
        ({"html": "<p>No c0de</p>"}, "html", "of no use without {{ code }}"),
        ({"html": "{% if minutes > 60 %}{{ code }}{% endif %}"}, "html", "of no use"),
        ({"text": "{{ code }} {{ password }}"}, "text", "There is no value password"),
        ({"text": "{{ code }} {{ when }}"}, "text", "There is no value when"),
        ({"html": "{{ code }} {{ ''.__class__ }}"}, "html", "Getattr"),
        ({"html": "{{ code }}\n{% for a in b %}"}, "html", "Line 2"),
        ({"html": "{{ code }}\n{% for a in code %}{% endfor %}"}, "html", "more than a letter needs"),
        ({"html": "{{ code }}" + " " * 33_000}, "html", "at most 32000"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_no_letter_is_refused_beside_its_field(inside, parts, field, told):
    with pytest.raises(Invalid) as refusal:
        write(inside, **parts)
    assert refusal.value.fields["field"] == field
    assert told in refusal.value.message
    assert letter_templates.of(inside.tenant) == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_ours_are_letters_of_their_kind_in_every_language(inside):
    for kind in KINDS.values():
        for language in LANGUAGES:
            letter_templates.check(inside.tenant, kind, language, letter_templates.source_of(inside.tenant, kind, language))
            assert inside.tenant.name in letter_templates.preview(inside.tenant, kind, language).html


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_letter_is_tried_by_sending_it(inside):
    write(inside)
    letter_templates.send_test(inside.tenant, EMAIL_CODE, "en", to="grace@example.com", by=TESTS)
    (letter,) = inside.letters()
    assert letter.startswith("To: grace@example.com")
    assert "Type 4KD7XM" in letter


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_unknown_kind_or_language_is_not_found(inside):
    with pytest.raises(NotFound):
        letter_templates.kind_called("no_such_letter")
    with pytest.raises(NotFound):
        letter_templates.write(inside.tenant, EMAIL_CODE, "tlh", **GOOD, by=TESTS)


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_seen_of_a_letter_on_its_way_is_not_what_it_says(inside):
    letter_templates.send_test(inside.tenant, EMAIL_CODE, "en", to="grace@example.com", by=TESTS)
    (message,) = letters.outbox.search(failed=False).items
    seen = letters.posted(message)
    assert (seen.kind, seen.to) == (EMAIL_CODE, "grace@example.com")
    assert set(vars(seen)) == {"kind", "to", "tenant_id"}
