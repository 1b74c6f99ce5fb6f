"""The schema: brought up to date without losing a row, and then just what the models say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text

import auth_service
from shared.kit.db import db
from shared.services import setup
from tests.parts.postgres import Postgres
from tests.parts.valkey import Valkey
from tests.parts.world import settings_for


@pytest.fixture
def empty(request: pytest.FixtureRequest, database: str, valkey: Valkey, tmp_path: Path) -> Iterator[Flask]:
    """The authorization server over a database without a table."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.db"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.create(f"empty_{uuid4().hex[:12]}")
    app = auth_service.create_app(settings_for("http://localhost:1", valkey.url, url, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrated_tables_are_what_the_models_say(empty):
    setup.migrate()
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), db.metadata)
    assert differences == []


def test_rows_of_the_first_schema_are_kept(empty):
    command.upgrade(setup._alembic(), "0001")
    ids = {name: uuid4().hex for name in ("tenant", "client", "user", "authorization")}
    with db.engine.begin() as connection:
        for statement in ROWS:
            connection.execute(text(statement), ids | {"now": datetime.now(UTC)})

    setup.migrate()

    with db.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT c.profile, c.contacts, a.sid FROM clients c JOIN authorizations a ON a.client_id = c.id")
        )
        assert [tuple(row) for row in kept] in ([("oauth21", [], "sid")], [("oauth21", "[]", "sid")])
        assert len(bytes(connection.scalar(text("SELECT subject_salt FROM tenants")))) == 32
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


ROWS = (
    "INSERT INTO tenants (id, slug, name, is_default, registration_allowed, created_at, updated_at)"
    " VALUES (:tenant, 'default', 'Default', true, true, :now, :now)",
    "INSERT INTO clients (id, tenant_id, client_id, name, name_folded, client_type, first_party, token_endpoint_auth_method,"
    " assertion_audience, redirect_uris, post_logout_redirect_uris, scopes, grant_types, require_pkce, response_modes,"
    " require_par, refresh_mode, refresh_grace_seconds, id_token_alg, access_token_alg, access_token_seconds,"
    " refresh_token_seconds, created_at, updated_at)"
    " VALUES (:client, :tenant, 'app', 'App', 'app', 'public', false, 'none', 'any', '[]', '[]', '[]', '[]', true, '[]',"
    " false, 'rotate', 30, 'ES256', 'ES256', 600, 600, :now, :now)",
    "INSERT INTO users (id, tenant_id, email, email_folded, name, name_folded, permissions, created_at, updated_at)"
    " VALUES (:user, :tenant, 'a@b.example', 'a@b.example', '', '', '[]', :now, :now)",
    "INSERT INTO authorizations (id, tenant_id, user_id, client_id, scopes, sid, auth_time, acr, amr, details,"
    " created_at, expires_at)"
    " VALUES (:authorization, :tenant, :user, :client, '[]', 'sid', 1, '1', '[]', '{}', :now, :now)",
)
