"""Letter templates: a tenant's own words for a kind of letter in one language, tried before they are kept."""

from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from sqlalchemy import delete, select

from shared.kit import letterpress
from shared.kit.db import db, lock, transaction
from shared.kit.errors import Invalid, NotFound
from shared.kit.languages import LANGUAGES
from shared.kit.letterpress import Broken, Printed, Source
from shared.models.audit import Actor
from shared.models.letter import CODE, KINDS, LINK, Kind, Value
from shared.models.letter_template import LetterTemplate
from shared.models.tenant import Tenant
from shared.services import audit, letters

LONGEST_SUBJECT = 200


def kind_called(name: str) -> Kind:
    """The kind of letter with this name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound("There is no such letter.")
    return KINDS[name]


def of(tenant: Tenant) -> Sequence[LetterTemplate]:
    """Every template that the tenant has written, by kind and language."""
    query = select(LetterTemplate).where(LetterTemplate.tenant_id == tenant.id)
    return list(db.session.scalars(query.order_by(LetterTemplate.kind, LetterTemplate.language)))


def find(tenant: Tenant, kind: Kind, language: str) -> LetterTemplate | None:
    """The tenant's own template for this kind in this language, or None. Raises NotFound for a language that we do not speak."""
    _check_language(language)
    return letters.find_template(tenant, kind, language)


def source_of(tenant: Tenant, kind: Kind, language: str) -> Source:
    """The templates that are used: the tenant's own, or ours, which are the same in every language."""
    own = find(tenant, kind, language)
    return Source(own.subject, own.text, own.html) if own else letterpress.ours(kind.name)


def write(tenant: Tenant, kind: Kind, language: str, *, by: Actor, subject: str, text: str, html: str) -> LetterTemplate:
    """Use these from now on. Raises Invalid when they are no templates, or leave out what the letter is for; NotFound."""
    _check_language(language)
    source = Source(_unix(subject).strip(), _unix(text), _unix(html))
    check(tenant, kind, language, source)
    with transaction() as session:
        lock("letter template", tenant.id, kind.name, language)
        row = letters.find_template(tenant, kind, language)
        if row is None:
            row = LetterTemplate(tenant_id=tenant.id, kind=kind.name, language=language)
            session.add(row)
        row.subject, row.text, row.html = source.subject, source.text, source.html
        session.flush()
        audit.record("letter_template.written", actor=by, subject=row, tenant=tenant, letter=kind.name, language=language)
    return row


def reset(tenant: Tenant, kind: Kind, language: str, *, by: Actor) -> None:
    """Use ours again; nothing happens where they are used already. Raises NotFound for a language that we do not speak."""
    row = find(tenant, kind, language)
    if row is None:
        return
    with transaction() as session:
        gone = session.execute(delete(LetterTemplate).where(LetterTemplate.id == row.id).returning(LetterTemplate.id)).first()
        if gone:
            audit.record("letter_template.reset", actor=by, subject=row, tenant=tenant, letter=kind.name, language=language)


def check(tenant: Tenant, kind: Kind, language: str, source: Source) -> None:
    """Raise Invalid, naming the field, unless these templates make a letter of this kind."""
    for field in ("subject", "text", "html"):
        if not getattr(source, field).strip():
            raise Invalid("This cannot be empty.", field=field)
    if len(source.subject) > LONGEST_SUBJECT or "\n" in source.subject:
        raise Invalid(f"A subject is one line of at most {LONGEST_SUBJECT} characters.", field="subject")
    try:
        letterpress.check(source, {value.name for value in letters.values_of(kind)})
        # What is optional is there or not: both letters must come out.
        letters.press(kind, tenant, source, letters.samples(kind, tenant, whole=False), language)
        printed = letters.press(kind, tenant, source, letters.samples(kind, tenant), language)
    except Broken as error:
        raise Invalid(error.why, field=error.field) from None
    _check_purpose(kind, letters.samples(kind, tenant), printed)


def preview(tenant: Tenant, kind: Kind, language: str, source: Source | None = None) -> Printed:
    """The letter with sample values, by `source` or by the templates that are used. Raises Invalid, NotFound."""
    _check_language(language)
    source = source or source_of(tenant, kind, language)
    try:
        return letters.press(kind, tenant, source, letters.samples(kind, tenant), language)
    except Broken as error:
        raise Invalid(error.why, field=error.field) from None


def send_test(tenant: Tenant, kind: Kind, language: str, *, to: str, by: Actor) -> None:
    """Send the letter with sample values, as anybody would get it. Raises NotFound for a language that we do not speak."""
    _check_language(language)
    with transaction():
        letters.post(kind.name, tenant, to=to, proved=True, language=language, **letters.samples(kind, tenant))
        audit.record("letter_template.tried", actor=by, subject=kind.name, tenant=tenant, letter=kind.name, language=language)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise NotFound(f"There is no language {language[:20]} here. Choose one of {', '.join(LANGUAGES)}.")


def _check_purpose(kind: Kind, samples: Mapping[str, Any], printed: Printed) -> None:
    """A letter brings what it is for, and shows no code on a locked screen."""
    for value in kind.values:
        if value.type not in (CODE, LINK) or value.optional:
            continue
        for field in ("text", "html"):
            if str(samples[value.name]) not in unescape(getattr(printed, field)):
                raise Invalid(f"This letter is of no use without {_written(value)}.", field=field)
        if str(samples[value.name]) in printed.subject:
            raise Invalid(f"{_written(value)} does not belong in a subject, which locked screens show.", field="subject")


def _written(value: Value) -> str:
    return "{{ " + value.name + " }}"


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "")
