"""Locks: what changes a person as a whole is done one at a time, and after it nothing begins that it should have ended."""

from uuid import UUID

from sqlalchemy import select

from shared.kit.db import db
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.user import User


def person(user: User) -> User:
    """The row of `user` as it is now, which nobody else changes before the present transaction ends; call it inside one.

    Raises NotFound when there is no such person any more. SQLite has one writer anyway.
    """
    found = find(user.id)
    if found is None:
        raise NotFound(said("There is no such user."))
    return found


def find(user_id: UUID) -> User | None:
    """Like `person`, by its id; None when there is no such person."""
    # What was changed already is written first, or reading the row again would lose it.
    db.session.flush()
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)
