"""Rows that were read a moment ago, kept by each process for that moment: a busy client asks the same again and again."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from sqlalchemy import event

from shared.kit import clock
from shared.kit.db import db

Row = TypeVar("Row")
# What one node changes, every other knows within a second (with the time that its answer takes).
KEPT_SECONDS = 0.5
MOST = 4096


class Recent(Generic[Row]):
    """Lists of rows of `model` by what was asked for. They are out of any session: to be read, never to be changed."""

    def __init__(self, model: type[Row]) -> None:
        self._kept: dict[Hashable, tuple[float, list[Row]]] = {}
        for change in ("after_insert", "after_update", "after_delete"):
            event.listen(model, change, self._forget)

    def read(self, key: Hashable, ask: Callable[[], list[Row]]) -> list[Row]:
        """The rows for `key`: those kept, or those that `ask` finds now."""
        session, whole_key = db.session(), (db.engine, key)
        if session.info.get("in_transaction"):
            # What a transaction reads it may be about to change.
            return ask()
        moment, rows = self._kept.get(whole_key, (float("-inf"), []))
        if clock.ticks() - moment < KEPT_SECONDS:
            return rows
        rows = ask()
        for row in rows:
            # A rollback would empty it for every request that it is kept for.
            session.expunge(row)
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[whole_key] = (clock.ticks(), rows)
        return rows

    def clear(self) -> None:
        """Forget everything; what this process changes it knows at once."""
        self._kept.clear()

    def _forget(self, *told: object) -> None:
        self.clear()
