"""Authenticator apps: codes that change with the time (TOTP, RFC 6238), each good once."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pyotp
from sqlalchemy import update

from shared.kit import clock, ids, seal
from shared.kit.db import db, transaction
from shared.kit.errors import Invalid
from shared.kit.seal import CannotUnseal
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.factor import AuthenticatorApp
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import enrolments, marks
from shared.services.email_codes import normal

STEP_SECONDS = 30
# One step before and after ours: clocks differ, and typing takes time (§5.2).
NEAR = (0, -1, 1)
SECRET, ENROLMENT, MARK = "authenticator app", "authenticator app enrolment", "enrolment"
OPEN_FOR = timedelta(minutes=30)
WRONG = said(
    "That is not the code that the app shows now. Wait for the next one, and look whether your phone has the right time."
)
OVER = said("This took too long. Begin again with a new code to scan.")


@dataclass(frozen=True)
class Enrolment:
    """An app that is being added: its secret, the address that its QR code shows, and a sealed ticket for the form."""

    secret: str
    uri: str
    ticket: str


def begin(tenant: Tenant, user: User) -> Enrolment:
    """A new secret for `user`, which is kept nowhere until a right code has confirmed it."""
    # 160 bits, as RFC 4226 §4 recommends.
    secret = base64.b32encode(ids.random_bytes(20)).decode()
    until = int((clock.now() + OPEN_FOR).timestamp())
    ticket = seal.seal(orjson.dumps({"user": str(user.id), "secret": secret, "until": until}).decode(), ENROLMENT)
    return _enrolment(tenant, user, secret, ticket)


def resume(tenant: Tenant, user: User, ticket: str) -> Enrolment | None:
    """The enrolment that a form was about, to be shown again; None when it is over, or somebody else's."""
    opened = _opened(user, ticket)
    return _enrolment(tenant, user, opened["secret"], ticket) if opened else None


def finish(user: User, ticket: str, code: str, *, name: str, by: Actor, device: str = "", half: bool = False) -> list[str]:
    """Add the app, which showed `code`. Recovery codes, when it is the first second factor. Raises Invalid."""
    opened = _opened(user, ticket)
    if opened is None:
        raise Invalid(OVER)
    step = _step(opened["secret"], code)
    if step is None:
        raise Invalid(WRONG, field="code")
    kept = {"secret_sealed": seal.seal(opened["secret"], SECRET), "last_step": step, "last_used_at": clock.now()}
    app = AuthenticatorApp(user_id=user.id, name=enrolments.checked_name(name, said("Authenticator app")), **kept)
    with transaction():
        # THE gate: one secret is added once, however often the form is sent.
        if not marks.spend(MARK, opened["secret"], until=clock.now() + OPEN_FOR):
            raise Invalid(OVER)
        return enrolments.add(user, app, by=by, device=device, half=half)


def spend(user: User, code: str) -> bool:
    """Whether an app of theirs shows `code`, for the first time; inside the transaction of what it buys (§5.2)."""
    shown = ((app.id, _step(seal.unseal(app.secret_sealed, SECRET), code)) for app in enrolments.of_kind(user, AuthenticatorApp))
    return any(step is not None and _take(app_id, step) for app_id, step in shown)


def _take(app_id: Any, step: int) -> bool:
    # THE gate: neither this step nor an older one is taken again, also of many at once.
    query = (
        update(AuthenticatorApp)
        .where(AuthenticatorApp.id == app_id, AuthenticatorApp.last_step < step)
        .values(last_step=step, last_used_at=clock.now())
        .returning(AuthenticatorApp.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(query).first() is not None


def _step(secret: str, code: str) -> int | None:
    """The time step at which an app with this secret shows `code`, if that is now."""
    here, totp, typed = clock.timestamp() // STEP_SECONDS, pyotp.TOTP(secret, interval=STEP_SECONDS), normal(code)
    # All are computed, so that the time does not tell which fits.
    fitting = [here + near for near in NEAR if ids.same(totp.generate_otp(here + near), typed)]
    return fitting[0] if fitting else None


def _opened(user: User, ticket: str) -> dict[str, Any] | None:
    try:
        opened: dict[str, Any] = orjson.loads(seal.unseal(ticket, ENROLMENT))
    except (CannotUnseal, ValueError):
        return None
    return opened if opened["user"] == str(user.id) and opened["until"] > clock.timestamp() else None


def _enrolment(tenant: Tenant, user: User, secret: str, ticket: str) -> Enrolment:
    uri = pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=user.email, issuer_name=tenant.name)
    return Enrolment(secret, uri, ticket)
