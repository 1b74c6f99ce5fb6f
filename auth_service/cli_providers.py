"""`bailiwick providers`: others with whom people can sign in."""

import sys
from typing import Any

import click

from auth_service import tables
from auth_service.cli_parts import HERE, as_json, needs_app, of_tenant, tenant_of
from shared.models.provider import Provider
from shared.models.tenant import Tenant
from shared.services import providers
from shared.services.provider_presets import OAUTH2, PRESETS
from shared.services.provider_rules import ENDPOINTS, PATHS
from shared.web import tenancy

Pairs = tuple[tuple[str, str], ...]


@click.group("providers")
def providers_group() -> None:
    """Others with whom people can sign in."""


@providers_group.command("list")
@of_tenant
@as_json
@needs_app
def list_providers(slug: str | None, as_json: bool) -> None:
    """Every provider, in the order of their buttons."""
    found = providers.of(tenant_of(slug))
    tables.rows([tables.provider(each) for each in found], empty="No providers.", as_json=as_json)


@providers_group.command("presets")
@as_json
def list_presets(as_json: bool) -> None:
    """What is known already, and where to find id and secret."""
    known = [{"preset": each.slug, "name": each.name, "asks": list(each.asks), "where": each.where} for each in PRESETS.values()]
    tables.rows(known, empty="", as_json=as_json)


@providers_group.command("create")
@click.argument("preset", type=click.Choice(list(PRESETS)))
@click.argument("client_id")
@click.option("--secret", prompt=True, hide_input=True, default="", help="Asked for, hidden; - reads it from stdin.")
@click.option("--name", help="What the button calls it.")
@click.option("--called", help="Its slug, which stands in the redirect URI.")
@click.option("--discovery-url", metavar="URL", help="openid: the issuer or its discovery document.")
@click.option("--endpoint", "endpoints", nargs=2, multiple=True, metavar="NAME URL", help=f"oauth2: {', '.join(ENDPOINTS)}.")
@click.option("--path", "paths", nargs=2, multiple=True, metavar="NAME PATH", help=f"oauth2: {', '.join(PATHS)} in its profile.")
@click.option("--set", "settings", nargs=2, multiple=True, metavar="NAME VALUE", help="What the preset asks besides.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it is asked for; repeat for more.")
@click.option("--trusts-email", is_flag=True, default=None, help="An address is verified when it says so.")
@click.option("--keeps-tokens", is_flag=True, help="Keep its tokens, sealed, for applications of yours.")
@of_tenant
@as_json
@needs_app
def create_provider(
    preset: str, client_id: str, secret: str, called: str | None, slug: str | None, as_json: bool, **more: Any
) -> None:
    """Let people sign in with PRESET, at which we are CLIENT_ID."""
    tenant = tenant_of(slug)
    kept = sys.stdin.read() if secret == "-" else secret
    rules = _rules(preset, **more)
    made = providers.create(tenant, preset=preset, client_id=client_id, secret=kept or None, slug=called, by=HERE, **rules)
    tables.one(_whole(tenant, made), as_json=as_json)


@providers_group.command("show")
@click.argument("called")
@of_tenant
@as_json
@needs_app
def show_provider(called: str, slug: str | None, as_json: bool) -> None:
    """All about one provider but its secret."""
    tenant = tenant_of(slug)
    tables.one(_whole(tenant, providers.called(tenant, called)), as_json=as_json)


@providers_group.command("switch")
@click.argument("called")
@click.argument("state", type=click.Choice(["on", "off"]))
@of_tenant
@needs_app
def switch_provider(called: str, state: str, slug: str | None) -> None:
    """Let people sign in with it, or not; what they linked stays."""
    providers.update(providers.called(tenant_of(slug), called), enabled=state == "on", by=HERE)
    click.echo(f"{called} is switched {state}.")


@providers_group.command("delete")
@click.argument("called")
@of_tenant
@needs_app
def delete_provider(called: str, slug: str | None) -> None:
    """Take it away, with what people linked of it."""
    providers.delete(providers.called(tenant_of(slug), called), by=HERE)
    click.echo(f"Nobody can sign in with {called} any more.")


def _rules(preset: str, *, endpoints: Pairs, paths: Pairs, settings: Pairs, **rest: Any) -> dict[str, Any]:
    given = {name: value for name, value in rest.items() if value not in (None, ())}
    if preset == OAUTH2:
        given |= {"endpoints": dict(endpoints), "paths": {**PRESETS[preset].paths, **dict(paths)}}
    asked = PRESETS[preset].asks
    if unknown := [name for name, _ in settings if name not in (*asked, "authentication")]:
        raise click.ClickException(f"{preset} has no setting {unknown[0]}; it has {', '.join(asked) or 'none'}.")
    return {**given, **dict(settings)}


def _whole(tenant: Tenant, row: Provider) -> dict[str, Any]:
    callback = tenancy.provider_callback(tenant, row.slug)
    return {**tables.whole_provider(row), "redirect_uri": callback, "people": providers.people(row)}
