"""`bailiwick tenants`: populations of users, and who may register clients with them."""

from typing import Any

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, tenant_of
from shared.models.tenant import CLIENT_REGISTRATION, EMAIL_VERIFICATION, FACTORS, SECOND_FACTOR, SIGN_UP
from shared.services import initial_access, tenants

of_slug = click.argument("slug", required=False)


@click.group("tenants")
def tenants_group() -> None:
    """Populations of users. Commands are about the default one unless a SLUG is given."""


@tenants_group.command("list")
@click.argument("search", default="")
@as_json
@needs_app
def list_tenants(search: str, as_json: bool) -> None:
    """Every tenant, or those whose slug begins with SEARCH."""
    found = all_of(lambda after: tenants.search(search, after=after, limit=100))
    tables.rows([tables.tenant(each) for each in found], empty="No tenants.", as_json=as_json)


@tenants_group.command("create")
@click.argument("name")
@click.option("--slug", help="How its addresses name it; made from the name unless given.")
@as_json
@needs_app
def create_tenant(name: str, slug: str | None, as_json: bool) -> None:
    """Make a tenant."""
    tables.one(tables.tenant(tenants.create(name=name, slug=slug, by=HERE)), as_json=as_json)


@tenants_group.command("show")
@of_slug
@as_json
@needs_app
def show_tenant(slug: str | None, as_json: bool) -> None:
    """All about one tenant."""
    tables.one(tables.whole_tenant(tenant_of(slug)), as_json=as_json)


@tenants_group.command("set")
@of_slug
@click.option("--name")
@click.option(
    "--client-registration",
    type=click.Choice(CLIENT_REGISTRATION),
    help="Whether clients register themselves: off, with an initial access token, or open to anybody.",
)
@click.option("--client-documents", type=bool, metavar="on|off", help="Whether a client_id may be the address of its document.")
@click.option("--require-par", type=bool, metavar="on|off", help="Whether every client must push its requests.")
@click.option(
    "--implicit-allowed",
    type=bool,
    metavar="on|off",
    help="Whether clients that registered it may have tokens without a code, in the address. Unsafe: for certification, and for"
    " applications that know nothing else.",
)
@click.option("--language", help="What people read who have not said: a tag such as fr.")
@click.option("--mail-name", help="Who letters are from; its name unless set.")
@click.option("--mail-from", help="The address that letters are from; the installation's unless set.")
@click.option("--support-contact", help="Whom people can ask for help: an https address or an e-mail address.")
@click.option("--factor", "factors", multiple=True, type=click.Choice(FACTORS), help="How people may sign in; repeat for more.")
@click.option("--second-factor", type=click.Choice(SECOND_FACTOR), help="Of whom a second factor is asked.")
@click.option("--sign-up", type=click.Choice(SIGN_UP), help="Who may create an account.")
@click.option(
    "--sign-up-domain",
    "sign_up_domains",
    multiple=True,
    metavar="DOMAIN",
    help="With --sign-up=domain, whose addresses; .example.com is everything below it. Repeat it for more.",
)
@click.option(
    "--email-verification",
    type=click.Choice(EMAIL_VERIFICATION),
    help="Whether an address is verified before the account opens, is required by every application, or comes later.",
)
@click.option("--password-least", type=int, metavar="8..64", help="How many characters a password has at least.")
@as_json
@needs_app
def set_tenant(slug: str | None, as_json: bool, **options: Any) -> None:
    """Change what is given."""
    changes = {name: value for name, value in options.items() if value is not None and value != ()}
    tables.one(tables.whole_tenant(tenants.update(tenant_of(slug), by=HERE, **changes)), as_json=as_json)


@tenants_group.group("token")
def token_group() -> None:
    """Initial access tokens, with which clients register (RFC 7591)."""


@token_group.command("list")
@of_slug
@as_json
@needs_app
def list_tokens(slug: str | None, as_json: bool) -> None:
    """Those that serve."""
    found = initial_access.of(tenant_of(slug))
    tables.rows([tables.initial_access(each) for each in found], empty="No tokens.", as_json=as_json)


@token_group.command("create")
@click.argument("name")
@of_slug
@click.option("--uses", type=int, help="So many registrations; without end unless given.")
@click.option("--days", type=int, help="It serves so long; without end unless given.")
@as_json
@needs_app
def create_token(name: str, slug: str | None, uses: int | None, days: int | None, as_json: bool) -> None:
    """Make one for NAME; it is printed once."""
    row, token = initial_access.create(tenant_of(slug), name=name, uses=uses, days=days, by=HERE)
    tables.one(tables.initial_access(row) | {"token": token}, as_json=as_json)


@token_group.command("revoke")
@click.argument("token_id")
@of_slug
@needs_app
def revoke_token(token_id: str, slug: str | None) -> None:
    """Let nobody register with the token with this id any more."""
    row = initial_access.get(tenant_of(slug), token_id)
    initial_access.revoke(row, by=HERE)
    click.echo(f"The token for {row.name} is revoked.")
