"""Devices: begun by the device, answered by a person at a browser, spent once by the device (RFC 8628)."""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update

from shared.kit import clock, ids, origin, seal
from shared.kit.db import db, transaction, write
from shared.kit.errors import AppError, Conflict, Invalid, NotFound, TooMany
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.authorization import LOGIN, SESSION, Authorization
from shared.models.client import Client
from shared.models.device import ALLOWED, BURNT, DENIED, DeviceRequest
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit, authorizations, consents, guesses, refresh_tokens, resources, tenants
from shared.services.codes import Redeemed
from shared.services.sessions import Session

Prove = Callable[[Authorization], None]
# No vowels, so that no words come out, and no Y; without digits there is nothing to take a letter for (RFC 8628 §6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
HALF = 4
LIVES = timedelta(minutes=10)
POLL_SECONDS = 5
SLOWER_SECONDS = 5
MOST_WRONG_GUESSES = 5
# How long a device that polls late still learns what became of its code.
AFTERLIFE = timedelta(hours=1)
_FIND = (
    select(DeviceRequest)
    .where(DeviceRequest.fingerprint == bindparam("sought"), DeviceRequest.client_id == bindparam("client_id"))
    .execution_options(populate_existing=True)
)
_SPEND = (
    update(DeviceRequest)
    .where(DeviceRequest.id == bindparam("sought"), DeviceRequest.answer == ALLOWED, DeviceRequest.spent_at.is_(None))
    .values(spent_at=bindparam("moment"))
    .returning(DeviceRequest.authorization_id)
    .execution_options(synchronize_session=False)
)


class DeviceRefused(AppError):
    """The device code buys nothing, and never will: `message` says why."""

    status = 400
    code = "device_refused"


class Waiting(DeviceRefused):
    """The person has not answered yet."""

    code = "device_waiting"


class TooFast(Waiting):
    """The device asks more often than it was told to; from here on it must wait longer."""

    code = "device_too_fast"


class Refused(DeviceRefused):
    """The person said no."""

    code = "device_denied"


class Over(DeviceRefused):
    """Nobody answered in time, or the code was guessed at: the device may begin anew."""

    code = "device_over"


@dataclass(frozen=True)
class Begun:
    """The two codes of a request, to be told to the device and never again."""

    device_code: str
    user_code: str


def begin(client: Client, scopes: list[str], identifiers: list[str]) -> Begun:
    """Write a request of `client` for these scopes and resources, which lives ten minutes."""
    begun = Begun(ids.token(), ids.pick(ALPHABET, 2 * HALF))
    with transaction():
        write(
            DeviceRequest,
            tenant_id=client.tenant_id,
            client_id=client.id,
            fingerprint=ids.fingerprint(begun.device_code),
            user_code=_fingerprint(client.tenant_id, begun.user_code),
            half=_fingerprint(client.tenant_id, begun.user_code[:HALF]),
            scopes=scopes,
            resources=identifiers,
            address=origin.current().address,
            expires_at=clock.now() + LIVES,
            poll_seconds=POLL_SECONDS,
        )
    return begun


def shown(user_code: str) -> str:
    """A user code as people see it, XXXX-XXXX, whichever way it was typed."""
    letters = normal(user_code)
    return f"{letters[:HALF]}-{letters[HALF:]}" if len(letters) > HALF else letters


