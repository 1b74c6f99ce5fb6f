"""Where a login at an application begins that somebody else asks for (OpenID Connect Core §4)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from shared.models.client import Client
from shared.models.tenant import Tenant
from shared.services import clients
from shared.web import tenancy


@dataclass(frozen=True)
class Launch:
    """A link that has the application begin a login here."""

    name: str
    address: str


def of(client: Client, tenant: Tenant) -> Launch | None:
    """The link for a client of `tenant`; None where it has none, or may not sign anybody in."""
    uri = client.initiate_login_uri
    if not uri or client.disabled:
        return None
    return Launch(client.name, f"{uri}{'&' if '?' in uri else '?'}{urlencode({'iss': tenancy.issuer_of(tenant)})}")


def again() -> Launch | None:
    """The link to the application that this page was for, when an operator answers for it: what was begun there is over."""
    tenant = tenancy.tenant()
    client = clients.find(tenant, request.args.get("client_id"))
    return of(client, tenant) if client and client.verified else None
