"""Who may enter the dashboard: operators, at the address of the default tenant."""

from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from auth_service import visitor
from shared.kit.errors import Denied, NotFound
from shared.models.audit import Actor
from shared.models.user import OPERATOR
from shared.web import tenancy

SECTIONS = (
    ("admin.home", "Overview", "home"),
    ("admin.clients", "Clients", "app"),
    ("admin.resources", "Resources", "layers"),
    ("admin.issuers", "Trusted issuers", "shield"),
    ("admin.providers", "Sign-in providers", "link"),
    ("admin.users", "Users", "users"),
    ("admin.fields", "User fields", "fields"),
    ("admin.tenants", "Tenants", "tenant"),
    ("admin.outbox", "Outbox", "mail"),
    ("admin.audit", "Audit", "log"),
)


def only_operators() -> ResponseReturnValue | None:
    """Send a stranger to sign in first. Raises Denied for a user without the permission, NotFound at another tenant's address."""
    if not tenancy.tenant().is_default:
        raise NotFound("There is nothing at this address.")
    person = visitor.operator()
    if person is None:
        return redirect(url_for(visitor.entrance(), next=_here()))
    if not person.has(OPERATOR):
        raise Denied(f"The dashboard is for operators. Ask one of them to make {person.email} an operator too.")
    g.operator = person
    return None


def operator() -> Actor:
    """The signed-in operator, as the audit log names them."""
    session = visitor.operator_session()
    return Actor.of(g.operator, sid=session.sid if session else "")


def shell() -> dict[str, Any]:
    """What every page of the dashboard shows around its content; less of it to those who were not let in."""
    person = g.get("operator")
    here = visitor.operator_session() if person else None
    return {"sections": SECTIONS if person else (), "operator": person, "this_session": here.sid if here else None}


def _here() -> str:
    # A form sent after the session ended cannot be repeated by a link.
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("admin.home")
