"""Authorizations: what one person lets one client do, once; begun with a code, ended by one row."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from shared.kit import clock, ids
from shared.kit.db import db, transaction, write
from shared.models.audit import Actor
from shared.models.authorization import Authorization, AuthorizationCode
from shared.models.client import Client
from shared.models.user import User
from shared.services import audit, consents
from shared.services.sessions import Session

CODE_SECONDS = 60
OFFLINE = "offline_access"
# How long the row of a run outlives what can be asked of it: as long as any access token lives.
AFTERLIFE = timedelta(days=1)
_RUN = (
    select(Authorization, User)
    .join(User, User.id == Authorization.user_id)
    .where(Authorization.id == bindparam("id"))
    .execution_options(populate_existing=True)
)
_STANDS = (
    select(Authorization.id)
    .join(User, User.id == Authorization.user_id)
    .where(Authorization.id == bindparam("id"), Authorization.revoked_at.is_(None), User.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Grant:
    """What a person granted: the scopes, how they were signed in, and what the code is bound to."""

    scopes: list[str]
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str | None
    nonce: str | None
    acr: str


def begin(user: User, client: Client, grant: Grant, session: Session) -> str:
    """Write an authorization with its code, in one transaction. The code, which lives 60 seconds."""
    code, moment = ids.token(), clock.now()
    authorization_id = ids.uuid7()
    with transaction():
        write(
            Authorization,
            id=authorization_id,
            tenant_id=client.tenant_id,
            user_id=user.id,
            client_id=client.id,
            scopes=grant.scopes,
            sid=session.sid,
            auth_time=session.auth_time,
            acr=grant.acr,
            amr=list(session.amr),
            nonce=grant.nonce,
            expires_at=moment + _lifetime(client, grant),
        )
        write(
            AuthorizationCode,
            fingerprint=ids.fingerprint(code),
            authorization_id=authorization_id,
            redirect_uri=grant.redirect_uri,
            redirect_uri_sent=grant.redirect_uri_sent,
            code_challenge=grant.code_challenge,
            expires_at=moment + timedelta(seconds=CODE_SECONDS),
        )
    return code


def run_of(authorization_id: UUID) -> tuple[Authorization, User]:
    """The authorization with this id, as it is now, and whose it is."""
    authorization, user = db.session.execute(_RUN, {"id": authorization_id}).one()
    return authorization, user


def token_id(authorization: Authorization) -> str:
    """A new `jti` for an access token of this authorization (RFC 9068 §2.2); it names the authorization."""
    return f"{authorization.id.hex}.{ids.token(9)}"


def find_of_token(jti: str) -> Authorization | None:
    """The authorization that the access token with this `jti` belongs to; None when there is none, or none any more."""
    identifier = ids.find_uuid(jti.partition(".")[0])
    return db.session.get(Authorization, identifier) if identifier else None


def stands(jti: str) -> bool:
    """Whether what an access token was given for still stands: not revoked, and neither its person nor its client is gone.

    A token whose `jti` names no authorization is judged by its signature and times alone.
    """
    identifier = ids.find_uuid(jti.partition(".")[0])
    return identifier is None or db.session.scalar(_STANDS, {"id": identifier}) is not None


def revoke(authorization_id: UUID, *, reason: str, by: Actor) -> bool:
    """End an authorization with all that hangs on it; False when it had ended already."""
    with transaction() as session:
        ended = session.execute(
            update(Authorization)
            .where(Authorization.id == authorization_id, Authorization.revoked_at.is_(None))
            .values(revoked_at=clock.now(), revoked_reason=reason)
            .returning(Authorization)
        ).scalar_one_or_none()
        if ended is not None:
            audit.record("authorization.revoked", actor=by, subject=ended, reason=reason)
    return ended is not None


def revoke_all(user: User, *, reason: str, client_id: UUID | None = None) -> None:
    """End every authorization of a person, or every one with one client."""
    query = update(Authorization).where(Authorization.user_id == user.id, Authorization.revoked_at.is_(None))
    if client_id is not None:
        query = query.where(Authorization.client_id == client_id)
    with transaction() as session:
        session.execute(query.values(revoked_at=clock.now(), revoked_reason=reason))


def withdraw(user: User, client_id: UUID, *, by: Actor) -> None:
    """Forget the consent that `user` gave a client, and end what the client holds. Raises NotFound."""
    consent = consents.get(user, client_id)
    with transaction():
        audit.record("consent.withdrawn", actor=by, subject=consent.client, client_id=consent.client.client_id, user=user.email)
        consents.forget(consent)
        revoke_all(user, client_id=client_id, reason="consent withdrawn")


def clients_of_session(sid: str) -> list[Client]:
    """The clients that the browser session `sid` signed in to."""
    query = select(Client).join(Authorization, Authorization.client_id == Client.id).where(Authorization.sid == sid).distinct()
    return list(db.session.scalars(query.limit(200)))


def _lifetime(client: Client, grant: Grant) -> timedelta:
    return AFTERLIFE + timedelta(seconds=client.refresh_token_seconds if OFFLINE in grant.scopes else 0)


def purge(limit: int = 1000) -> int:
    """Delete authorizations, with their codes and tokens, that nothing can ask for any more; how many."""
    with transaction() as session:
        old = list(session.scalars(select(Authorization.id).where(Authorization.expires_at < clock.now()).limit(limit)))
        session.execute(delete(Authorization).where(Authorization.id.in_(old)))
    return len(old)
