"""Authorizations: what one person lets one client do, once; begun by one row, and ended by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import String, bindparam, cast, delete, func, select, update

from shared.kit import clock, ids
from shared.kit.db import db, transaction, write_if
from shared.kit.errors import NotSignedIn
from shared.models.audit import Actor
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.consent import Consent
from shared.models.key import SigningKey
from shared.models.mark import Mark
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit, consents, exchanges, locks, marks, sessions
from shared.services.sessions import ABSOLUTE_SECONDS, Session

OFFLINE = "offline_access"
# How the `jti` of a token begins that a client has in its own name.
OF_CLIENT = "c"
# How long the row of a run outlives what can be asked of it: as long as any access token lives.
AFTERLIFE = timedelta(days=1)
_RUN = (
    select(Authorization, User)
    .join(User, User.id == Authorization.user_id)
    .where(Authorization.id == bindparam("id"))
    .execution_options(populate_existing=True)
)
_PERSON = (
    select(User)
    .join(Authorization, Authorization.user_id == User.id)
    .where(Authorization.id == bindparam("id"), User.tenant_id == bindparam("tenant_id"))
)
# Who may grant anything: a person who is not disabled, and, where it is done in a session, in one that was not ended, of their
# present generation. The name of a session stands among those of the ended ones in quotes, or nowhere in their JSON.
_ENDED = cast(User.ended_sids, String)
_ACTIVE = select(User.id).where(
    User.id == bindparam("person"), User.disabled_at.is_(None), func.replace(_ENDED, bindparam("quoted"), "") == _ENDED
)
_SIGNED_IN = _ACTIVE.where(User.sessions_valid_from.is_not_distinct_from(bindparam("valid_from")))
# By a consent, which is locked too: whoever withdraws it meets what it let in.
_CONSENTED = _SIGNED_IN.join(Consent, (Consent.user_id == User.id) & (Consent.client_id == bindparam("of_client")))
# One question a token, whatever ended it: its authorization, its person, its client, or the key that signed it.
_KEY_REVOKED = select(SigningKey.kid).where(SigningKey.kid == bindparam("kid"), SigningKey.revoked_at.is_not(None))
_STANDS = (
    select(Authorization.id)
    .join(User, User.id == Authorization.user_id)
    .join(Client, Client.id == Authorization.client_id)
    .where(
        Authorization.id == bindparam("id"),
        Authorization.revoked_at.is_(None),
        User.disabled_at.is_(None),
        Client.disabled_at.is_(None),
        ~_KEY_REVOKED.exists(),
    )
)
_REVOKED = select(Mark.kind).where(Mark.kind == marks.REVOKED_TOKEN, Mark.fingerprint == bindparam("fingerprint"))
_CLIENT_STANDS = select(Client.id).where(
    Client.id == bindparam("id"), Client.disabled_at.is_(None), ~_REVOKED.exists(), ~_KEY_REVOKED.exists()
)


@dataclass(frozen=True)
class Grant:
    """What a person granted: the scopes and resources, how they were signed in, and what the code is bound to."""

    scopes: list[str]
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str | None
    nonce: str | None
    acr: str
    resources: list[str] = field(default_factory=list)
    # Claims asked for by name, for userinfo and for the ID token (OpenID Connect Core §5.5).
    claims: dict[str, list[str]] = field(default_factory=dict)
    dpop_jkt: str | None = None
    consented: bool = False  # the person was asked, and their consent must still stand


def begin(user: User, client: Client, grant: Grant, session: Session, *, how: str | None = None) -> UUID:
    """Write the authorization of a request that came by a browser. Its id. About `how`, and what it raises, see `start`."""
    with transaction():
        return start(
            user,
            client,
            session,
            scopes=grant.scopes,
            acr=grant.acr,
            nonce=grant.nonce,
            resources=grant.resources,
            claims=grant.claims,
            how=how,
            consented=grant.consented,
        )


def start(
    user: User,
    client: Client,
    session: Session,
    *,
    scopes: list[str],
    acr: str,
    nonce: str | None = None,
    resources: Sequence[str] = (),
    claims: Mapping[str, list[str]] | None = None,
    how: str | None = None,
    consented: bool = False,
) -> UUID:
    """Write an authorization, inside the transaction of what leads to its tokens. Its id. `how` it was given, but by a code.

    Raises NotSignedIn where the session was ended meanwhile, or the consent by which it is given (`consented`) was withdrawn:
    what ends all that was granted leaves nothing behind.
    """
    authorization_id, since = ids.uuid7(), sessions.valid_from(session)
    written = write_if(
        _CONSENTED if consented else _ACTIVE if session.generation is None else _SIGNED_IN,
        Authorization,
        asked={"person": user.id, "valid_from": since, "quoted": f'"{session.sid}"', "of_client": client.id},
        id=authorization_id,
        tenant_id=client.tenant_id,
        user_id=user.id,
        client_id=client.id,
        scopes=scopes,
        sid=session.sid,
        auth_time=session.auth_time,
        acr=acr,
        amr=list(session.amr),
        nonce=nonce,
        details={name: said for name, said in {"resources": list(resources), "claims": claims, "how": how}.items() if said},
        created_at=clock.now(),
        expires_at=clock.now() + _lifetime(client, scopes),
    )
    if not written:
        raise NotSignedIn(locks.SESSION_ENDED)
    return authorization_id


def run_of(authorization_id: UUID) -> tuple[Authorization, User]:
    """The authorization with this id, as it is now, and whose it is."""
    authorization, user = db.session.execute(_RUN, {"id": authorization_id}).one()
    return authorization, user


def find_person(tenant: Tenant, authorization_id: UUID) -> User | None:
    """The person of `tenant` whose authorization this is, or None."""
    return db.session.scalar(_PERSON, {"id": authorization_id, "tenant_id": tenant.id})


def token_id(authorization: Authorization) -> str:
    """A new `jti` for an access token of this authorization (RFC 9068 §2.2); it names the authorization."""
    return f"{authorization.id.hex}.{ids.token(9)}"


def client_token_id(client: Client) -> str:
    """A new `jti` for an access token that `client` has in its own name; no row is written for it."""
    return f"{OF_CLIENT}.{client.id.hex}.{ids.token(16)}"


def id_of_token(jti: str) -> UUID | None:
    """The id of the authorization that the access token with this `jti` belongs to; None for one in a client's own name."""
    return ids.find_uuid(jti.partition(".")[0])


