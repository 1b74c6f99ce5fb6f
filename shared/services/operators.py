"""Operators: the people who run the server, of whom one is always left."""

from sqlalchemy import String, cast, func, select

from shared.kit.db import db, lock
from shared.kit.errors import Conflict
from shared.kit.words import said
from shared.models.tenant import Tenant
from shared.models.user import OPERATOR, User


def one_at_a_time() -> None:
    """Of two who leave at once, or turn each other out, one is the last; inside a transaction, before a person is locked."""
    lock("operators")


def check_another(user: User) -> None:
    """Raise Conflict where the server would be left without anybody to run it if `user` no longer did."""
    if user.disabled or not user.has(OPERATOR):
        return
    others = select(func.count(User.id)).join(Tenant, Tenant.id == User.tenant_id)
    holds = cast(User.permissions, String).contains(OPERATOR, autoescape=True)
    if not db.session.scalar(others.where(Tenant.is_default, User.disabled_at.is_(None), User.id != user.id, holds)):
        raise Conflict(said("This is the last operator of the server. Make somebody else one first."))
