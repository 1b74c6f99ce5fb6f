"""What a tenant may say about factors: which it offers, when a second one is due, and that people can still sign in."""

from collections.abc import Iterable

from sqlalchemy import func, select

from shared.kit.db import db
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.provider import Provider
from shared.models.tenant import EMAIL, FACTORS, PASSWORD, SECOND_FACTOR, Tenant
from shared.models.user import OPERATOR, User
from shared.services import factors

# The settings of a tenant that are about it.
SETTINGS = ("factors", "second_factor")
DEMANDING = ("operators", "always")


def kinds(values: Iterable[str]) -> list[str]:
    """The factors that are offered, in our order. Raises Invalid for an unknown one."""
    if unknown := [value for value in values if value not in FACTORS]:
        raise Invalid(said("Unknown here: %(names)s.", names=", ".join(unknown)[:200]), field="factors")
    return [value for value in FACTORS if value in values]


def rule(value: str) -> str:
    """When a second factor is due. Raises Invalid."""
    if value not in SECOND_FACTOR:
        raise Invalid(said("Choose one of %(names)s.", names=", ".join(SECOND_FACTOR)), field="second_factor")
    return value


def check(tenant: Tenant) -> None:
    """Raise Invalid unless somebody who has nothing yet can sign in, and can give or add the second factor that is due."""
    if not {PASSWORD, EMAIL} & set(tenant.factors) and not _has_providers(tenant):
        words = said("Offer a password or a code by e-mail, or a sign-in provider: nobody has a passkey before they sign in.")
        raise Invalid(words, field="factors")
    by_letter = EMAIL in tenant.factors and PASSWORD in tenant.factors
    if tenant.second_factor in DEMANDING and not factors.addable(tenant) and not by_letter:
        words = said("Offer passkeys or authenticator apps too: where a second factor is due, people must be able to add one.")
        raise Invalid(words, field="second_factor")


def without(tenant: Tenant) -> dict[str, int]:
    """How many people of `tenant` have no second factor, whom each rule would lead to add one when they next sign in."""
    query = select(User.permissions, func.count()).where(
        User.tenant_id == tenant.id, User.disabled_at.is_(None), User.second_factors == []
    )
    found = [(OPERATOR in permissions, count) for permissions, count in db.session.execute(query.group_by(User.permissions))]
    return {"always": sum(count for _, count in found), "operators": sum(count for is_one, count in found if is_one)}


def _has_providers(tenant: Tenant) -> bool:
    query = select(Provider.id).where(Provider.tenant_id == tenant.id, Provider.enabled).limit(1)
    return db.session.scalar(query) is not None