def is_of_client(jti: str) -> bool:
    """Whether the token with this `jti` speaks for a client in its own name, and so for no person."""
    return jti.startswith(f"{OF_CLIENT}.")


def find_of_session(client: Client, sid: str) -> Authorization | None:
    """The newest authorization of `client` in the session `sid` that was not revoked, or None."""
    query = (
        select(Authorization)
        .where(Authorization.sid == sid, Authorization.client_id == client.id, Authorization.revoked_at.is_(None))
        .order_by(Authorization.id.desc())
    )
    return db.session.scalar(query.limit(1))


def stands(jti: str, *, kid: str | None) -> bool:
    """Whether what an access token was given for still stands, and the key called `kid` that signed it.

    That is: not revoked, and neither its person nor its client is gone or disabled. A token whose `jti` names no
    authorization is judged by its signature and times, and its key.
    """
    if not exchanges.stand(jti):
        return False
    origin = exchanges.first(jti)
    if is_of_client(origin):
        return _client_stands(origin.split(".")[1], origin, kid)
    identifier = id_of_token(origin)
    if identifier is None:
        return db.session.scalar(_KEY_REVOKED, {"kid": kid}) is None
    return db.session.scalar(_STANDS, {"id": identifier, "kid": kid}) is not None


def revoke_client_token(client: Client, jti: str, *, until: datetime, by: Actor) -> bool:
    """End one access token that `client` has in its own name, before it expires (`until`); False when it had ended already."""
    with transaction():
        first = marks.spend(marks.REVOKED_TOKEN, jti, until=until)
        if first:
            audit.record("token.revoked", actor=by, subject=client, client_id=client.client_id)
    return first


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


