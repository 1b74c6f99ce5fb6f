"""`bailiwick letters` and `bailiwick outbox`: in whose words letters are, and what became of them."""

from typing import TextIO

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.kit.languages import LANGUAGES
from shared.models.letter import KINDS
from shared.services import letter_templates, letters, outbox

of_kind = click.argument("kind", type=click.Choice(list(KINDS)))
in_language = click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True)


@click.group("letters")
def letters_group() -> None:
    """Every e-mail that people get, and a tenant's own words for it."""


@letters_group.command("list")
@of_tenant
@as_json
@needs_app
def list_letters(slug: str | None, as_json: bool) -> None:
    """Every kind, and the languages in which it is the tenant's own."""
    own = [(row.kind, row.language) for row in letter_templates.of(tenant_of(slug))]
    found = [tables.letter(kind, [language for name, language in own if name == kind.name]) for kind in KINDS.values()]
    tables.rows(found, empty="", as_json=as_json)


@letters_group.command("show")
@of_kind
@in_language
@of_tenant
@as_json
@needs_app
def show_letter(kind: str, language: str, slug: str | None, as_json: bool) -> None:
    """The templates that are used."""
    tables.one(vars(letter_templates.source_of(tenant_of(slug), KINDS[kind], language)), as_json=as_json)


@letters_group.command("set")
@of_kind
@click.option("--subject", help="What it is now unless given.")
@click.option("--text", type=click.File(), help="A file with the template of the text.")
@click.option("--html", type=click.File(), help="A file with the template of the HTML.")
@in_language
@of_tenant
@needs_app
def set_letter(kind: str, subject: str | None, text: TextIO | None, html: TextIO | None, language: str, slug: str | None) -> None:
    """Use these templates from now on; they are tried first."""
    tenant = tenant_of(slug)
    now = letter_templates.source_of(tenant, KINDS[kind], language)
    changed = {
        "subject": now.subject if subject is None else subject,
        "text": text.read() if text else now.text,
        "html": html.read() if html else now.html,
    }
    letter_templates.write(tenant, KINDS[kind], language, by=HERE, **changed)
    click.echo(f"{kind} in {language} is now the tenant's own.")


@letters_group.command("reset")
@of_kind
@in_language
@of_tenant
@needs_app
def reset_letter(kind: str, language: str, slug: str | None) -> None:
    """Use ours again."""
    letter_templates.reset(tenant_of(slug), KINDS[kind], language, by=HERE)
    click.echo(f"{kind} in {language} is ours.")


@letters_group.command("test")
@of_kind
@click.argument("to")
@in_language
@of_tenant
@needs_app
def send_test(kind: str, to: str, language: str, slug: str | None) -> None:
    """Send the letter with sample values to the address TO."""
    letter_templates.send_test(tenant_of(slug), KINDS[kind], language, to=to, by=HERE)
    click.echo(f"A test is on its way to {to}. See: bailiwick outbox list")


@click.group("outbox")
def outbox_group() -> None:
    """What is on its way, and what failed."""


@outbox_group.command("list")
@click.option("--failed", is_flag=True, help="What failed, and not what waits.")
@as_json
@needs_app
def list_outbox(failed: bool, as_json: bool) -> None:
    """What waits, or what failed and why. What it says is shown to nobody."""
    found = all_of(lambda after: outbox.search(failed=failed, after=after, limit=100))
    tables.rows([tables.message(each, letters.posted(each)) for each in found], empty="Nothing.", as_json=as_json)


@outbox_group.command("try")
@click.argument("message_id")
@needs_app
def try_again(message_id: str) -> None:
    """Have the message with this id tried now."""
    outbox.try_again(outbox.get(message_id), by=HERE)
    click.echo("It is tried again.")
