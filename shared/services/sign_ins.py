"""What is written down when somebody proves who they are, and when they fail to."""

from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, func, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from shared.kit import clock, languages
from shared.kit.db import db, transaction
from shared.models.audit import Actor
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit

SIGNED_IN, FIRST, SECOND = "user.signed_in", "user.first_factor_given", "user.second_factor_given"

_USERS = User.metadata.tables["users"]
# To sign in changes nothing that applications are told, so when the account was changed stays as it is.
_SIGNED_IN_AT = (
    update(_USERS)
    .where(_USERS.c.id == bindparam("whose"))
    .values(
        last_login_at=bindparam("moment", type_=_USERS.c.last_login_at.type),
        language=func.coalesce(bindparam("language", type_=_USERS.c.language.type), _USERS.c.language),
        updated_at=_USERS.c.updated_at,
    )
)


def succeeded(row: User, action: str, **detail: Any) -> None:
    """Note that this person signed in, or gave a factor; inside the transaction of what proves it, which raises NotFound."""
    # Whoever lacks a factor that is due does not choose how the person is written to.
    moment, language = clock.now(), languages.own() if action != FIRST else None
    # Not by way of the row, whose bookkeeping would cost more than the statement.
    noted = db.session.execute(_SIGNED_IN_AT, {"whose": row.id, "moment": moment, "language": language})
    if not cast(CursorResult[Any], noted).rowcount:
        # As the row would say; the transaction has the words.
        raise StaleDataError("nobody has this account any more")
    set_committed_value(row, "last_login_at", moment)
    set_committed_value(row, "language", language or row.language)
    audit.record(action, actor=Actor.of(row), subject=row, **detail)


def failed(tenant: Tenant, folded: str, **detail: Any) -> None:
    """Note that somebody failed to prove that they are the person with this folded address, who may not exist."""
    with transaction():
        # Someone who types the password where the address belongs is not written down with it.
        name = folded if "@" in folded else ""
        audit.record("user.login_failed", actor=Actor("visitor", "", name), subject="user", tenant=tenant, **detail)
