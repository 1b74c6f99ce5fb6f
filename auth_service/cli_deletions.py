"""`bailiwick users delete`: the end of an account."""

import click

from auth_service.cli_parts import HERE, needs_app, of_tenant, user_of
from shared.services import deletions


@click.command("delete")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_tenant
@needs_app
def delete_user(email: str, yes: bool, slug: str | None) -> None:
    """Delete an account for good, with its sessions, tokens, factors and consents."""
    user = user_of(email, slug)
    name = user.email
    if not yes:
        click.confirm(f"Delete {name}? This cannot be undone", abort=True)
    deletions.carry_out(user, by=HERE)
    click.echo(f"{name} is deleted.")
