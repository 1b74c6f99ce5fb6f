"""A copy of all that is kept about a person, for them to take along: nothing that opens anything, and nothing of other people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Select, func, or_, select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.models.audit import Actor, AuditEvent
from shared.models.authorization import Authorization, RefreshToken
from shared.models.client import Client
from shared.models.consent import Consent
from shared.models.device import DeviceRequest
from shared.models.email_undo import EmailUndo
from shared.models.factor import AuthenticatorApp, Passkey, RecoveryCode
from shared.models.logout_notice import LogoutNotice
from shared.models.provider import Identity, Provider
from shared.models.recovery import RecoveryLink
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import audit, sessions

FILE_NAME = "my-data.json"
# Of each list the newest; the file says where there are more.
MOST = 10_000
ACCOUNT = (
    "id",
    "email",
    "email_verified_at",
    "name",
    "claims",
    "phone_verified_at",
    "fields",
    "permissions",
    "second_factors",
    "created_at",
    "updated_at",
    "last_login_at",
    "language",
)


def of(user: User, *, by: Actor) -> bytes:
    """All that is kept about `user`, as JSON; that it was asked for is written down. Raises Unavailable without Redis."""
    with transaction():
        audit.record("user.data_copied", actor=by, subject=user)
    account = {name: getattr(user, name) for name in ACCOUNT} | {"has_password": user.password_hash is not None}
    copy: dict[str, Any] = {"made_at": clock.now(), "account": account, "sessions": _sessions(user)}
    for name, query in _queries(user).items():
        rows = [dict(row) for row in db.session.execute(query.limit(MOST + 1)).mappings()]
        copy[name] = rows[:MOST]
        if len(rows) > MOST:
            copy[f"{name}_left_out"] = "older ones"
    copy["events"] = [_event(user, row) for row in copy["events"]]
    return orjson.dumps(copy, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)


def _sessions(user: User) -> list[dict[str, Any]]:
    return [
        {
            "began_at": datetime.fromtimestamp(each.created_at, UTC),
            "last_seen_at": datetime.fromtimestamp(each.last_seen, UTC),
            "signed_in_with": list(each.amr),
            "address": each.address,
            "browser": each.user_agent,
        }
        for each in sessions.of(user)
    ]


def _queries(user: User) -> dict[str, Select[Any]]:
    """What to ask for each list of the copy: the columns that may leave, newest first."""
    used = func.max(func.coalesce(RefreshToken.used_at, RefreshToken.created_at)).label("last_used_at")
    client = (Client.name.label("application"), Client.client_id)
    return {
        "passkeys": _newest(Passkey, user, "name", "transports", "synced", "backed_up", "created_at", "last_used_at"),
        "authenticator_apps": _newest(AuthenticatorApp, user, "name", "created_at", "last_used_at"),
        "recovery_codes": _newest(RecoveryCode, user, "created_at", "used_at"),
        "identities": select(
            Provider.name.label("provider"),
            Identity.subject,
            Identity.email,
            Identity.name,
            Identity.created_at,
            Identity.last_used_at,
        )
        .join(Provider, Provider.id == Identity.provider_id)
        .where(Identity.user_id == user.id)
        .order_by(Identity.id.desc()),
        "consents": select(*client, Consent.scopes, Consent.created_at, Consent.updated_at)
        .join(Client, Client.id == Consent.client_id)
        .where(Consent.user_id == user.id)
        .order_by(Consent.updated_at.desc()),
        "authorizations": select(*client, *_columns(Authorization, "scopes", "created_at", "expires_at", "revoked_at"), used)
        .join(Client, Client.id == Authorization.client_id)
        .outerjoin(RefreshToken, RefreshToken.authorization_id == Authorization.id)
        .where(Authorization.user_id == user.id)
        .group_by(Authorization.id, Client.id)
        .order_by(Authorization.id.desc()),
        "devices": select(*client, *_columns(DeviceRequest, "scopes", "address", "answer", "created_at"))
        .join(Client, Client.id == DeviceRequest.client_id)
        .where(DeviceRequest.user_id == user.id)
        .order_by(DeviceRequest.id.desc()),
        "codes_by_letter": _newest(EmailCode, user, "purpose", "email", "created_at", "expires_at", "ended_at"),
        "address_undos": _newest(EmailUndo, user, "email", "created_at", "expires_at", "ended_at"),
        "recovery_links": _newest(RecoveryLink, user, "email", "created_at", "expires_at", "ended_at"),
        "logout_notices": select(*client, *_columns(LogoutNotice, "created_at", "confirmed_at"))
        .join(Client, Client.id == LogoutNotice.client_id)
        .where(LogoutNotice.user_id == user.id)
        .order_by(LogoutNotice.id.desc()),
        "events": select(*AuditEvent.__table__.columns)
        .where(or_(AuditEvent.subject_id == str(user.id), AuditEvent.actor_id == str(user.id)))
        .order_by(AuditEvent.id.desc()),
    }


def _newest(model: Any, user: User, *names: str) -> Select[Any]:
    return select(*_columns(model, *names)).where(model.user_id == user.id).order_by(model.created_at.desc())


def _columns(model: Any, *names: str) -> Sequence[Any]:
    return [getattr(model, name) for name in names]


def _event(user: User, row: dict[str, Any]) -> dict[str, Any]:
    """What was done, by whom and to whom as far as that is oneself: who else it was is not one's own."""
    mine, about_me = row["actor_id"] == str(user.id), row["subject_id"] == str(user.id)
    return {
        "at": row["at"],
        "action": row["action"],
        "by": "you" if mine else row["actor_kind"],
        "to": "you" if about_me else row["subject_kind"],
        "name": row["subject_name"] if row["subject_kind"] == "client" else None,
        "detail": row["detail"] if about_me else None,
        "address": row["address"] if mine else None,
    }
