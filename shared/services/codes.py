"""Authorization codes: given with their authorization, and spent once with what they buy (RFC 6749 §4.1.2, §10.5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from shared.kit import clock, counters, ids
from shared.kit.db import after_commit, db, transaction, write
from shared.kit.errors import AppError
from shared.models.audit import Actor
from shared.models.authorization import Authorization, AuthorizationCode
from shared.models.client import Client
from shared.models.user import User
from shared.services import audit, authorizations, refresh_tokens
from shared.services.authorizations import Grant
from shared.services.sessions import Session

LIVES_SECONDS = 60
REPLAYED = "code.replayed"
Prove = Callable[[AuthorizationCode, Authorization], None]
_SPEND = (
    update(AuthorizationCode)
    .where(AuthorizationCode.fingerprint == bindparam("sought"), AuthorizationCode.spent_at.is_(None))
    .values(spent_at=bindparam("moment"))
    .returning(AuthorizationCode)
    .execution_options(synchronize_session=False)
)


class CodeRefused(AppError):
    """The code buys nothing: `message` says whether it is unknown, expired, revoked or used before."""

    status = 400
    code = "code_refused"


@dataclass(frozen=True)
class Redeemed:
    """What a code opened, and the refresh token written with it (None unless the person granted offline_access)."""

    authorization: Authorization
    user: User
    refresh_token: str | None


def give(user: User, client: Client, grant: Grant, session: Session) -> str:
    """Write an authorization with its code, in one transaction. The code, which lives 60 seconds. Raises NotSignedIn."""
    code = ids.token()
    with transaction():
        write(
            AuthorizationCode,
            fingerprint=ids.fingerprint(code),
            authorization_id=authorizations.begin(user, client, grant, session),
            redirect_uri=grant.redirect_uri,
            redirect_uri_sent=grant.redirect_uri_sent,
            code_challenge=grant.code_challenge,
            dpop_jkt=grant.dpop_jkt,
            expires_at=clock.now() + timedelta(seconds=LIVES_SECONDS),
        )
    return code


def spend(code: str, client: Client, *, prove: Prove, dpop_jkt: str | None = None) -> Redeemed:
    """Spend `code`, once. `prove` raises where the request does not fit the code, and then nothing is spent.

    Raises CodeRefused; a replay also ends the authorization.
    """
    try:
        return _spend(code, client, prove, dpop_jkt)
    except CodeRefused:
        _end_if_replayed(code, client)
        raise


def _spend(code: str, client: Client, prove: Prove, dpop_jkt: str | None) -> Redeemed:
    with transaction() as session:
        # THE gate: of many redemptions at once, one finds the code unspent.
        spent = session.execute(_SPEND, {"sought": ids.fingerprint(code), "moment": clock.now()}).scalar_one_or_none()
        authorization, user = _checked(spent, client, prove)
        refreshing = authorizations.OFFLINE in authorization.scopes and "refresh_token" in client.grant_types
        token = (
            refresh_tokens.issue(authorization, client, scopes=authorization.scopes, dpop_jkt=dpop_jkt) if refreshing else None
        )
    return Redeemed(authorization, user, token)


def _checked(spent: AuthorizationCode | None, client: Client, prove: Prove) -> tuple[Authorization, User]:
    if spent is None:
        raise CodeRefused("The code is unknown or was used before.")
    authorization, user = authorizations.run_of(spent.authorization_id)
    if authorization.client_id != client.id:
        raise CodeRefused("The code was given to another client.")
    if spent.expires_at <= clock.now():
        raise CodeRefused("The code has expired.")
    if authorization.revoked or user.disabled:
        raise CodeRefused("The authorization has ended.")
    prove(spent, authorization)
    return authorization, user


def _end_if_replayed(code: str, client: Client) -> None:
    query = (
        select(Authorization)
        .join(AuthorizationCode, AuthorizationCode.authorization_id == Authorization.id)
        .where(
            AuthorizationCode.fingerprint == ids.fingerprint(code),
            AuthorizationCode.spent_at.is_not(None),
            Authorization.client_id == client.id,
        )
    )
    if (replayed := db.session.scalar(query)) is None:
        return
    with transaction():
        if authorizations.revoke(replayed.id, reason="authorization code used twice", by=Actor.system("token endpoint")):
            audit.record(REPLAYED, actor=Actor("client", client.client_id, client.name), subject=replayed)
            after_commit(lambda: counters.count(REPLAYED))
