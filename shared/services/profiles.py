"""What the API tells an application about a person, in one read: userinfo is asked more often than anything else."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select

from shared.kit import ids
from shared.kit.db import db
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.models.user import User


@dataclass(frozen=True)
class Profile:
    """A person as an application sees them: whether that is one of ours, and what it was granted besides scopes.

    `signed_with`: the algorithm that it wants the answer to be signed with, None for plain JSON.
    """

    id: UUID
    tenant_id: UUID
    email: str
    name: str
    email_verified_at: datetime | None
    claims: dict[str, Any]
    fields: dict[str, Any]
    phone_verified_at: datetime | None
    updated_at: datetime
    first_party: bool = field(kw_only=True)
    signed_with: str | None = field(kw_only=True)
    details: dict[str, Any] = field(kw_only=True)

    @property
    def disabled(self) -> bool:
        """Only active people are found."""
        return False


_RUN = Authorization.id == bindparam("authorization_id")
# Whose the authorization is says more than `sub`, which may be pairwise; a token without one has only that.
_OWNER = select(Authorization.user_id).where(_RUN).correlate(None).scalar_subquery()
_WHO = func.coalesce(_OWNER, bindparam("user_id", type_=Uuid()))
_OWN = and_(_RUN, Authorization.client_id == Client.id)
# Columns, not rows, and built once: a third of the cost of the rows.
_READ = (
    select(
        User.id,
        User.tenant_id,
        User.email,
        User.name,
        User.email_verified_at,
        User.claims,
        User.fields,
        User.phone_verified_at,
        User.updated_at,
        Client.first_party.is_(True),
        Client.userinfo_signed_response_alg,
        Authorization.details,
    )
    .outerjoin(Client, and_(Client.client_id == bindparam("client_id"), Client.tenant_id == User.tenant_id))
    .outerjoin(Authorization, _OWN)
    .where(User.id == _WHO, User.tenant_id == bindparam("tenant_id"), User.disabled_at.is_(None))
)


def find(tenant: Tenant, subject: UUID | str, *, client_id: str, authorization_id: UUID | None = None) -> Profile | None:
    """The active person of `tenant` that an authorization is of, or who has this id, as the client sees them, or None.

    A client that is gone is not ours.
    """
    sought = {
        "authorization_id": authorization_id,
        "user_id": ids.find_uuid(subject),
        "tenant_id": tenant.id,
        "client_id": client_id.replace("\0", ""),
    }
    # On the request's own connection: a request that waited for a second one while it holds the first could wait for ever.
    row = db.session.execute(_READ, sought).first()
    if row is None:
        return None
    *columns, first_party, signed_with, details = row
    return Profile(*columns, first_party=bool(first_party), signed_with=signed_with, details=details or {})
