"""Ends of sessions: of one, of all, of all but this one, and by signing out."""

from shared.kit.db import transaction
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.user import User
from shared.services import audit, authorizations, locks, logouts, sessions


def every(user: User, *, by: Actor, except_sid: str | None = None) -> None:
    """End every session of a person with all that they let applications do, or what does not hang on the session `except_sid`."""
    with transaction():
        row = locks.acting(user, by)
        authorizations.revoke_all(row, reason="sessions ended", except_sid=except_sid)
        audit.record("user.sessions_ended", actor=by, subject=row, all=except_sid is None)
        logouts.end(row, except_sid=except_sid)


def one(user: User, sid: str, *, by: Actor) -> None:
    """End one browser session of a person. Raises NotFound when they have no such session, and Unavailable without Redis."""
    # The ends are kept with the person, the latest few: names that were made up would push out those of true ones.
    if sid not in {session.sid for session in sessions.of(user)}:
        raise NotFound(said("There is no such session."))
    with transaction():
        row = locks.acting(user, by)
        audit.record("user.session_ended", actor=by, subject=row)
        logouts.end(row, sid=sid)


def sign_out(user: User, sid: str, *, by: Actor) -> None:
    """End the browser session in which the person asks for it."""
    with transaction():
        audit.record("user.signed_out", actor=by, subject=user)
        logouts.end(user, sid=sid)
