"""The database's one gate for writing."""

import pytest

from shared.kit.db import after_commit, db, transaction
from shared.models.tenant import Tenant
from tests.parts.world import World


def names() -> set[str]:
    db.session.remove()
    return {tenant.slug for tenant in db.session.query(Tenant)}


def add(slug: str) -> None:
    db.session.add(Tenant(slug=slug, name=slug))


def test_what_is_written_together_is_there_together(inside: World) -> None:
    with transaction():
        add("one")
        add("two")
    assert {"one", "two"} <= names()


def test_what_fails_leaves_nothing(inside: World) -> None:
    with pytest.raises(ValueError, match="no"), transaction() as session:
        add("one")
        session.flush()
        raise ValueError("no")
    assert "one" not in names()


def test_a_transaction_within_another_joins_it(inside: World) -> None:
    with pytest.raises(ValueError, match="no"), transaction():
        with transaction():
            add("inner")
        raise ValueError("no")
    assert "inner" not in names()


def test_rows_changed_outside_are_refused(inside: World) -> None:
    db.session.get_one(Tenant, inside.tenant.id).name = "changed in passing"
    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass


def test_what_follows_a_commit_is_done_after_it_and_only_then(inside: World) -> None:
    seen: list[bool] = []
    with transaction():
        add("one")
        after_commit(lambda: seen.append("one" in names()))
        assert not seen
    assert seen == [True]
    with pytest.raises(ValueError, match="no"), transaction():
        after_commit(lambda: seen.append(False))
        raise ValueError("no")
    assert seen == [True]


@pytest.mark.parametrize("database", ["sqlite"])
def test_sqlite_is_set_up_to_lose_nothing(inside: World) -> None:
    with db.engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
