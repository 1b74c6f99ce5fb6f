"""Ways in: by what a person could still sign in if one of these went."""

from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.factor import Passkey
from shared.models.provider import Identity, Provider
from shared.models.tenant import EMAIL, PASSKEY, PASSWORD
from shared.models.user import User
from shared.services import tenants


def left(user: User, *, without: Passkey | Identity) -> bool:
    """Whether `user` can sign in without this one, by a way that their tenant offers."""
    offered = tenants.get(user.tenant_id).factors
    by_password, by_letter = PASSWORD in offered and bool(user.password_hash), EMAIL in offered and user.email_verified
    return by_password or by_letter or _by_passkey(user, offered, without) or _by_provider(user, without)


def _by_passkey(user: User, offered: list[str], without: Passkey | Identity) -> bool:
    others = select(func.count()).where(Passkey.user_id == user.id, Passkey.id != without.id)
    return PASSKEY in offered and bool(db.session.scalar(others))


def _by_provider(user: User, without: Passkey | Identity) -> bool:
    others = select(func.count(Identity.id)).join(Provider, Provider.id == Identity.provider_id)
    return bool(db.session.scalar(others.where(Identity.user_id == user.id, Provider.enabled, Identity.id != without.id)))
