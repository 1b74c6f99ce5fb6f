"""Refresh tokens: opaque, kept as fingerprints, rotated or kept as the client's policy says (RFC 6749 §6, RFC 9700 §4.14)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from shared.kit import clock, counters, ids, seal
from shared.kit.db import after_commit, db, transaction, write
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


# How exactly it is known when a kept token was last used, in seconds: more would cost a write for each use.
NOTED_EVERY = 60


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
    ended = authorization.revoked or user.disabled or _is_idle(row, db.session.get_one(Client, authorization.client_id))
    return None if ended else Found(row, authorization, user)


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
        _check_used(row, client)
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
        _record("refresh_token.repeated", client, authorization)
    return Refreshed(authorization, user, successor)


def _keep(token: str, client: Client, prove: Prove) -> Refreshed:
    found = db.session.scalar(_FIND, {"sought": ids.fingerprint(token)})
    row, authorization, user = _checked(found, client, prove)
    _check_used(row, client)
    _note_use(row, client)
    return Refreshed(authorization, user, token)


def _note_use(row: RefreshToken, client: Client) -> None:
    moment = clock.now()
    if moment - (row.used_at or row.created_at) >= _noted_every(client):
        this = RefreshToken.fingerprint == row.fingerprint
        with transaction() as session:
            session.execute(update(RefreshToken).where(this).values(used_at=moment).execution_options(synchronize_session=False))


def _noted_every(client: Client) -> timedelta:
    return timedelta(seconds=min(NOTED_EVERY, (client.refresh_idle_seconds or 10 * NOTED_EVERY) / 10))


def _check_used(row: RefreshToken, client: Client) -> None:
    if _is_idle(row, client):
        raise TokenRefused("The refresh token was not used for too long.")


def _is_idle(row: RefreshToken, client: Client) -> bool:
    """Whether it was not used for too long (RFC 9700 §4.14.2); a rotated one is used by being replaced."""
    if client.refresh_idle_seconds is None:
        return False
    # It may have been used for so long after what was noted: none ends before its time.
    noted = _noted_every(client) if client.refresh_mode == "keep" else timedelta(0)
    return clock.now() - (row.used_at or row.created_at) >= timedelta(seconds=client.refresh_idle_seconds) + noted


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
        select(Authorization)
        .join(RefreshToken, RefreshToken.authorization_id == Authorization.id)
        .where(
            RefreshToken.fingerprint == ids.fingerprint(token),
            RefreshToken.spent_at.is_not(None),
            Authorization.client_id == client.id,
        )
    )
    if (replayed := db.session.scalar(query)) is None:
        return
    with transaction():
        if authorizations.revoke(replayed.id, reason="refresh token used twice", by=Actor.system("token endpoint")):
            _record("refresh_token.replayed", client, replayed)


def _record(action: str, client: Client, authorization: Authorization) -> None:
    audit.record(action, actor=Actor("client", client.client_id, client.name), subject=authorization)
    after_commit(lambda: counters.count(action))
