"""The database: PostgreSQL, or SQLite in WAL mode. Reads are autocommitted; writes go through `transaction`."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Insert,
    MetaData,
    Select,
    String,
    and_,
    bindparam,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeDecorator

from shared.kit import postgres
from shared.kit.errors import NotFound, Unavailable
from shared.kit.words import said

CONNECTION_LOST = (OperationalError, InterfaceError)
BEGIN = {
    "postgresql": "BEGIN ISOLATION LEVEL READ COMMITTED",
    # A deferred transaction that turns to writing can fail at once however long it may wait.
    "sqlite": "BEGIN IMMEDIATE",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, also on SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # Flask-SQLAlchemy makes a base of its own out of this one: a registry goes through, a bare type_annotation_map does not.
    registry = registry(
        type_annotation_map={
            datetime: Moment,
            dict[str, Any]: JSON().with_variant(JSONB, "postgresql"),
            list[str]: JSON().with_variant(JSONB, "postgresql"),
            list[list[str]]: JSON().with_variant(JSONB, "postgresql"),
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})


def init_app(app: Flask, url: str) -> None:
    """Join the application to the database at `url`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(url)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
        else:
            event.listen(db.engine, "do_connect", postgres.Connection.opened)


def _engine_options(url: str) -> dict[str, Any]:
    # A read needs no transaction of its own: autocommit saves two round trips.
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "json_deserializer": orjson.loads}
    if make_url(url).get_backend_name() == "postgresql":
        # Lost connections are noticed by the request that meets one (it answers 503
        # and the pool is thrown away), which spares every other request a ping.
        connect: dict[str, Any] = {"connect_timeout": 3, "cursor_factory": postgres.Cursor}
        # No overflow: what goes beyond the pool is opened and closed again for each request, which costs more than the request.
        options |= {"pool_size": 20, "max_overflow": 0, "pool_timeout": 5, "connect_args": connect}
    else:
        options |= {"connect_args": {"check_same_thread": False, "timeout": 10}}
    return options


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN is off: `transaction` says when and how.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything written inside is committed together, or not at all. A transaction within another joins it."""
    session = db.session()
    if session.info.get("in_transaction"):
        yield session
        return
    _check_unchanged(session)
    session.info["in_transaction"] = True
    try:
        # On the connection that the reads before it were made on, which is in autocommit and stays so.
        connection = session.connection()
        connection.exec_driver_sql(BEGIN[connection.dialect.name])
        yield session
        session.commit()
    except BaseException as error:
        session.rollback()
        session.info.pop("after_commit", None)
        if _is_of_nothing(error):
            raise NotFound(said("What this was about is not there any more.")) from error
        raise
    finally:
        session.info["in_transaction"] = False
    for act in session.info.pop("after_commit", ()):
        act()


def lock(*names: object) -> None:
    """Inside a transaction: of all that hold the same names, one goes on, and the others wait until it has ended.

    For what is counted before it is written, where no row is there yet to be locked. SQLite has one writer anyway.
    """
    session = db.session()
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))


def _is_of_nothing(error: BaseException) -> bool:
    """Whether a row was to be changed, or hung on, that somebody else deleted meanwhile."""
    if isinstance(error, IntegrityError):
        return getattr(error.orig, "sqlstate", None) == "23503" or "FOREIGN KEY" in str(error.orig)
    return isinstance(error, StaleDataError)


def write(model: type, **values: Any) -> None:
    """Write one row inside the transaction, at once: a third of what the ORM's bookkeeping for a new object costs."""
    db.session.execute(_insert(model), values)


def write_if(guard: Select[Any], model: type, *, asked: dict[str, Any], **values: Any) -> bool:
    """Write one row if `guard`, asked with `asked`, finds its row, which nobody changes before the transaction ends; whether so.

    One statement, so that nothing comes between the look and the act. Every column that is not null is in `values`.
    """
    return bool(db.session.execute(_insert_if(guard, model, tuple(values)), {**values, **asked}).first())


@cache
def _insert(model: Any) -> Insert:
    return insert(model.__table__)


@cache
def _insert_if(guard: Select[Any], model: Any, names: tuple[str, ...]) -> ReturningInsert[Any]:
    table = model.__table__
    row = guard.with_only_columns(*(bindparam(name, type_=table.c[name].type) for name in names)).with_for_update(read=True)
    return insert(table).from_select(names, row).returning(*table.primary_key)


def after_commit(act: Callable[[], None]) -> None:
    """Call `act` once what the present transaction writes is durable; at once when there is none."""
    session = db.session()
    if not session.info.get("in_transaction"):
        act()
        return
    session.info.setdefault("after_commit", []).append(act)


def release() -> None:
    """Give the connection back to the pool while something slow goes on; rows read stay usable."""
    session = db.session()
    if not session.info.get("in_transaction"):
        _check_unchanged(session)
        session.commit()


def _check_unchanged(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("Rows were changed outside a transaction().")


def ping() -> None:
    """Ask the database for a sign of life. Raises Unavailable."""
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        raise Unavailable("The database does not answer.") from error


def starts_with(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """The condition that a `Folded` column begins with `words`, in a form that its index answers on both databases."""
    return and_(column >= words, column < words + "\U0010ffff")


# Text that is compared byte by byte on every database, so that an index serves equality and beginnings.
Folded = String(320).with_variant(String(320, collation="C"), "postgresql")
