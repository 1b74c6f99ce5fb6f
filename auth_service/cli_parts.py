"""What every command of `bailiwick` stands on: its options, the application around it, and the tenant it is about."""

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from auth_service import create_app, tables
from shared.kit import settings
from shared.kit.errors import AppError
from shared.kit.faults import PARTS_GONE
from shared.kit.page import Page
from shared.models.audit import Actor
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import tenants, users

HERE = Actor.system("command line")
# A quickstart leaves its settings here; those of the environment win.
QUICKSTART_SETTINGS = Path("var/settings.env")
Row = TypeVar("Row")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
of_tenant = click.option("--tenant", "slug", metavar="SLUG", help="The tenant; the default one unless given.")


def needs_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run `command` inside the application; what is wrong is said in one line."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        try:
            with create_app(_settings()).app_context():
                return command(*args, **options)
        except AppError as error:
            raise click.ClickException(error.message) from error
        except PARTS_GONE as error:
            raise click.ClickException("The database or Redis does not answer. `bailiwick doctor` says more.") from error

    return run


def tenant_of(slug: str | None) -> Tenant:
    """The tenant that a command is about."""
    tenant = tenants.find(slug) if slug else tenants.default()
    if tenant is None:
        raise click.ClickException(f"There is no tenant {slug}.")
    return tenant


def user_of(email: str, slug: str | None) -> User:
    """The person that a command is about."""
    user = users.find_by_email(tenant_of(slug), email)
    if user is None:
        raise click.ClickException("There is nobody with this e-mail address. See: bailiwick users list")
    return user


def all_of(fetch: Callable[[str | None], Page[Row]]) -> Iterator[Row]:
    """The rows of every page."""
    after = None
    while True:
        page = fetch(after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _settings() -> settings.Settings:
    try:
        return settings.load(_env_file=QUICKSTART_SETTINGS)
    except ValidationError as error:
        raise click.ClickException("\n".join(tables.complaints(error))) from error
