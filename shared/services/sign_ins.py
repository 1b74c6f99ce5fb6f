"""What is written down when somebody proves who they are, and when they fail to."""

from typing import Any

from shared.kit import clock
from shared.kit.db import transaction
from shared.models.audit import Actor
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit

SIGNED_IN, FIRST, SECOND = "user.signed_in", "user.first_factor_given", "user.second_factor_given"


def succeeded(row: User, action: str, **detail: Any) -> None:
    """Note that this person signed in, or gave a factor; inside the transaction of what proves it."""
    row.last_login_at = clock.now()
    # To sign in changes nothing that applications are told.
    row.updated_at = User.updated_at
    audit.record(action, actor=Actor.of(row), subject=row, **detail)


def failed(tenant: Tenant, folded: str, **detail: Any) -> None:
    """Note that somebody failed to prove that they are the person with this folded address, who may not exist."""
    with transaction():
        # Someone who types the password where the address belongs is not written down with it.
        name = folded if "@" in folded else ""
        audit.record("user.login_failed", actor=Actor("visitor", "", name), subject="user", tenant=tenant, **detail)
