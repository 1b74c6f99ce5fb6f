"""The tenant whose rows a list shows: `?tenant=<slug>`, or those of all."""

from typing import Any

from wtforms import SelectChoice

from auth_service.admin import listing
from shared.kit.errors import NotFound
from shared.models.tenant import Tenant
from shared.services import tenants

MOST = 100


def tenant() -> Tenant | None:
    """The tenant that the address names; None for all of them. Raises NotFound."""
    slug = listing.word("tenant")
    return called(slug) if slug else None


def called(slug: str) -> Tenant:
    """The tenant with this slug. Raises NotFound."""
    found = tenants.find(slug)
    if found is None:
        raise NotFound("There is no such tenant.")
    return found


def slug() -> str:
    """The slug of the tenant that a new row goes to unless the operator chooses another."""
    return (tenant() or tenants.default()).slug


def choices() -> list[SelectChoice]:
    """What a menu of tenants offers: the first hundred."""
    return [SelectChoice(each.slug, each.name) for each in tenants.search(limit=MOST).items]


def shown() -> dict[str, Any]:
    """What a list of one tenant's rows, or of all tenants', tells its template."""
    return {"tenant": tenant(), "tenants": choices(), "tenant_of": tenants.get}
