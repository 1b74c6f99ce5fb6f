"""Claims about a person, as scopes release them (OpenID Connect Core §5.1, §5.4)."""

from collections.abc import Collection
from typing import Any

from shared.models.user import User


def about(user: User, scopes: Collection[str], *, first_party: bool) -> dict[str, Any]:
    """The claims that `scopes` release, with `sub`. A first-party application is given all, and what Fief's ones read."""
    claims: dict[str, Any] = {"sub": str(user.id)}
    if first_party or "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if first_party or "profile" in scopes:
        claims |= {"updated_at": int(user.updated_at.timestamp())} | ({"name": user.name} if user.name else {})
    if first_party:
        claims |= {"tenant_id": str(user.tenant_id), "is_active": not user.disabled, "fields": {}}
    return claims


NAMES = ("sub", "email", "email_verified", "name", "updated_at", "tenant_id", "is_active", "fields")
