"""Ways in: what opens an account, and whether anything is left that does if one of them goes."""

from sqlalchemy import select

from shared.kit.db import db
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.factor import Passkey
from shared.models.provider import Identity, Provider
from shared.models.tenant import EMAIL, PASSKEY, PASSWORD
from shared.models.user import User
from shared.services import tenants

Way = Passkey | Identity


def check_another(user: User, way: Way) -> None:
    """Raise Invalid if this is the last way in that `user` has, of those that their tenant offers."""
    offered = tenants.get(user.tenant_id).factors
    by_password, by_letter = PASSWORD in offered and bool(user.password_hash), EMAIL in offered and user.email_verified
    if not by_password and not by_letter and _ways(user, offered) == {way.id}:
        raise Invalid(said("This is the only way in that you have. Add another one first."))


def _ways(user: User, offered: list[str]) -> set[object]:
    """The ids of the passkeys and the accounts elsewhere that open the account of `user` today."""
    passkeys = select(Passkey.id).where(Passkey.user_id == user.id) if PASSKEY in offered else None
    elsewhere = select(Identity.id).join(Provider, Provider.id == Identity.provider_id)
    elsewhere = elsewhere.where(Identity.user_id == user.id, Provider.enabled)
    return {id for query in (passkeys, elsewhere) if query is not None for id in db.session.scalars(query)}
