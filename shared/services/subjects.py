"""By which `sub` a client knows a person: the same for all, or one of its own (OpenID Connect Core §8, §8.1)."""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import bindparam, select

from shared.kit.db import db
from shared.models import device
from shared.models.client import PAIRWISE, Client
from shared.models.tenant import Tenant
from shared.models.user import User

_SALT = select(Tenant.subject_salt).where(Tenant.id == bindparam("id"))
# Never changed once made, so it may be kept for as long as the process lives.
_salts: dict[UUID, bytes] = {}


def of(user: User, client: Client) -> str:
    """The `sub` of `user` in whatever `client` is given: tokens, userinfo, introspection, logout."""
    return of_id(user.id, client)


def of_id(user_id: UUID, client: Client) -> str:
    """The same for the person with this id, who may be gone."""
    if client.subject_type != PAIRWISE:
        return str(user_id)
    # Keyed by what only we know: who has two of these cannot tell whether they are one person.
    made = hmac.new(_salt(client.tenant_id), f"{sector_of(client)}\n{user_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def sector_of(client: Client) -> str:
    """The clients with the same sector know a person by the same `sub` (§8.1).

    It is the host of `sector_identifier_uri`, else the host that all redirect URIs have; without a host each client is alone,
    and so is one that nobody answers for and that need not be where its redirect URIs are to get tokens (RFC 8628).
    """
    if not client.verified and device.GRANT_TYPE in client.grant_types:
        return client.client_id
    if client.sector_identifier_uri:
        return str(urlsplit(client.sector_identifier_uri).hostname)
    hosts = hosts_of(client.redirect_uris)
    return hosts[0] if len(hosts) == 1 else client.client_id


def hosts_of(uris: list[str]) -> list[str]:
    """The hosts of these addresses, each once; an application's own scheme has none."""
    return list(dict.fromkeys(host for uri in uris if (host := urlsplit(uri).hostname)))


def _salt(tenant_id: UUID) -> bytes:
    if tenant_id not in _salts:
        _salts[tenant_id] = db.session.scalars(_SALT, {"id": tenant_id}).one()
    return _salts[tenant_id]
