"""Set-up: the schema, and the first start, which makes the default tenant, the first administrator and the first client."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

import shared
from shared.kit import ids, log
from shared.kit.db import db, transaction
from shared.kit.errors import Unavailable
from shared.models.audit import Actor
from shared.models.scope import SCOPES
from shared.models.tenant import Tenant
from shared.models.user import OPERATOR
from shared.services import clients, keys, tenants, users

FIRST_ADMIN = "admin@example.com"
QUICKSTART = Actor.system("quickstart")


@dataclass(frozen=True)
class FirstStart:
    """What the first start made, with the two secrets that are told only now."""

    admin_email: str
    admin_password: str
    client_id: str
    client_secret: str


def migrate() -> None:
    """Bring the schema to what this version of the code expects; does nothing when it is. Raises Unavailable."""
    try:
        command.upgrade(_alembic(), "head")
    except DBAPIError as error:
        raise Unavailable(f"The database cannot be brought up to date: {str(error.orig).splitlines()[0]}") from error
    log.get().info("database.migrated", version=_versions())


def migrated() -> bool:
    """Whether the schema is what this version of the code expects."""
    return set(_versions()) == set(ScriptDirectory.from_config(_alembic()).get_heads())


def default_tenant(*, by: Actor) -> Tenant:
    """The tenant at the root, made if there is none yet."""
    with transaction():
        return tenants.find(None) or tenants.create(name="Bailiwick", slug="default", is_default=True, by=by)


def first_start(public_url: str, *, keep: Callable[[FirstStart], None]) -> FirstStart | None:
    """Make the first rows, or return None when a tenant is there already.

    `keep` is called before anything is committed: if it fails, or we do, the next start is the first one again.
    """
    with transaction() as session:
        if session.scalar(select(Tenant.id).limit(1)):
            return None
        tenant = default_tenant(by=QUICKSTART)
        made = _first_rows(tenant, public_url)
        keep(made)
    # Made now, so that the first person who signs in does not wait for them.
    keys.jwks(tenant)
    return made


def follow_public_url(client_id: str, public_url: str) -> None:
    """Let the client of the documentation return to `public_url` too, where the server is found from now on."""
    client = clients.find(tenants.default(), client_id)
    if client is not None and docs_redirect(public_url) not in client.redirect_uris:
        clients.add_redirect_uri(client, docs_redirect(public_url), by=QUICKSTART)


def docs_redirect(public_url: str) -> str:
    """Where the interactive documentation takes its codes."""
    return f"{public_url}/docs/oauth2-redirect"


def _first_rows(tenant: Tenant, public_url: str) -> FirstStart:
    password = ids.token(15)
    users.create(
        tenant, email=FIRST_ADMIN, name="Admin", password=password, permissions=(OPERATOR,), verified=True, by=QUICKSTART
    )
    client, secret = clients.register(
        tenant,
        name="Default client",
        first_party=True,
        # The documentation shows the API of operators too; it opens to operators alone.
        scopes=list(SCOPES),
        redirect_uris=[docs_redirect(public_url)],
        # Applications written for Fief check RS256 only.
        id_token_alg="RS256",
        access_token_alg="RS256",
        keep_secret=True,
        by=QUICKSTART,
    )
    return FirstStart(FIRST_ADMIN, password, client.client_id, secret or "")


def _versions() -> tuple[str, ...]:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(shared.__file__).parent / "migrations"))
    return config
