"""`bailiwick invitations`: letting somebody make an account."""

import click

from auth_service import tables
from auth_service.cli_parts import HERE, all_of, as_json, needs_app, of_tenant, tenant_of
from shared.services import invitations


@click.group("invitations")
def invitations_group() -> None:
    """Invitations to make an account: a link by letter, for seven days."""


@invitations_group.command("list")
@click.argument("search", default="")
@of_tenant
@as_json
@needs_app
def list_invitations(search: str, slug: str | None, as_json: bool) -> None:
    """Every invitation, or those whose e-mail address begins with SEARCH."""
    tenant = tenant_of(slug)
    found = all_of(lambda after: invitations.search(tenant, search, after=after, limit=100))
    tables.rows([tables.invitation(each) for each in found], empty="No invitations.", as_json=as_json)


@invitations_group.command("create")
@click.argument("email")
@of_tenant
@as_json
@needs_app
def create_invitation(email: str, slug: str | None, as_json: bool) -> None:
    """Invite whoever reads EMAIL."""
    tables.one(tables.invitation(invitations.create(tenant_of(slug), email=email, by=HERE)), as_json=as_json)


@invitations_group.command("send-again")
@click.argument("invitation_id")
@of_tenant
@as_json
@needs_app
def send_invitation_again(invitation_id: str, slug: str | None, as_json: bool) -> None:
    """Send the invitation with this id once more; the link before ends."""
    row = invitations.get(tenant_of(slug), invitation_id)
    tables.one(tables.invitation(invitations.send_again(row, by=HERE)), as_json=as_json)


@invitations_group.command("revoke")
@click.argument("invitation_id")
@of_tenant
@needs_app
def revoke_invitation(invitation_id: str, slug: str | None) -> None:
    """Let nobody make an account with the invitation with this id."""
    row = invitations.revoke(invitations.get(tenant_of(slug), invitation_id), by=HERE)
    click.echo(f"The invitation of {row.email} is revoked.")
