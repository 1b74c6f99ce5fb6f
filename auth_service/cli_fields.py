"""`bailiwick fields`: what a tenant asks of its people; and `bailiwick users fields`: what they have under it."""

from typing import Any

import click

from auth_service import tables
from auth_service.cli_parts import HERE, as_json, needs_app, of_tenant, tenant_of
from shared.kit.errors import NotFound
from shared.models.tenant import Tenant
from shared.models.user_field import OPERATOR, UserField
from shared.services import field_kinds, field_values, user_fields, users

RULES = (
    click.option("--hint", help="What people read below the input."),
    click.option("--choice", "choices", type=(str, str), multiple=True, metavar="VALUE WORDS", help="Repeat for more."),
    click.option("--required/--optional", default=None, help="Whether new accounts can do without."),
    click.option("--default", help="What an account has where nothing is given; empty for nothing."),
    click.option("--at-sign-up/--not-at-sign-up", default=None, help="Whether it is asked for when an account is made."),
    click.option("--editable/--not-editable", default=None, help="Whether people may change it themselves."),
    click.option("--claim", help="The claim that it becomes; empty for none."),
    click.option("--scope", help="The scope that releases it."),
)


def rules(command: Any) -> Any:
    """The options of whatever makes or changes a field; those that are not given are not passed on."""
    for option in reversed(RULES):
        command = option(command)
    return command


@click.group("fields")
def fields_group() -> None:
    """User fields: what a tenant asks of its people."""


@fields_group.command("list")
@of_tenant
@as_json
@needs_app
def list_fields(slug: str | None, as_json: bool) -> None:
    """Every field, in the order in which people are asked."""
    found = user_fields.listed(tenant_of(slug))
    tables.rows([tables.field(each) for each in found], empty="No fields.", as_json=as_json)


@fields_group.command("create")
@click.argument("kind", type=click.Choice(list(field_kinds.KINDS)))
@click.argument("name")
@click.option("--slug", "called", help="What programs call it; made from the name unless given.")
@rules
@of_tenant
@as_json
@needs_app
def create_field(kind: str, name: str, called: str | None, slug: str | None, as_json: bool, **given: Any) -> None:
    """Ask for one thing more, which people know as NAME."""
    made = user_fields.create(tenant_of(slug), kind=kind, name=name, slug=called, by=HERE, **_said(given))
    tables.one(tables.whole_field(made), as_json=as_json)


@fields_group.command("set")
@click.argument("field")
@click.option("--name", help="What people read beside the input.")
@click.option("--position", type=click.IntRange(0, 99), help="Its place among the fields, the first being 0.")
@rules
@of_tenant
@as_json
@needs_app
def set_field(field: str, name: str | None, position: int | None, slug: str | None, as_json: bool, **given: Any) -> None:
    """Change the rules of the field with the slug FIELD; what is not named stays."""
    changed = user_fields.change(_called(tenant_of(slug), field), by=HERE, **_said({"name": name, **given}))
    if position is not None:
        user_fields.place(changed, position, by=HERE)
    tables.one(tables.whole_field(_called(tenant_of(slug), field)), as_json=as_json)


@fields_group.command("delete")
@click.argument("field")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_tenant
@needs_app
def delete_field(field: str, yes: bool, slug: str | None) -> None:
    """Ask no longer for the field with the slug FIELD; what people have under it is deleted too."""
    found = _called(tenant_of(slug), field)
    if not yes:
        click.confirm(f"{found.name}: {user_fields.count(found)} have a value, which is lost. Delete it?", abort=True)
    lost = user_fields.delete(found, by=HERE)
    click.echo(f"{found.name} is deleted, with {lost} values.")


@click.command("fields")
@click.argument("email")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@of_tenant
@as_json
@needs_app
def fields_of_user(email: str, values: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Show what a person has under the fields, after setting those that are given.

    company=Engines sets one, company= takes it away. Several choices are written one after the other: team=red team=blue.
    Parts of an address are named home.locality and so on.
    """
    tenant = tenant_of(slug)
    user = users.find_by_email(tenant, email)
    if user is None:
        raise click.ClickException("There is nobody with this e-mail address. See: bailiwick users list")
    fields = user_fields.listed(tenant)
    if values:
        typed = _typed(values, fields, field_values.of(user, fields))
        user = field_values.change(user, tenant, typed, where=OPERATOR, by=HERE)
    tables.one(field_values.of(user, fields), as_json=as_json)


def _said(given: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in given.items() if value is not None and value != ()}
    return said | ({"choices": [list(pair) for pair in said["choices"]]} if "choices" in said else {})


def _called(tenant: Tenant, slug: str) -> UserField:
    found = user_fields.find(tenant, slug)
    if found is None:
        raise NotFound("There is no field with this slug. See: bailiwick fields list")
    return found


def _typed(words: tuple[str, ...], fields: list[UserField], kept: dict[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    addresses = {field.slug for field in fields if field.kind == "address"}
    for word in words:
        name, sign, text = word.partition("=")
        slug, dot, part = name.partition(".")
        if not sign:
            raise click.UsageError("Write each value as FIELD=VALUE.")
        if dot and slug in addresses:
            typed[slug] = {**typed.get(slug, kept.get(slug, {})), part: text}
        else:
            typed[name] = f"{typed[name]}\n{text}" if name in typed else text
    return typed
