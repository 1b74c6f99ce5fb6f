"""How Alembic runs here: inside an application context, on the application's own engine, one at a time."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, text

from shared import models
from shared.kit.db import BEGIN, Moment, db
from shared.models import outbox, verification

# Imported for their tables.
TABLES = (models, outbox, verification)
# Any fixed number: two deployments that start at once migrate one after the other.
LOCK = 4207


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own types as what they are in the database, so that old migrations outlive the code."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def run() -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if sqlite:
            # A table that is made anew must not take what refers to it along; only outside a transaction can this be said.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        # Begun before Alembic looks, which then leaves the transaction to us: all migrations, or none.
        connection.exec_driver_sql(BEGIN[connection.dialect.name])
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=sqlite,
            compare_type=True,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            context.run_migrations()
        connection.commit()
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
