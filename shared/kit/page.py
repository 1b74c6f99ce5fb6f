"""One page of a long list, found by key and not by counting, so that no page costs more than the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from shared.kit import ids
from shared.kit.db import db

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`items` with the cursors of the pages around them; None where there is no such page."""

    items: Sequence[Row]
    next: str | None
    previous: str | None


def fetch(
    query: Select[Any],
    key: InstrumentedAttribute[Any],
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 25,
) -> Page[Row]:
    """The rows of `query`, newest `key` (a UUIDv7 column) first: those after or before a cursor, `limit` at most."""
    backwards = ids.find_uuid(before)
    start = ids.find_uuid(after)
    if backwards:
        query = query.where(key > backwards).order_by(key.asc())
    else:
        query = (query.where(key < start) if start else query).order_by(key.desc())
    rows = list(db.session.scalars(query.limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    older = rows and (more or backwards is not None)
    newer = rows and ((more and backwards is not None) or (start is not None and backwards is None))
    name = key.key
    return Page(
        items=rows,
        next=str(getattr(rows[-1], name)) if older else None,
        previous=str(getattr(rows[0], name)) if newer else None,
    )
