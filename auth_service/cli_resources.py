"""`bailiwick resources`: the APIs that tokens are for."""

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.services import resources


@click.group("resources")
def resources_group() -> None:
    """APIs that tokens are for."""


@resources_group.command("list")
@click.argument("search", default="")
@of_tenant
@as_json
@needs_app
def list_resources(search: str, slug: str | None, as_json: bool) -> None:
    """Every resource, or those whose name or identifier begins with SEARCH."""
    tenant = tenant_of(slug)
    found = all_of(lambda after: resources.search(tenant, search, after=after, limit=100))
    tables.rows([tables.resource(each) for each in found], empty="No resources.", as_json=as_json)


@resources_group.command("create")
@click.argument("identifier")
@click.argument("name")
@click.option("--scope", "scopes", type=(str, str), multiple=True, metavar="SCOPE WORDS", help="Repeat for more.")
@click.option(
    "--client", "clients", multiple=True, metavar="CLIENT_ID", help="Who may ask; repeat for more. Every client unless given."
)
@click.option("--introspector", "introspectors", multiple=True, metavar="CLIENT_ID", help="Who may introspect its tokens.")
@click.option("--token-seconds", type=int, help="Its tokens live no longer than this.")
@of_tenant
@as_json
@needs_app
def create_resource(
    identifier: str,
    name: str,
    scopes: tuple[tuple[str, str], ...],
    clients: tuple[str, ...],
    introspectors: tuple[str, ...],
    token_seconds: int | None,
    slug: str | None,
    as_json: bool,
) -> None:
    """Keep one more API, which applications name by IDENTIFIER."""
    made = resources.create(
        tenant_of(slug),
        identifier=identifier,
        name=name,
        scopes=dict(scopes),
        clients=list(clients) or None,
        introspectors=list(introspectors),
        token_seconds=token_seconds,
        by=HERE,
    )
    tables.one(tables.whole_resource(made), as_json=as_json)


@resources_group.command("show")
@click.argument("identifier")
@of_tenant
@as_json
@needs_app
def show_resource(identifier: str, slug: str | None, as_json: bool) -> None:
    """All about one resource."""
    resource = resources.find(tenant_of(slug), identifier)
    if resource is None:
        raise click.ClickException("There is no resource with this identifier. See: bailiwick resources list")
    tables.one(tables.whole_resource(resource), as_json=as_json)
