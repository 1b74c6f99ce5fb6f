"""Clients that are known by the document at the address that their client_id is (OAuth Client ID Metadata Document)."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from sqlalchemy import CursorResult, delete, exists
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, fetch
from shared.kit.db import transaction
from shared.kit.errors import Conflict
from shared.models.audit import Actor
from shared.models.authorization import Authorization
from shared.models.client import BY_DOCUMENT, PUBLIC, Client
from shared.models.consent import Consent
from shared.models.tenant import Tenant
from shared.services import clients, documents, redirects, registrations
from shared.services.client_settings import CONFIDENTIAL_GRANTS
from shared.services.registrations import Wanted

SHORTEST = 10  # seconds that a document is kept, whatever it says: one sign-in asks for it several times
STALE = 3600  # seconds that what was kept serves while its address does not answer
ASK_AGAIN_AFTER = 10  # seconds after a fetch that failed
UNUSED_DAYS = 30
NUL = b"\\u0000"
MOST_FAILED = 1000
ITSELF = Actor.system("client document")
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_JSON = re.compile(r"application/(?:[^;]+\+)?json", re.IGNORECASE)
_failed: OrderedDict[str, int] = OrderedDict()
# How what a document said, when it was last read, is kept beside what holds, which an operator may have changed.
SAID = "said:"
DECIDED = ("grant_types", "scopes")


@dataclass(frozen=True)
class Document:
    """What a client says of itself, unverified, and for how many seconds that may be kept."""

    unverified: dict[str, Any]
    fresh_seconds: int


def is_address(client_id: str) -> bool:
    """Whether a client_id is the address of a document: https, with a path, without dots, fragment or user in it (§3)."""
    if not client_id.startswith("https://") or "#" in client_id or not redirects.WRITTEN.fullmatch(client_id):
        return False
    try:
        parts = urlsplit(client_id)
        _ = parts.port
    except ValueError:
        return False
    plain = bool(parts.hostname) and "@" not in parts.netloc and len(parts.path) > 1
    return plain and not any(_DOTS.fullmatch(segment) for segment in parts.path.split("/"))


def is_fresh(client: Client) -> bool:
    """Whether what was kept of its document may be believed without asking."""
    return client.document_fresh_until is not None and clock.now() < client.document_fresh_until


def serves_stale(client: Client) -> bool:
    """Whether what was kept may be believed while its address does not answer."""
    until = client.document_fresh_until
    return until is not None and clock.now() < until + timedelta(seconds=STALE)


def get(client_id: str) -> Document:
    """The document at this address, asked for now. Raises FetchFailed, also for what is no JSON object."""
    if clock.timestamp() < _failed.get(client_id, 0):
        raise fetch.FetchFailed
    try:
        found = documents.get(client_id)
        # No database takes a NUL.
        unverified = None if NUL in found.body else orjson.loads(found.body)
        if isinstance(unverified, dict) and _JSON.fullmatch(found.media_type):
            return Document(unverified, max(found.fresh_seconds, SHORTEST))
    except (fetch.FetchFailed, ValueError):
        pass
    _remember_failure(client_id)
    raise fetch.FetchFailed


def keep(tenant: Tenant, client_id: str, wanted: Wanted, fresh_seconds: int) -> Client:
    """Write down what a client says of itself, which was checked, until it is asked again. Raises Invalid, Conflict."""
    registrations.check_sector(wanted)
    try:
        with transaction() as session:
            client = clients.find(tenant, client_id)
            wanted = _decided(wanted, client)
            if client is None:
                said = {"client_id": client_id, "client_type": wanted.client_type, **wanted.settings}
                client, _ = clients.register(tenant, by=ITSELF, sector_checked=True, **said)
                client.registered_by = BY_DOCUMENT
                client.metadata_kept = wanted.kept
            else:
                client, _ = registrations.rewrite(client, wanted, by=ITSELF)
            row = session.get_one(Client, client.id)
            row.document_fresh_until = clock.now() + timedelta(seconds=fresh_seconds)
    except IntegrityError:
        # Two at once: the other has written it.
        raise Conflict("This client is being looked up just now. Try again.") from None
    return row


def _decided(wanted: Wanted, held: Client | None) -> Wanted:
    """What a document asks for, as an operator has decided about it since it was last read: what they gave or took stays so."""
    now = {name: list(wanted.settings[name]) for name in DECIDED}
    noted = wanted.kept | {SAID + name: " ".join(values) for name, values in now.items()}
    for name, values in now.items():
        before = held.metadata_kept.get(SAID + name) if held else None
        if held is None or before is None:
            continue
        holds, said = getattr(held, name), before.split()
        taken, given = [each for each in said if each not in holds], [each for each in holds if each not in said]
        now[name] = [each for each in values if each not in taken] + [each for each in given if each not in values]
    if wanted.client_type == PUBLIC:
        now["grant_types"] = [grant for grant in now["grant_types"] if grant not in CONFIDENTIAL_GRANTS]
    return Wanted(wanted.settings | now, noted)


def purge() -> int:
    """Forget clients that nobody has used for a while; how many. Whoever comes again is fetched again."""
    unused = [~exists().where(model.client_id == Client.id) for model in (Authorization, Consent)]
    long_ago = clock.now() - timedelta(days=UNUSED_DAYS)
    query = delete(Client).where(Client.registered_by == BY_DOCUMENT, Client.document_fresh_until < long_ago, *unused)
    # Those that an operator disabled stay, so that they stay disabled.
    query = query.where(Client.disabled_at.is_(None))
    with transaction() as session:
        return cast(CursorResult, session.execute(query.execution_options(synchronize_session=False))).rowcount


def _remember_failure(client_id: str) -> None:
    _failed[client_id] = clock.timestamp() + ASK_AGAIN_AFTER
    if len(_failed) > MOST_FAILED:
        _failed.popitem(last=False)
