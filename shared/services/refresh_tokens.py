"""Refresh tokens: opaque, kept as fingerprints, rotated or kept as the client's policy says (RFC 6749 §6, RFC 9700 §4.14)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from shared.kit import clock, ids
from shared.kit.db import db, transaction
from shared.kit.errors import AppError
from shared.models.audit import Actor
from shared.models.authorization import Authorization, RefreshToken
from shared.models.client import Client
from shared.models.user import User
from shared.services import authorizations

Prove = Callable[[RefreshToken, Authorization, User], None]


class TokenRefused(AppError):
    """The refresh token buys nothing: `message` says whether it is unknown, expired, revoked or used before."""

    status = 400
    code = "token_refused"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh token opened, and the token that serves next time."""

    authorization: Authorization
    user: User
    refresh_token: str


def issue(authorization: Authorization, client: Client, *, scopes: list[str]) -> str:
    """Write a refresh token, inside the transaction of what bought it."""
    token = ids.token()
    db.session.add(
        RefreshToken(
            fingerprint=ids.fingerprint(token),
            authorization_id=authorization.id,
            scopes=scopes,
            # Counted from the person's grant: rotation never lengthens it.
            expires_at=authorization.created_at + timedelta(seconds=client.refresh_token_seconds),
        )
    )
    return token


def use(token: str, client: Client, *, prove: Prove) -> Refreshed:
    """Open what `token` stands for. `prove` raises where the request does not fit it, and then nothing is spent.

    Raises TokenRefused; a replay also ends the authorization.
    """
    try:
        return _rotate(token, client, prove) if client.refresh_mode == "rotate" else _keep(token, client, prove)
    except TokenRefused:
        _end_if_replayed(token, client)
        raise


def _rotate(token: str, client: Client, prove: Prove) -> Refreshed:
    with transaction() as session:
        # The gate: of many uses at once, one finds the token unspent.
        spent = session.execute(
            update(RefreshToken)
            .where(RefreshToken.fingerprint == ids.fingerprint(token), RefreshToken.spent_at.is_(None))
            .values(spent_at=clock.now())
            .returning(RefreshToken)
        ).scalar_one_or_none()
        row, authorization, user = _checked(spent, client, prove)
        return Refreshed(authorization, user, issue(authorization, client, scopes=row.scopes))


def _keep(token: str, client: Client, prove: Prove) -> Refreshed:
    query = select(RefreshToken).where(RefreshToken.fingerprint == ids.fingerprint(token), RefreshToken.spent_at.is_(None))
    _, authorization, user = _checked(db.session.scalar(query), client, prove)
    return Refreshed(authorization, user, token)


def _checked(row: RefreshToken | None, client: Client, prove: Prove) -> tuple[RefreshToken, Authorization, User]:
    if row is None:
        raise TokenRefused("The refresh token is unknown or was used before.")
    query = (
        select(Authorization, User).join(User, User.id == Authorization.user_id).where(Authorization.id == row.authorization_id)
    )
    authorization, user = db.session.execute(query.execution_options(populate_existing=True)).one()
    if authorization.client_id != client.id:
        raise TokenRefused("The refresh token was given to another client.")
    if row.expires_at <= clock.now():
        raise TokenRefused("The refresh token has expired.")
    if authorization.revoked or user.disabled:
        raise TokenRefused("The authorization has ended.")
    prove(row, authorization, user)
    return row, authorization, user


def _end_if_replayed(token: str, client: Client) -> None:
    query = (
        select(Authorization.id)
        .join(RefreshToken, RefreshToken.authorization_id == Authorization.id)
        .where(
            RefreshToken.fingerprint == ids.fingerprint(token),
            RefreshToken.spent_at.is_not(None),
            Authorization.client_id == client.id,
        )
    )
    if replayed := db.session.scalar(query):
        authorizations.revoke(replayed, reason="refresh token used twice", by=Actor.system("token endpoint"))
