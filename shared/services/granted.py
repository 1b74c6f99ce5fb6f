"""What people let applications do, as operators see it: each authorization that stands, in words; and ending one, or all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.authorization import ASSERTION, Authorization, RefreshToken
from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit, authorizations, consents, locks, resources

MOST = 100
WAYS = {
    "code": "In a browser",
    "device": "To a device, by its code",
    "assertion": "By the word of a trusted issuer",
    "implicit": "In a browser, without a code",
}


@dataclass(frozen=True)
class Granted:
    """An authorization, with what it lets its application do, when it last gave tokens, and when it gives none any more."""

    authorization: Authorization
    client: Client
    words: list[str]
    used_at: datetime
    expires_at: datetime

    @property
    def way(self) -> str:
        """How the person gave it."""
        how = str(self.authorization.details.get("how", "code"))
        return WAYS.get(how, how)


def of(user: User, tenant: Tenant) -> list[Granted]:
    """The authorizations of a person that stand and of which tokens are left, newest first; a hundred at most."""
    used = func.max(func.coalesce(RefreshToken.used_at, RefreshToken.created_at))
    query = (
        select(Authorization, Client, used, func.max(RefreshToken.expires_at))
        .join(Client, Client.id == Authorization.client_id)
        .outerjoin(RefreshToken, RefreshToken.authorization_id == Authorization.id)
        .where(
            Authorization.user_id == user.id,
            Authorization.revoked_at.is_(None),
            Authorization.expires_at > clock.now(),
        )
        .group_by(Authorization.id, Client.id)
        .order_by(Authorization.id.desc())
        .limit(MOST)
    )
    found = [_granted(tenant, *row) for row in db.session.execute(query)]
    return [each for each in found if each.expires_at > clock.now()]


@dataclass(frozen=True)
class Allowed:
    """An application that a person has let in: what it may do, also in words, since when, and when it last got tokens."""

    client: Client
    scopes: list[str]
    words: list[str]
    since: datetime
    used_at: datetime | None


def allowed(user: User, tenant: Tenant) -> list[Allowed]:
    """The applications that a person has let in, the latest first: by a consent, or without one where they are ours."""
    used = func.max(func.coalesce(RefreshToken.used_at, RefreshToken.created_at, Authorization.created_at))
    query = (
        select(Authorization.client_id, used)
        .outerjoin(RefreshToken, RefreshToken.authorization_id == Authorization.id)
        .where(Authorization.user_id == user.id)
        .group_by(Authorization.client_id)
    )
    last = {row[0]: row[1] for row in db.session.execute(query)}
    let_in = {each.client_id: (each.client, each.scopes, each.created_at) for each in consents.of(user)}
    for each in of(user, tenant):
        let_in.setdefault(each.client.id, (each.client, each.authorization.scopes, each.authorization.created_at))
    rows = sorted(let_in.values(), key=lambda row: row[2], reverse=True)
    return [
        Allowed(client, scopes, resources.in_words(tenant, scopes), since, last.get(client.id)) for client, scopes, since in rows
    ]


def get_allowed(user: User, tenant: Tenant, client_id: UUID) -> Allowed:
    """The application with this id, if a person has let it in. Raises NotFound."""
    found = next((each for each in allowed(user, tenant) if each.client.id == client_id), None)
    if found is None:
        raise NotFound(said("This application has no access."))
    return found


def withdraw(user: User, tenant: Tenant, client_id: UUID, *, by: Actor) -> None:
    """Take back what a person let an application do, and end what it holds. Raises NotFound."""
    client = get_allowed(user, tenant, client_id).client
    with transaction():
        locks.acting(user, by)
        if consents.scopes_given(user, client):
            authorizations.withdraw(user, client_id, by=by)
            return
        audit.record("authorization.all_revoked", actor=by, subject=user, client_id=client.client_id)
        authorizations.revoke_all(user, client_id=client_id, reason="access withdrawn")


def is_vouched_for(authorization_id: UUID) -> bool:
    """Whether an issuer that an operator trusts said who the person is (RFC 7523): nobody signed in here."""
    return authorizations.run_of(authorization_id)[0].details.get("how") == ASSERTION


def get(user: User, identifier: UUID) -> Authorization:
    """The authorization of this person with this id. Raises NotFound."""
    found = db.session.get(Authorization, identifier)
    if found is None or found.user_id != user.id:
        raise NotFound("There is no such authorization.")
    return found


def end(user: User, identifier: UUID, *, by: Actor) -> None:
    """End one authorization of a person with every token of it; the consent stays. Raises NotFound."""
    authorizations.revoke(get(user, identifier).id, reason="revoked by an operator", by=by)


def end_all(user: User, *, by: Actor) -> None:
    """End every authorization of a person."""
    with transaction():
        audit.record("authorization.all_revoked", actor=by, subject=user)
        authorizations.revoke_all(user, reason="revoked by an operator")


def _granted(tenant: Tenant, of: Authorization, client: Client, used: datetime | None, expires: datetime | None) -> Granted:
    details = of.details
    names = [name for several in details.get("claims", {}).values() for name in several]
    words = resources.in_words(tenant, resources.wanted(tenant, of.scopes, details.get("resources", []), names))
    last = expires or of.created_at + timedelta(seconds=client.access_token_seconds)
    return Granted(of, client, words, used or of.created_at, last)
