"""Letters: which are posted, and how each becomes mail when the worker delivers it, in the words and the look of its tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from shared.kit import colours, languages, letterpress, log, mail, settings, words, zones
from shared.kit.db import db, release
from shared.kit.errors import AppError
from shared.kit.languages import ENGLISH, LANGUAGES
from shared.kit.letterpress import Broken, Printed, Reader, Source, one_line
from shared.models.letter import COMMON, FACTOR, FACTORS, KINDS, LINK, MOMENT, NUMBER, Kind, Value
from shared.models.letter_template import LetterTemplate
from shared.models.outbox import OutboxMessage
from shared.models.tenant import Tenant
from shared.models.user import fold
from shared.services import guesses, outbox

# What the outbox calls a letter, and one to nobody.
MAIL, NOBODY = "mail", outbox.UNSEEN
LONGEST_LINK = 2000
SAMPLE_READER = "ada@example.com"
ACCENT = "#2563eb"
# The grounds of our letters (letters/base.html).
PAPER, DARK_PAPER = (255, 255, 255), (28, 33, 41)
OPTIONAL = frozenset(value.name for kind in KINDS.values() for value in kind.values)


def post(
    kind: str, tenant: Tenant, *, to: str, language: str | None, proved: bool = False, **values: str | int | datetime
) -> None:
    """Have a letter of `kind` (shared/models/letter.py) leave once the present transaction is durable; call it inside one.

    `language` is the reader's; None is the tenant's. It is `proved` where the reader has shown that they read what goes to this
    address, or an operator answers for it: to any other go so many in a day (guesses.LETTERS), and what is beyond is dropped.
    Nothing is rendered here, so no template can fail who posts.
    Raises ValueError when the values are not those of the kind, or a link leads elsewhere than to us.
    """
    outbox.put(MAIL, _message(KINDS[kind], tenant, to, language, proved, values))


def nobody(
    kind: str, tenant: Tenant, *, to: str, language: str | None, proved: bool = False, **values: str | int | datetime
) -> None:
    """Do what `post` does, for an address to which nothing may be sent: the worker drops it. Who asked cannot tell them apart."""
    outbox.put(NOBODY, _message(KINDS[kind], tenant, to, language, proved, values))


def _message(kind: Kind, tenant: Tenant, to: str, language: str | None, proved: bool, values: dict[str, Any]) -> dict[str, Any]:
    known = {value.name: value for value in kind.values}
    missing = {name for name, value in known.items() if not value.optional} - values.keys()
    if missing or values.keys() - known.keys():
        raise ValueError(f"The letter {kind.name} takes the values {', '.join(known)}.")
    kept = {name: _kept(known[name], value) for name, value in values.items()}
    reader = {"to": to, "proved": proved, "language": str(language or "")}
    return {"kind": kind.name, "tenant": str(tenant.id), **reader, "values": kept}


def _kept(value: Value, given: Any) -> Any:
    if value.type == MOMENT:
        return zones.written(given)
    if value.type == NUMBER:
        return int(given)
    if value.type == FACTOR and given not in FACTORS:
        raise ValueError(f"There is no factor {given}.")
    # A link in a letter is as good as our signature: it leads to us, whatever the request that asked for it said.
    if value.type == LINK and given and not given.startswith(f"{settings.current().public_url}/"):
        raise ValueError("A letter links to our own pages alone.")
    return _unspoken(given)


def _unspoken(given: Any) -> Any:
    """A text as the outbox keeps it: what was said of ours is in the reader's language once it is printed."""
    if isinstance(given, words.Said):
        return {"said": given.msgid, "values": {name: _unspoken(value) for name, value in given.values.items()}}
    return str(given)[:LONGEST_LINK]


def deliver(message: OutboxMessage) -> None:
    """Print a letter and give it to the mail server, unless too many went there already. Raises as mail.send does."""
    told = outbox.payload_of(message)
    tenant = db.session.get(Tenant, UUID(told["tenant"]), populate_existing=True)
    if tenant is None:
        raise mail.Refused("Its tenant is gone.")
    kind = KINDS.get(told["kind"])
    if kind is None:
        # While versions change, an older worker leaves it to a newer one.
        raise OSError(f"There is no letter {told['kind']} in this version.")
    # Counted once, however often it is tried.
    if not told.get("proved", True) and message.attempts <= 1 and not guesses.has_room(tenant, fold(told["to"])):
        log.get().warning("letter.dropped", kind=kind.name, tenant=tenant.slug, message_id=str(message.id))
        return
    printed = printed_for(kind, tenant, to=told["to"], language=told["language"], values=told["values"])
    release()
    send(printed, tenant, to=told["to"], id=str(message.id))


def printed_for(kind: Kind, tenant: Tenant, *, to: str, language: str | None, values: dict[str, Any]) -> Printed:
    """The letter for this reader: by the tenant's own template, or by ours where there is none, or where theirs fails."""
    reader = reader_of(language, tenant.language)
    spoken = _spoken(kind, tenant, to, values, reader)
    own = find_template(tenant, kind, reader.tag)
    if own is not None:
        try:
            return letterpress.press(Source(own.subject, own.text, own.html), spoken, reader)
        except Broken as error:
            # A letter in our words comes late to nobody; one that waits for an operator may.
            log.get().error(
                "letter.template_broken",
                kind=kind.name,
                tenant=tenant.slug,
                language=reader.tag,
                part=error.field,
                error=error.why,
            )
    return letterpress.press(letterpress.ours(kind.name), spoken, reader)


