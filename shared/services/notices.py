"""Notices: letters that tell somebody what was done with their account."""

from shared.models.user import User
from shared.services import field_values, letters, tenants


def post(kind: str, user: User, **values: str | int) -> None:
    """Have a letter of `kind` tell `user` what is done now, at the hour where they live; call it inside the transaction of it.

    Raises ValueError as letters.post does.
    """
    letters.post(
        kind,
        tenants.get(user.tenant_id),
        to=user.email,
        proved=user.email_verified,
        language=user.reads,
        when=field_values.now_for(user),
        **values,
    )
