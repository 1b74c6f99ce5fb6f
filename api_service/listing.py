"""Lists of the API: which tenant's rows, which words, which page."""

from typing import Any

from flask import request

from api_service.describe import param
from shared.kit import ids
from shared.kit.errors import Invalid, NotFound
from shared.kit.page import Page
from shared.models.tenant import Tenant
from shared.services import tenants

LONGEST = 100
TENANT = param("tenant", "The slug of a tenant; the default one unless given.", maxLength=LONGEST)
PARAMS = (
    TENANT,
    param("q", "What a name or an id begins with.", maxLength=LONGEST),
    param("after", "`next` of the page before.", format="uuid"),
    param("before", "`previous` of the page after.", format="uuid"),
    param("limit", "How many at most.", type="integer", minimum=1, maximum=100, default=25),
)


def path(name: str, description: str, **schema: object) -> dict[str, object]:
    """A part of the path, for `describe(params=…)`."""
    return param(name, description, where="path", **schema)


ID = path("id", "Its id in this API.", format="uuid")


def asked() -> dict[str, Any]:
    """Words, cursors and limit, named as every `search` verb takes them. Raises Invalid."""
    return {"text": word("q"), "after": _cursor("after"), "before": _cursor("before"), "limit": _limit()}


def tenant() -> Tenant:
    """The tenant that the request is about. Raises NotFound."""
    found = tenants.find(word("tenant") or None)
    if found is None:
        raise NotFound("There is no such tenant.")
    return found


def word(name: str) -> str:
    """What the address says under `name`; empty when it does not. Raises Invalid."""
    said = request.args.get(name, "")
    if len(said) > LONGEST or "\0" in said:
        raise Invalid(f"At most {LONGEST} characters, and no NUL.", field=name)
    return said.strip()


def cursors(page: Page[Any]) -> dict[str, str | None]:
    """Where the pages around this one are."""
    return {"next": page.next, "previous": page.previous}


def _cursor(name: str) -> str | None:
    said = request.args.get(name)
    if said is not None and ids.find_uuid(said) is None:
        raise Invalid("This is no cursor: use what an answer says under `next` or `previous`.", field=name)
    return said


def _limit() -> int:
    said = request.args.get("limit", "25")
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= 100):
        raise Invalid("Between 1 and 100.", field="limit")
    return int(said)