def send(printed: Printed, tenant: Tenant, *, to: str, id: str | None = None) -> None:
    """Give a letter to the mail server in the name of `tenant`. Raises OSError if trying later may help, else mail.Refused."""
    mail.send(
        mail.Letter(
            to=to,
            subject=printed.subject,
            text=printed.text,
            html=printed.html,
            from_name=one_line(tenant.mail_name or tenant.name),
            from_address=tenant.mail_from,
            id=id,
        )
    )


def press(kind: Kind, tenant: Tenant, source: Source, given: dict[str, Any], language: str) -> Printed:
    """The letter that these templates make of what `post` would be given. Raises Broken."""
    reader = reader_of(language)
    kept = _message(kind, tenant, SAMPLE_READER, language, True, given)["values"]
    return letterpress.press(source, _spoken(kind, tenant, SAMPLE_READER, kept, reader), reader)


def samples(kind: Kind, tenant: Tenant, *, whole: bool = True) -> dict[str, Any]:
    """What `post` would be given, to try a letter with; what is optional is there if it is the `whole` letter."""
    given = {value.name: value.sample for value in kind.values if whole or not value.optional}
    links = {value.name: f"{_issuer(tenant)}{value.sample}" for value in kind.values if value.type == LINK}
    return {name: links.get(name, sample) for name, sample in given.items()}


@dataclass(frozen=True)
class Posted:
    """What may be seen of a letter on its way: never what it says."""

    kind: Kind
    to: str
    tenant_id: UUID


def posted(message: OutboxMessage) -> Posted | None:
    """Which letter a message of the outbox is, and to whom; None where it is none, or cannot be read."""
    if message.kind != MAIL or not message.payload:
        return None
    try:
        told = outbox.payload_of(message)
        return Posted(KINDS[told["kind"]], one_line(told["to"]), UUID(told["tenant"]))
    except (AppError, KeyError, ValueError):
        return None


def find_template(tenant: Tenant, kind: Kind, language: str) -> LetterTemplate | None:
    """The tenant's own template for this kind in this language, or None."""
    return db.session.scalar(
        select(LetterTemplate).where(
            LetterTemplate.tenant_id == tenant.id, LetterTemplate.kind == kind.name, LetterTemplate.language == language
        )
    )


def reader_of(*wanted: str | None) -> Reader:
    """Whoever reads the first of these languages (BCP 47) that we speak; English where we speak none."""
    spoken = LANGUAGES[languages.choose(language or "" for language in wanted) or ENGLISH]
    return Reader(
        tag=spoken.tag,
        direction=spoken.direction,
        find=partial(languages.find, language=spoken.tag),
        find_many=partial(languages.find_many, language=spoken.tag),
        moment=partial(languages.time, language=spoken.tag),
        number=partial(languages.number, language=spoken.tag),
    )


def _spoken(kind: Kind, tenant: Tenant, to: str, values: dict[str, Any], reader: Reader) -> dict[str, str | int]:
    """What a template can say: each value as it stands in the reader's language, what is not given being empty."""
    issuer = _issuer(tenant)
    addresses = {"sign_in_url": f"{issuer}/login", "account_url": f"{issuer}/account", "recovery_url": f"{issuer}/recover"}
    given = {value.name: _says(value, values[value.name], reader) for value in kind.values if value.name in values}
    return {
        **dict.fromkeys(OPTIONAL, ""),
        **_look(tenant),
        **addresses,
        "tenant": one_line(tenant.name),
        "support": one_line(tenant.support_contact or "", LONGEST_LINK),
        "support_url": tenant.support_url,
        "to": one_line(to),
        "action_url": given.get("link") or addresses.get(kind.leads_to or "", ""),
        **given,
    }


def _says(value: Value, given: Any, reader: Reader) -> str | int:
    return _AS.get(value.type, _as_text)(given, reader)


def _as_text(given: Any, reader: Reader) -> str:
    return words.translate(text, reader.tag) if isinstance(text := _said_again(given), words.Said) else text


def _said_again(kept: Any) -> str:
    if isinstance(kept, dict):
        return words.said(kept["said"], **{name: _said_again(value) for name, value in kept["values"].items()})
    return one_line(str(kept))


def _as_moment(given: Any, reader: Reader) -> str:
    moment = zones.read(given)
    return zones.with_place(reader.moment(moment), moment, reader.tag)


_AS: dict[str, Callable[[Any, Reader], str | int]] = {
    LINK: lambda given, reader: one_line(str(given), LONGEST_LINK),
    MOMENT: _as_moment,
    NUMBER: lambda given, reader: int(given),
    FACTOR: lambda given, reader: words.translate(FACTORS[given], reader.tag),
}


def _issuer(tenant: Tenant) -> str:
    return f"{settings.current().public_url}{tenant.path}"


def _look(tenant: Tenant) -> dict[str, str]:
    accent = colours.parse((tenant.accent or ACCENT)[1:])
    return {
        "accent": colours.written(accent),
        "on_accent": colours.written(colours.ink_on(accent)),
        "ink": colours.written(colours.readable(accent, PAPER, towards=colours.DARK)),
        "ink_on_dark": colours.written(colours.readable(accent, DARK_PAPER, towards=colours.WHITE)),
    }


def values_of(kind: Kind) -> list[Value]:
    """What a template of this kind can say."""
    return [*kind.values, *COMMON]


def _drop(message: OutboxMessage) -> None:
    """There is nobody to write to; what it would say is printed, so that the worker takes no less time for it."""
    told = outbox.payload_of(message)
    tenant, kind = db.session.get(Tenant, UUID(told["tenant"]), populate_existing=True), KINDS.get(told["kind"])
    if tenant and kind:
        printed_for(kind, tenant, to=told["to"], language=told["language"], values=told["values"])


outbox.carry(MAIL, deliver)
outbox.carry(NOBODY, _drop)
