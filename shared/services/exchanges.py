"""Exchanged tokens: which of the tokens on the way ends which, and what is written down of an exchange (RFC 8693)."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select

from shared.kit import ids
from shared.kit.db import db, transaction
from shared.models.audit import Actor
from shared.models.client import Client
from shared.models.mark import Mark
from shared.models.tenant import Tenant
from shared.services import audit, marks

# Between the `jti` of a token and what an exchange adds to it; no identifier of ours has it.
BETWEEN = "~"
_REVOKED = select(Mark.kind).where(
    Mark.kind == marks.REVOKED_TOKEN, Mark.fingerprint.in_(bindparam("fingerprints", expanding=True))
)
_CLIENTS = select(func.count(Client.id)).where(
    Client.id.in_(bindparam("ids", expanding=True)), Client.disabled_at.is_(None), ~_REVOKED.exists()
)


def token_id(jti: str, client: Client) -> str:
    """A `jti` for what `client` is given for the token with this one: it names all that it came through."""
    return f"{jti}{BETWEEN}{client.id.hex}.{ids.token(9)}"


def first(jti: str) -> str:
    """The `jti` of the token that the first exchange began with, or this one itself."""
    return jti.partition(BETWEEN)[0]


def count(jti: str) -> int:
    """How many exchanges led to the token with this `jti`."""
    return jti.count(BETWEEN)


def stand(jti: str) -> bool:
    """Whether no token on the way was revoked by itself, and every client that exchanged one is there and enabled."""
    parts = jti.split(BETWEEN)
    if len(parts) == 1:
        return True
    ways = [BETWEEN.join(parts[:length]) for length in range(2, len(parts) + 1)]
    clients = {_client_of(part) for part in parts[1:]}
    asked = {"ids": list(clients - {None}), "fingerprints": [ids.fingerprint(way) for way in ways]}
    return db.session.scalar(_CLIENTS, asked) == len(clients)


def record(client: Client, *, subject: Any, tenant: Tenant, **detail: Any) -> None:
    """Write down that `client` was given a token for `subject`, a person or a client that acts in its own name."""
    with transaction():
        by = Actor("client", client.client_id, client.name)
        audit.record("token.exchanged", actor=by, subject=subject, tenant=tenant, **detail)


def _client_of(part: str) -> UUID | None:
    return ids.find_uuid(part.partition(".")[0])
