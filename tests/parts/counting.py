"""How often the database was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.kit.db import db
from tests.parts.world import World


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    """The statements that the authorization server sends to its database inside.

    Without those that ask for the tenant, which each worker keeps for a moment.
    """
    with world.inside():
        engine = db.engine
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if "FROM tenants" not in statement:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
