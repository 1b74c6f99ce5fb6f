"""Locks: what changes a person as a whole is done one at a time, and after it nothing begins that it should have ended.

The person's row comes first, and then the rows that hang on it: whoever locks them the other way round could wait for ever.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from shared.kit.db import db
from shared.kit.errors import NotFound, NotSignedIn
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.authorization import Authorization
from shared.models.user import User

SESSION_ENDED = said("Your session has ended. Please sign in again.")


def person(user: User) -> User:
    """The row of `user` as it is now, which nobody else changes before the present transaction ends; call it inside one.

    Raises NotFound when there is no such person any more. SQLite has one writer anyway.
    """
    found = find(user.id)
    if found is None:
        raise NotFound(said("There is no such user."))
    return found


def acting(user: User, by: Actor) -> User:
    """Like `person`, for what `by` does to the account of `user`, who was read when the request began.

    Raises NotSignedIn where they are that person, and what they act by has ended since: all their sessions, the one that they
    sit in, or the authorization by which a program acts for them. What was begun in it, and waited for a hash or for another
    server, does not come after its end.
    """
    return acting_since(user.sessions_valid_from, user, by)


def acting_since(valid_from: datetime | None, user: User, by: Actor) -> User:
    """Like `acting`, for a row that was read again meanwhile: `valid_from` is its `sessions_valid_from` of then."""
    row = person(user)
    if by.id == str(row.id) and (row.sessions_valid_from != valid_from or by.sid in row.ended_sids or _has_ended(by)):
        raise NotSignedIn(SESSION_ENDED)
    return row


def find(user_id: UUID) -> User | None:
    """Like `person`, by its id; None when there is no such person."""
    # What was changed already is written first, or reading the row again would lose it.
    db.session.flush()
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _has_ended(by: Actor) -> bool:
    stands = select(Authorization.id).where(Authorization.id == by.by, Authorization.revoked_at.is_(None))
    return by.by is not None and db.session.scalar(stands) is None
