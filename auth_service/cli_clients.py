"""`bailiwick clients`: the applications."""

from typing import TextIO

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.models import scope
from shared.models.client import PRIVATE_KEY_JWT, PROFILES, Client
from shared.services import client_profiles, client_settings, clients
from shared.services.client_profiles import Finding


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
@click.option(
    "--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may ask for, in place of the usual; repeat for more."
)
@click.option("--public", is_flag=True, help="It cannot keep a secret: a browser, desktop or mobile application.")
@click.option("--first-party", is_flag=True, help="It is ours: people are not asked for consent.")
@click.option(
    "--jwks-uri", metavar="URL", help="It signs with its own key, whose public part is at this address (private_key_jwt)."
)
@click.option("--jwks", type=click.File(), help="It signs with its own key; its public keys are in this file.")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="oauth21", show_default=True, help="Settings that belong together."
)
@of_tenant
@as_json
@needs_app
def create_client(
    name: str,
    redirect_uris: tuple[str, ...],
    scopes: tuple[str, ...],
    public: bool,
    first_party: bool,
    jwks_uri: str | None,
    jwks: TextIO | None,
    profile: str,
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
        profile=profile,
        by=HERE,
        **(signs if jwks_uri or jwks else {}),
        **({"scopes": scope.parse(" ".join(scopes))} if scopes else {}),
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


@clients_group.command("set")
@click.argument("client_id")
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=VALUE …")
@of_tenant
@as_json
@needs_app
def set_client(client_id: str, pairs: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Change settings, as `show` names them: require_par=true refresh_mode=grace "scopes=openid email" default_max_age=

    A list is written with blanks between its parts, that of response_types with commas, and nothing after the = takes a setting
    away.
    """
    client = clients.update(_client(client_id, slug), by=HERE, **client_settings.parsed(pairs))
    tables.one(tables.whole_client(client), as_json=as_json)


@clients_group.command("apply")
@click.argument("client_id")
@click.argument("profile", type=click.Choice(PROFILES))
@of_tenant
@as_json
@needs_app
def apply_profile(client_id: str, profile: str, slug: str | None, as_json: bool) -> None:
    """Set all that PROFILE asks for; what only the application's developers can mend is printed."""
    client = clients.apply_profile(_client(client_id, slug), profile, by=HERE)
    _print_findings([(client, client_profiles.lint(client))], as_json=as_json)


@clients_group.command("lint")
@click.argument("client_id", required=False)
@of_tenant
@as_json
@needs_app
def lint_clients(client_id: str | None, slug: str | None, as_json: bool) -> None:
    """Each setting that departs from its client's profile; exit status 1 when there is one. Every client unless one is named."""
    tenant = tenant_of(slug)
    every = all_of(lambda after: clients.search(tenant, after=after, limit=100))
    checked = [_client(client_id, slug)] if client_id else list(every)
    found = [(client, client_profiles.lint(client)) for client in checked]
    _print_findings(found, as_json=as_json)
    if any(findings for _, findings in found):
        raise SystemExit(1)


def _print_findings(found: list[tuple[Client, list[Finding]]], *, as_json: bool) -> None:
    if as_json:
        tables.rows([tables.finding(client, each) for client, several in found for each in several], empty="", as_json=True)
        return
    for client, several in found:
        click.echo(f"{client.client_id}  {client.name}  {client.profile}: {len(several) or 'nothing'} to mend")
        for each in several:
            click.echo(f"  {each.setting} is {each.written}, should be {each.should}")
            click.echo(f"    {each.why}\n    {each.mend}")


def _client(client_id: str, slug: str | None) -> Client:
    client = clients.find(tenant_of(slug), client_id)
    if client is None:
        raise click.ClickException("There is no client with this id. See: bailiwick clients list")
    return client
