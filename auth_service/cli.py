"""The third door: `bailiwick` on the command line."""

import os
import sys

import click
from pydantic import ValidationError

from auth_service import create_app, tables
from auth_service.cli_claims import user_claims
from auth_service.cli_clients import clients_group
from auth_service.cli_deletions import delete_user
from auth_service.cli_fields import fields_group, fields_of_user
from auth_service.cli_invitations import invitations_group
from auth_service.cli_issuers import issuers_group
from auth_service.cli_letters import letters_group, outbox_group
from auth_service.cli_parts import HERE, QUICKSTART_SETTINGS, all_of, as_json, needs_app, of_tenant, tenant_of, user_of
from auth_service.cli_providers import providers_group
from auth_service.cli_resources import resources_group
from auth_service.cli_tenants import tenants_group
from shared.kit import settings
from shared.services import checkup, enrolments, keys, session_ends, setup, users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bailiwick")
def main() -> None:
    """Bailiwick, a self-hosted authorization server."""


@main.command()
def run() -> None:
    """Start everything in this folder, on embedded parts."""
    os.execv(sys.executable, [sys.executable, "-m", "quickstart"])  # noqa: S606  # our own module, no shell


@main.command()
@needs_app
def migrate() -> None:
    """Bring the database up to date; safe to repeat."""
    setup.migrate()
    setup.default_tenant(by=HERE)
    click.echo("The database is up to date.")


@main.command()
def worker() -> None:
    """Do the work in the background: letters, rotation, purging."""
    os.execv(sys.executable, [sys.executable, "-m", "auth_service.worker"])  # noqa: S606  # our own module, no shell


@main.command()
@click.option("--email", prompt="E-mail")
@click.option("--name", default="", help="How the dashboard greets them.")
@click.password_option(help="Asked for, hidden, unless given.")
@needs_app
def create_admin(email: str, name: str, password: str) -> None:
    """Make an account that may use the dashboard."""
    tenant = setup.default_tenant(by=HERE)
    permissions = users.PERMISSIONS
    user = users.create(tenant, email=email, name=name, password=password, permissions=permissions, verified=True, by=HERE)
    click.echo(f"{user.email} may now sign in to {settings.current().public_url}/admin")


@main.group("users")
def users_group() -> None:
    """People."""


@users_group.command("list")
@click.argument("search", default="")
@of_tenant
@as_json
@needs_app
def list_users(search: str, slug: str | None, as_json: bool) -> None:
    """Everyone, or those whose e-mail address or name begins with SEARCH."""
    tenant = tenant_of(slug)
    found = all_of(lambda after: users.search(tenant, search, after=after, limit=100))
    tables.rows([tables.user(user) for user in found], empty="Nobody yet.", as_json=as_json)


@users_group.command("create")
@click.option("--email", prompt="E-mail")
@click.option("--name", default="")
@click.password_option(help="Asked for, hidden, unless given.")
@of_tenant
@as_json
@needs_app
def create_user(email: str, name: str, password: str, slug: str | None, as_json: bool) -> None:
    """Make an account."""
    user = users.create(tenant_of(slug), email=email, name=name, password=password, by=HERE)
    tables.one(tables.user(user), as_json=as_json)


@users_group.command("disable")
@click.argument("email")
@click.option("--reason", default="", help="Kept in the audit log.")
@of_tenant
@needs_app
def disable_user(email: str, reason: str, slug: str | None) -> None:
    """Close an account; its sessions and tokens end."""
    user = users.disable(user_of(email, slug), by=HERE, reason=reason)
    click.echo(f"{user.email} is disabled.")


@users_group.command("enable")
@click.argument("email")
@of_tenant
@needs_app
def enable_user(email: str, slug: str | None) -> None:
    """Open a disabled account again."""
    user = users.enable(user_of(email, slug), by=HERE)
    click.echo(f"{user.email} is enabled.")


@users_group.command("sign-out")
@click.argument("email")
@of_tenant
@needs_app
def sign_out_user(email: str, slug: str | None) -> None:
    """End every session of somebody, and every token that they let applications have."""
    user = user_of(email, slug)
    session_ends.every(user, by=HERE)
    click.echo(f"{user.email} is signed out everywhere.")


@users_group.group("factors")
def factors_group() -> None:
    """What people prove themselves with besides a password."""


@factors_group.command("reset")
@click.argument("email")
@of_tenant
@needs_app
def reset_factors(email: str, slug: str | None) -> None:
    """Take every second factor from somebody who lost them, with their recovery codes. The password stays."""
    user = user_of(email, slug)
    count = enrolments.reset(user, by=HERE)
    click.echo(f"{user.email} has no second factor any more; there {'was 1' if count == 1 else f'were {count}'}.")


@main.group("keys")
def keys_group() -> None:
    """Signing keys."""


@keys_group.command("list")
@of_tenant
@as_json
@needs_app
def list_keys(slug: str | None, as_json: bool) -> None:
    """Every key that is published, and those that were revoked lately."""
    found = keys.known(tenant_of(slug))
    tables.rows([tables.key(key) for key in found], empty="No keys yet: they are made on first use.", as_json=as_json)


@keys_group.command("rotate")
@click.option("--at-once", is_flag=True, help="Sign with the new keys now, without announcing them for a day: after a leak.")
@of_tenant
@as_json
@needs_app
def rotate_keys(at_once: bool, slug: str | None, as_json: bool) -> None:
    """Publish new keys, which sign from tomorrow."""
    made = keys.rotate(tenant_of(slug), by=HERE, at_once=at_once)
    tables.rows([tables.key(key) for key in made], empty="", as_json=as_json)


@keys_group.command("revoke")
@click.argument("kid")
@click.option("--reason", default="", help="Kept with the key and in the audit log.")
@of_tenant
@as_json
@needs_app
def revoke_key(kid: str, reason: str, slug: str | None, as_json: bool) -> None:
    """End the key called KID now: after a leak. What it signed is refused, and a new one signs in its place."""
    tenant = tenant_of(slug)
    keys.revoke(tenant, kid, reason=reason, by=HERE)
    tables.rows([tables.key(key) for key in keys.known(tenant)], empty="", as_json=as_json)


@main.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check the installation; exit status 1 when something needs mending."""
    found = _findings()
    tables.findings(found, as_json=as_json)
    if not all(finding.ok for finding in found):
        raise SystemExit(1)


@main.command("settings")
def show_settings() -> None:
    """Every setting, as the page docs/settings.md."""
    click.echo(tables.settings_page(), nl=False)


def _findings() -> list[checkup.Finding]:
    try:
        # Not by `needs_app`: here, too, what is missing is a finding.
        with create_app(settings.load(_env_file=QUICKSTART_SETTINGS)).app_context():
            return [checkup.Finding("settings", True, "complete"), *checkup.findings()]
    except ValidationError as error:
        return [checkup.Finding("settings", False, words, "See docs/settings.md.") for words in tables.complaints(error)]


main.add_command(clients_group)
main.add_command(fields_group)
main.add_command(invitations_group)
main.add_command(issuers_group)
main.add_command(letters_group)
main.add_command(outbox_group)
main.add_command(providers_group)
main.add_command(resources_group)
main.add_command(tenants_group)
users_group.add_command(user_claims)
users_group.add_command(fields_of_user)
users_group.add_command(delete_user)

if __name__ == "__main__":
    main()
