"""`bailiwick clients`: the applications."""

from typing import TextIO

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.models.client import PRIVATE_KEY_JWT, Client
from shared.services import clients


@click.group("clients")
def clients_group() -> None:
    """Applications."""


@clients_group.command("list")
@click.argument("search", default="")
@of_tenant
@as_json
@needs_app
def list_clients(search: str, slug: str | None, as_json: bool) -> None:
    """Every client, or those whose name or client id begins with SEARCH."""
    tenant = tenant_of(slug)
    found = all_of(lambda after: clients.search(tenant, search, after=after, limit=100))
    tables.rows([tables.client(client) for client in found], empty="No clients.", as_json=as_json)


@clients_group.command("create")
@click.argument("name")
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="URL", help="Where it may return to; repeat for more.")
@click.option("--public", is_flag=True, help="It cannot keep a secret: a browser, desktop or mobile application.")
@click.option("--first-party", is_flag=True, help="It is ours: people are not asked for consent.")
@click.option(
    "--jwks-uri", metavar="URL", help="It signs with its own key, whose public part is at this address (private_key_jwt)."
)
@click.option("--jwks", type=click.File(), help="It signs with its own key; its public keys are in this file.")
@of_tenant
@as_json
@needs_app
def create_client(
    name: str,
    redirect_uris: tuple[str, ...],
    public: bool,
    first_party: bool,
    jwks_uri: str | None,
    jwks: TextIO | None,
    slug: str | None,
    as_json: bool,
) -> None:
    """Make a client; its secret is printed once."""
    signs = {"token_endpoint_auth_method": PRIVATE_KEY_JWT, "jwks_uri": jwks_uri, "jwks": jwks.read() if jwks else None}
    client, secret = clients.register(
        tenant_of(slug),
        name=name,
        client_type="public" if public else "confidential",
        redirect_uris=list(redirect_uris),
        first_party=first_party,
        by=HERE,
        **(signs if jwks_uri or jwks else {}),
    )
    tables.one(tables.client(client) | ({"client_secret": secret} if secret else {}), as_json=as_json)


@clients_group.command("show")
@click.argument("client_id")
@of_tenant
@as_json
@needs_app
def show_client(client_id: str, slug: str | None, as_json: bool) -> None:
    """All about one client but its secret."""
    tables.one(tables.whole_client(_client(client_id, slug)), as_json=as_json)


@clients_group.command("disable")
@click.argument("client_id")
@click.option("--reason", default="", help="Kept with the client and in the audit log.")
@of_tenant
@needs_app
def disable_client(client_id: str, reason: str, slug: str | None) -> None:
    """Refuse a client everywhere, with its tokens, until it is enabled again."""
    client = clients.disable(_client(client_id, slug), reason=reason, by=HERE)
    click.echo(f"{client.name} is disabled.")


@clients_group.command("enable")
@click.argument("client_id")
@of_tenant
@needs_app
def enable_client(client_id: str, slug: str | None) -> None:
    """Let a client in again."""
    client = clients.enable(_client(client_id, slug), by=HERE)
    click.echo(f"{client.name} is enabled.")


def _client(client_id: str, slug: str | None) -> Client:
    client = clients.find(tenant_of(slug), client_id)
    if client is None:
        raise click.ClickException("There is no client with this id. See: bailiwick clients list")
    return client
