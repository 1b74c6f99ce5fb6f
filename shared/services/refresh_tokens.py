"""Refresh tokens: opaque, kept as fingerprints, rotated or kept as the client's policy says (RFC 6749 §6, RFC 9700 §4.14)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from shared.kit import clock, ids, seal
from shared.kit.db import db, transaction, write
from shared.kit.errors import AppError
from shared.models.audit import Actor
from shared.models.authorization import Authorization, RefreshToken
from shared.models.client import Client
from shared.models.user import User
from shared.services import audit, authorizations

Prove = Callable[[RefreshToken, Authorization, User], None]
_FIND = select(RefreshToken).where(RefreshToken.fingerprint == bindparam("sought"), RefreshToken.spent_at.is_(None))
_SPEND = (
    update(RefreshToken)
    .where(RefreshToken.fingerprint == bindparam("sought"), RefreshToken.spent_at.is_(None))
    .values(spent_at=bindparam("moment"))
    .returning(RefreshToken)
    .execution_options(synchronize_session=False)
)


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


def issue(
    authorization: Authorization, client: Client, *, scopes: list[str], after: str | None = None, dpop_jkt: str | None = None
) -> str:
    """Write a refresh token, inside the transaction of what bought it; `after` is the one that it follows.

    That of a public client is bound to the key with this thumbprint (RFC 9449 §5): nothing else proves who uses it.
    """
    token = successor_of(after) if after else ids.token()
    write(
        RefreshToken,
        fingerprint=ids.fingerprint(token),
        authorization_id=authorization.id,
        scopes=scopes,
        dpop_jkt=dpop_jkt if client.public else None,
        # Counted from the person's grant: rotation never lengthens it.
        expires_at=authorization.created_at + timedelta(seconds=client.refresh_token_seconds),
    )
    return token


@dataclass(frozen=True)
class Found:
    """A refresh token that would still serve, its authorization, and whose that is."""

    token: RefreshToken
    authorization: Authorization
    user: User


def find(token: str) -> Found | None:
    """What `token` is, without using it; None unless it would serve."""
    row = db.session.scalar(_FIND, {"sought": ids.fingerprint(token)})
    if row is None or row.expires_at <= clock.now():
        return None
    authorization, user = authorizations.run_of(row.authorization_id)
    return None if authorization.revoked or user.disabled else Found(row, authorization, user)


def use(token: str, client: Client, *, prove: Prove, dpop_jkt: str | None = None) -> Refreshed:
    """Open what `token` stands for. `prove` raises where the request does not fit it, and then nothing is spent.

    Raises TokenRefused; a replay also ends the authorization.
    """
    try:
        return _keep(token, client, prove) if client.refresh_mode == "keep" else _rotate(token, client, prove, dpop_jkt)
    except TokenRefused:
        if client.refresh_mode == "grace" and (again := _repeat(token, client, prove)):
            return again
        _end_if_replayed(token, client)
        raise


def successor_of(token: str) -> str:
    """The token that follows `token`: as unguessable as it, and the same each time, so that a lost answer can be given again."""
    made = hmac.new(seal.derive("refresh token"), token.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _rotate(token: str, client: Client, prove: Prove, dpop_jkt: str | None) -> Refreshed:
    with transaction() as session:
        # The gate: of many uses at once, one finds the token unspent.
        spent = session.execute(_SPEND, {"sought": ids.fingerprint(token), "moment": clock.now()}).scalar_one_or_none()
        row, authorization, user = _checked(spent, client, prove)
        return Refreshed(authorization, user, issue(authorization, client, scopes=row.scopes, after=token, dpop_jkt=dpop_jkt))


def _repeat(token: str, client: Client, prove: Prove) -> Refreshed | None:
    """The same successor again, while its client seems not to have got it: asked within the grace, and before any use of it."""
    since = clock.now() - timedelta(seconds=client.refresh_grace_seconds)
    successor = successor_of(token)
    unused = select(RefreshToken.fingerprint).where(
        RefreshToken.fingerprint == ids.fingerprint(successor), RefreshToken.spent_at.is_(None)
    )
    query = select(RefreshToken).where(
        RefreshToken.fingerprint == ids.fingerprint(token), RefreshToken.spent_at > since, unused.exists()
    )
    row = db.session.scalar(query)
    if row is None:
        return None
    _, authorization, user = _checked(row, client, prove)
    with transaction():
        audit.record("refresh_token.repeated", actor=Actor("client", client.client_id, client.name), subject=authorization)
    return Refreshed(authorization, user, successor)


def _keep(token: str, client: Client, prove: Prove) -> Refreshed:
    found = db.session.scalar(_FIND, {"sought": ids.fingerprint(token)})
    _, authorization, user = _checked(found, client, prove)
    return Refreshed(authorization, user, token)


def _checked(row: RefreshToken | None, client: Client, prove: Prove) -> tuple[RefreshToken, Authorization, User]:
    if row is None:
        raise TokenRefused("The refresh token is unknown or was used before.")
    authorization, user = authorizations.run_of(row.authorization_id)
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
