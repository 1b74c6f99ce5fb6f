"""Initial access tokens: whoever holds one may register clients at a tenant (RFC 7591 §3)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, not_, or_, select, update

from shared.kit import clock, ids, names
from shared.kit.db import db, transaction
from shared.kit.errors import Invalid, NotFound
from shared.models.audit import Actor
from shared.models.initial_access import InitialAccessToken
from shared.models.tenant import Tenant
from shared.services import audit

MOST_USES = 1_000_000
MOST_DAYS = 3660
KEPT_FOR = timedelta(days=30)


def create(
    tenant: Tenant, *, name: str, by: Actor, uses: int | None = None, days: int | None = None
) -> tuple[InitialAccessToken, str]:
    """A token for so many registrations and days, without end for None; its secret is not shown again. Raises Invalid."""
    if not names.is_name(name):
        raise Invalid("Say whom the token is for, in one line of at most 200 characters.", field="name")
    if uses is not None and not 1 <= uses <= MOST_USES:
        raise Invalid(f"Between 1 and {MOST_USES} uses.", field="uses")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(f"Between 1 and {MOST_DAYS} days.", field="days")
    secret = ids.token()
    row = InitialAccessToken(
        tenant_id=tenant.id,
        name=name.strip(),
        fingerprint=ids.fingerprint(secret),
        hint=secret[-4:],
        uses_left=uses,
        expires_at=None if days is None else clock.now() + timedelta(days=days),
    )
    with transaction() as session:
        session.add(row)
        session.flush()
        audit.record("initial_access.created", actor=by, subject=row, tenant=tenant, uses=uses, days=days)
    return row, secret


def of(tenant: Tenant) -> Sequence[InitialAccessToken]:
    """The tokens of a tenant that serve, newest first."""
    query = select(InitialAccessToken).where(InitialAccessToken.tenant_id == tenant.id, *_serving())
    return list(db.session.scalars(query.order_by(InitialAccessToken.id.desc())))


def get(tenant: Tenant, token_id: object) -> InitialAccessToken:
    """The token of this tenant with this id. Raises NotFound."""
    identifier = ids.find_uuid(token_id)
    row = db.session.get(InitialAccessToken, identifier) if identifier else None
    if row is None or row.tenant_id != tenant.id:
        raise NotFound("There is no such token.")
    return row


def find(tenant: Tenant, secret: str) -> InitialAccessToken | None:
    """The token that this is, if it serves now; looking uses nothing up."""
    query = select(InitialAccessToken).where(
        InitialAccessToken.fingerprint == ids.fingerprint(secret), InitialAccessToken.tenant_id == tenant.id, *_serving()
    )
    return db.session.scalar(query)


def spend(token: InitialAccessToken) -> bool:
    """Use it once, inside the transaction of the registration. False when it was used up or revoked meanwhile."""
    # THE gate: of many registrations at once, no more find it unspent than it has uses.
    query = update(InitialAccessToken).where(InitialAccessToken.id == token.id, *_serving())
    query = query.values(uses_left=InitialAccessToken.uses_left - 1).execution_options(synchronize_session=False)
    with transaction() as session:
        return session.execute(query.returning(InitialAccessToken.id)).first() is not None


def revoke(token: InitialAccessToken, *, by: Actor) -> None:
    """Let nobody register with it any more; who did stays registered."""
    with transaction() as session:
        row = session.get_one(InitialAccessToken, token.id)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record("initial_access.revoked", actor=by, subject=row)


def purge() -> int:
    """Delete tokens that serve no more and are a month old; how many."""
    over = InitialAccessToken.created_at < clock.now() - KEPT_FOR, not_(and_(*_serving()))
    with transaction() as session:
        return len(session.execute(delete(InitialAccessToken).where(*over).returning(InitialAccessToken.id)).all())


def _serving() -> list[ColumnElement[bool]]:
    return [
        InitialAccessToken.revoked_at.is_(None),
        or_(InitialAccessToken.expires_at.is_(None), InitialAccessToken.expires_at > clock.now()),
        or_(InitialAccessToken.uses_left.is_(None), InitialAccessToken.uses_left > 0),
    ]