def normal(typed: str) -> str:
    """The letters of a user code, however it was typed: whatever no code has does not count (RFC 8628 §6.1)."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter in ALPHABET)[:32]


def claim(tenant: Tenant, user: User, typed: str) -> DeviceRequest:
    """The open request whose code `user` typed; from now on it is theirs to answer. Raises Invalid, and TooMany."""
    sought = normal(typed)
    try:
        guesses.take_device_code(user)
    except TooMany as limited:
        _burn(tenant, DeviceRequest.user_code == _fingerprint(tenant.id, sought), user)
        words = said("Too many codes in a short time. Wait a few minutes, then start again on the device.")
        raise TooMany(words, retry_after=limited.retry_after) from None
    with transaction() as session:
        claimed = session.execute(
            update(DeviceRequest)
            .where(DeviceRequest.user_code == _fingerprint(tenant.id, sought), *_open())
            .values(user_id=user.id)
            .returning(DeviceRequest)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
    if claimed is None:
        _count_wrong(tenant, sought, user)
        raise Invalid(said("No device shows this code now. Please look again, or start again on the device."), field="user_code")
    return claimed


def get(user: User, identifier: UUID) -> DeviceRequest:
    """The request that `user` typed the code of. Raises NotFound, also when it expired without an answer."""
    row = db.session.get(DeviceRequest, identifier, populate_existing=True)
    if row is None or row.user_id != user.id or not (row.open or row.answer):
        raise NotFound(said("This code has expired. Start again on the device, and type the new one."))
    return row


def wanted(asked: DeviceRequest) -> list[str]:
    """What the person is asked for, as consents keep it."""
    return resources.wanted(tenants.get(asked.tenant_id), asked.scopes, asked.resources)


def allow(asked: DeviceRequest, user: User, session: Session) -> None:
    """Let the device have what it asked for, as `user` in this browser session. Raises Conflict when it was answered before."""
    # Whoever signed in after the device asked did so for it.
    acr = LOGIN if session.auth_time >= int(asked.created_at.timestamp()) else SESSION
    with transaction() as written:
        _answer(asked, user, ALLOWED)
        consents.give(user, asked.client, wanted(asked))
        authorization_id = authorizations.start(
            user, asked.client, session, scopes=asked.scopes, acr=acr, resources=asked.resources, how="device"
        )
        written.execute(update(DeviceRequest).where(DeviceRequest.id == asked.id).values(authorization_id=authorization_id))
        audit.record("device.allowed", actor=Actor.of(user), subject=asked.client, scopes=asked.scopes, device=asked.address)


def deny(asked: DeviceRequest, user: User) -> None:
    """Refuse the device. Raises Conflict when it was answered before."""
    with transaction():
        _answer(asked, user, DENIED)
        audit.record("device.denied", actor=Actor.of(user), subject=asked.client, device=asked.address)


def redeem(device_code: str, client: Client, *, prove: Prove, dpop_jkt: str | None = None) -> Redeemed:
    """What the person allowed, once. `prove` raises where the request does not fit it, and then nothing is spent.

    Raises Waiting, TooFast, Refused, Over, and DeviceRefused for every other code.
    """
    row = db.session.scalar(_FIND, {"sought": ids.fingerprint(device_code), "client_id": client.id})
    if row is None or row.spent_at is not None:
        raise DeviceRefused("The device code is unknown, of another client, or was used before.")
    if row.answer == DENIED:
        raise Refused("The person refused.")
    if row.answer == BURNT or row.expired:
        raise Over("The code has expired, or was guessed at too often.")
    if row.answer is None:
        _pace(row)
        raise Waiting("The person has not answered yet.")
    return _spend(row, client, prove, dpop_jkt)


def purge() -> int:
    """Delete requests that ended an hour ago; how many."""
    with transaction() as session:
        old = delete(DeviceRequest).where(DeviceRequest.expires_at < clock.now() - AFTERLIFE).returning(DeviceRequest.id)
        return len(session.execute(old).all())


def _spend(row: DeviceRequest, client: Client, prove: Prove, dpop_jkt: str | None) -> Redeemed:
    with transaction() as session:
        # THE gate: of many polls at once, one finds the answer unspent.
        authorization_id = session.scalar(_SPEND, {"sought": row.id, "moment": clock.now()})
        if authorization_id is None:
            raise DeviceRefused("The device code was used before.")
        authorization, user = authorizations.run_of(authorization_id)
        if authorization.revoked or user.disabled:
            raise DeviceRefused("The authorization has ended.")
        prove(authorization)
        refreshing = authorizations.OFFLINE in authorization.scopes and "refresh_token" in client.grant_types
        token = (
            refresh_tokens.issue(authorization, client, scopes=authorization.scopes, dpop_jkt=dpop_jkt) if refreshing else None
        )
    return Redeemed(authorization, user, token)


def _pace(row: DeviceRequest) -> None:
    """Count a poll. Raises TooFast, and adds five seconds for good, when the last one was too short ago (RFC 8628 §3.5)."""
    moment = clock.timestamp()
    this = update(DeviceRequest).where(DeviceRequest.id == row.id).execution_options(synchronize_session=False)
    due = or_(DeviceRequest.polled_at.is_(None), DeviceRequest.polled_at + DeviceRequest.poll_seconds <= moment)
    with transaction() as session:
        # One statement looks and counts: of many polls at once, one is in time.
        in_time = session.scalar(this.where(due).values(polled_at=moment).returning(DeviceRequest.id))
        if in_time is None:
            session.execute(this.values(polled_at=moment, poll_seconds=DeviceRequest.poll_seconds + SLOWER_SECONDS))
    if in_time is None:
        raise TooFast("The device polls too often.")


def _answer(asked: DeviceRequest, user: User, answer: str) -> None:
    # The gate, inside the transaction of what is answered: the first answer counts, and only of who typed the code.
    with transaction() as session:
        answered = session.scalar(
            update(DeviceRequest)
            .where(DeviceRequest.id == asked.id, DeviceRequest.user_id == user.id, *_open())
            .values(answer=answer)
            .returning(DeviceRequest.id)
            .execution_options(synchronize_session=False)
        )
    if answered is None:
        raise Conflict(said("This device was answered already, or its code has expired."))


def _count_wrong(tenant: Tenant, sought: str, user: User) -> None:
    """Count a wrong guess against the code that begins alike, if there is one: the fifth burns it (RFC 8628 §5.1)."""
    if len(sought) < HALF:
        return
    near = DeviceRequest.half == _fingerprint(tenant.id, sought[:HALF])
    with transaction() as session:
        session.execute(
            update(DeviceRequest)
            .where(DeviceRequest.tenant_id == tenant.id, near, *_open())
            .values(wrong_guesses=DeviceRequest.wrong_guesses + 1)
            .execution_options(synchronize_session=False)
        )
    _burn(tenant, near & (DeviceRequest.wrong_guesses >= MOST_WRONG_GUESSES), user)


def _burn(tenant: Tenant, which: ColumnElement[bool], by: User) -> None:
    with transaction() as session:
        burnt = session.execute(
            update(DeviceRequest)
            .where(DeviceRequest.tenant_id == tenant.id, which, *_open())
            .values(answer=BURNT)
            .returning(DeviceRequest.client_id)
            .execution_options(synchronize_session=False)
        ).scalars()
        for client_id in burnt.all():
            audit.record("device.code_burnt", actor=Actor.of(by), subject=session.get_one(Client, client_id))


def _open() -> tuple[ColumnElement[bool], ...]:
    disabled = select(Client.id).where(Client.id == DeviceRequest.client_id, Client.disabled_at.is_not(None))
    return DeviceRequest.answer.is_(None), DeviceRequest.expires_at > clock.now(), ~disabled.exists()


def _fingerprint(tenant_id: UUID, user_code: str) -> bytes:
    # Keyed, because so few codes exist that a stolen table could be tried through.
    return hmac.new(seal.derive("device user code"), f"{tenant_id}:{user_code}".encode(), hashlib.sha256).digest()
