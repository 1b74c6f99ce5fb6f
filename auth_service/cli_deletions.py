"""`bailiwick users delete`: the end of an account."""

import click

from auth_service.cli_parts import HERE, needs_app, of_tenant, tenant_of
from shared.services import deletions, users


@click.command("delete")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_tenant
@needs_app
def delete_user(email: str, yes: bool, slug: str | None) -> None:
    """Delete an account for good, with its sessions, tokens, factors and consents."""
    user = users.find_by_email(tenant_of(slug), email)
    if user is None:
        raise click.ClickException("There is nobody with this e-mail address. See: bailiwick users list")
    name = user.email
    if not yes:
        click.confirm(f"Delete {name}? This cannot be undone", abort=True)
    deletions.carry_out(user, by=HERE)
    click.echo(f"{name} is deleted.")