def revoke_all(user: User, *, reason: str, client_id: UUID | None = None, except_sid: str | None = None) -> None:
    """End every authorization of a person, or every one with one client, or which is not of the session `except_sid`."""
    which = [Authorization.client_id == client_id] if client_id else []
    which += [Authorization.sid != except_sid] if except_sid else []
    query = update(Authorization).where(Authorization.user_id == user.id, Authorization.revoked_at.is_(None), *which)
    with transaction() as session:
        session.execute(query.values(revoked_at=clock.now(), revoked_reason=reason))


def revoke_client(client: Client, *, reason: str, by: Actor) -> None:
    """End every authorization that people gave a client."""
    query = update(Authorization).where(Authorization.client_id == client.id, Authorization.revoked_at.is_(None))
    with transaction() as session:
        audit.record("authorization.all_revoked", actor=by, subject=client, reason=reason)
        session.execute(query.values(revoked_at=clock.now(), revoked_reason=reason))


def end_with_session(user: User, *, sid: str | None = None, except_sid: str | None = None) -> set[tuple[UUID, str]]:
    """End what was granted for the time of a session, or of all, or of all but one: everything without offline_access.

    The clients of those sessions, each with the sid that it knows (Back-Channel Logout 1.0 §2.7).
    """
    query = select(Authorization.id, Authorization.client_id, Authorization.sid, Authorization.scopes)
    query = query.where(Authorization.user_id == user.id)
    if sid is not None:
        query = query.where(Authorization.sid == sid)
    if except_sid is not None:
        query = query.where(Authorization.sid != except_sid)
    with transaction() as session:
        rows = session.execute(query).all()
        online = [row.id for row in rows if OFFLINE not in row.scopes]
        session.execute(
            update(Authorization)
            .where(Authorization.id.in_(online), Authorization.revoked_at.is_(None))
            .values(revoked_at=clock.now(), revoked_reason="signed out")
            .execution_options(synchronize_session=False)
        )
    return {(row.client_id, row.sid) for row in rows}


def withdraw(user: User, client_id: UUID, *, by: Actor) -> None:
    """Forget the consent that `user` gave a client, and end what the client holds. Raises NotFound."""
    consent = consents.get(user, client_id)
    with transaction():
        audit.record("consent.withdrawn", actor=by, subject=consent.client, client_id=consent.client.client_id, user=str(user.id))
        consents.forget(consent)
        revoke_all(user, client_id=client_id, reason="consent withdrawn")


def clients_of_session(sid: str) -> list[Client]:
    """The clients that the browser session `sid` signed in to."""
    query = select(Client).join(Authorization, Authorization.client_id == Client.id).where(Authorization.sid == sid).distinct()
    return list(db.session.scalars(query.limit(200)))


def _client_stands(hex_id: str, jti: str, kid: str | None) -> bool:
    asked = {"id": ids.find_uuid(hex_id), "fingerprint": ids.fingerprint(jti), "kid": kid}
    return db.session.scalar(_CLIENT_STANDS, asked) is not None


def _lifetime(client: Client, scopes: list[str]) -> timedelta:
    asked_for = client.refresh_token_seconds if OFFLINE in scopes else 0
    # Whoever wants to be told of the end of the session is found by this row until then.
    told = ABSOLUTE_SECONDS if client.backchannel_logout_uri or client.frontchannel_logout_uri else 0
    return AFTERLIFE + timedelta(seconds=max(asked_for, told))


def purge(limit: int = 1000) -> int:
    """Delete authorizations, with their codes and tokens, that nothing can ask for any more; how many."""
    with transaction() as session:
        old = list(session.scalars(select(Authorization.id).where(Authorization.expires_at < clock.now()).limit(limit)))
        session.execute(delete(Authorization).where(Authorization.id.in_(old)))
    return len(old)
