"""`bailiwick issuers`: others whose signed word about a person is believed."""

from typing import TextIO

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.models.tenant import Tenant
from shared.models.trusted_issuer import SUBJECT_EMAIL, SUBJECT_ID, TrustedIssuer
from shared.services import trusted_issuers


@click.group("issuers")
def issuers_group() -> None:
    """Others whose signed word about a person buys a token."""


@issuers_group.command("list")
@click.argument("search", default="")
@of_tenant
@as_json
@needs_app
def list_issuers(search: str, slug: str | None, as_json: bool) -> None:
    """Every trusted issuer, or those whose name or issuer begins with SEARCH."""
    tenant = tenant_of(slug)
    found = all_of(lambda after: trusted_issuers.search(tenant, search, after=after, limit=100))
    tables.rows([tables.issuer(each) for each in found], empty="No trusted issuers.", as_json=as_json)


@issuers_group.command("create")
@click.argument("issuer")
@click.argument("name")
@click.option("--jwks-uri", metavar="URL", help="Where it publishes its public keys.")
@click.option("--jwks", type=click.File(), help="A file with its public keys, when it publishes none.")
@click.option("--subject-is", type=click.Choice([SUBJECT_ID, SUBJECT_EMAIL]), default=SUBJECT_ID, help="What its sub is to us.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What its word buys; repeat for more.")
@click.option("--client", "clients", multiple=True, metavar="CLIENT_ID", help="Who may bring its word; repeat for more.")
@click.option("--every-client", is_flag=True, help="Every confidential client that has the grant may bring its word.")
@of_tenant
@as_json
@needs_app
def create_issuer(
    issuer: str,
    name: str,
    jwks_uri: str | None,
    jwks: TextIO | None,
    subject_is: str,
    scopes: tuple[str, ...],
    clients: tuple[str, ...],
    every_client: bool,
    slug: str | None,
    as_json: bool,
) -> None:
    """Trust ISSUER, as it stands in iss."""
    made = trusted_issuers.create(
        tenant_of(slug),
        issuer=issuer,
        name=name,
        jwks_uri=jwks_uri,
        jwks=jwks.read() if jwks else None,
        subject_is=subject_is,
        scopes=list(scopes),
        clients=None if every_client else list(clients),
        by=HERE,
    )
    tables.one(tables.whole_issuer(made), as_json=as_json)


@issuers_group.command("show")
@click.argument("issuer")
@of_tenant
@as_json
@needs_app
def show_issuer(issuer: str, slug: str | None, as_json: bool) -> None:
    """All about one trusted issuer."""
    tables.one(tables.whole_issuer(_called(tenant_of(slug), issuer)), as_json=as_json)


@issuers_group.command("delete")
@click.argument("issuer")
@of_tenant
@needs_app
def delete_issuer(issuer: str, slug: str | None) -> None:
    """Trust ISSUER no longer."""
    trusted_issuers.delete(_called(tenant_of(slug), issuer), by=HERE)
    click.echo(f"{issuer} is not trusted any more.")


def _called(tenant: Tenant, issuer: str) -> TrustedIssuer:
    found = trusted_issuers.find(tenant, issuer)
    if found is None:
        raise click.ClickException("There is no such issuer. See: bailiwick issuers list")
    return found
