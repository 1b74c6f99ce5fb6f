"""A client_id that is the address of the client's own document (OAuth Client ID Metadata Document, draft-ietf-oauth)."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from auth_service.protocol import client_metadata
from auth_service.protocol.errors import ClientAuthError, ProtocolError
from shared.kit import clock, origin
from shared.kit.errors import Conflict
from shared.kit.fetch import FetchFailed
from shared.models.client import BY_DOCUMENT, PRIVATE_KEY_JWT, Client
from shared.models.tenant import Tenant
from shared.services import client_documents, clients, guesses
from shared.services.client_documents import Document

METHODS = ("none", PRIVATE_KEY_JWT)
# There is no way to agree on a secret (§4.1).
SECRETS = ("client_secret", "client_secret_expires_at")
# What was wrong with a document, and until when nobody asks whether it still is; each process has its own.
WRONG_SECONDS = 10
MOST_WRONG = 1000
_wrong: OrderedDict[tuple[UUID, str], tuple[int, ClientAuthError]] = OrderedDict()


def find(tenant: Tenant, client_id: str | None) -> Client | None:
    """The client of `tenant` with this client_id: as it is registered, or as its document says. None when there is none.

    Raises ClientAuthError when its document cannot be believed.
    """
    known = clients.find(tenant, client_id)
    if known is None:
        return _newcomer(tenant, client_id or "")
    if known.registered_by != BY_DOCUMENT:
        return known
    if not tenant.client_documents:
        return None
    return known if client_documents.is_fresh(known) else _asked_again(tenant, known)


def fetched(tenant: Tenant, client_id: str) -> Client:
    """The client of the document at this address, asked for now, unless it was wrong a moment ago (§4.2).

    Raises ClientAuthError, and FetchFailed.
    """
    key = (tenant.id, client_id)
    until, error = _wrong.get(key, (0, None))
    if error is not None and clock.timestamp() < until:
        raise ClientAuthError.again(error)
    try:
        return read(tenant, client_id, client_documents.get(client_id))
    except ClientAuthError as error:
        _wrong[key] = (clock.timestamp() + WRONG_SECONDS, ClientAuthError.again(error))
        if len(_wrong) > MOST_WRONG:
            _wrong.popitem(last=False)
        raise


def read(tenant: Tenant, client_id: str, document: Document) -> Client:
    """The client of a document, after every rule about it (§4, §4.1). Raises ClientAuthError."""
    unverified = document.unverified
    check_is_its_own(client_id, unverified)
    check_no_secret(unverified)
    method = unverified.get("token_endpoint_auth_method") or "none"
    try:
        wanted = client_metadata.read({**unverified, "token_endpoint_auth_method": method})
        wanted.settings["profile"] = "mcp"
        return client_metadata.judged(lambda: client_documents.keep(tenant, client_id, wanted, document.fresh_seconds))
    except ProtocolError as error:
        raise ClientAuthError(
            f"The document of this client has a fault. {error.description}",
            section=error.section,
            expected=error.expected,
            came=error.came,
            mend=error.mend,
        ) from None


def check_is_its_own(client_id: str, unverified: dict[str, Any]) -> None:
    """The document names the very address that it is at, letter by letter (§4)."""
    if unverified.get("client_id") != client_id:
        raise _refused(
            "The document at this client_id is that of another client.",
            client_id,
            unverified.get("client_id"),
            "Put its own address into the document as client_id, letter by letter.",
        )


def check_no_secret(unverified: dict[str, Any]) -> None:
    """The client is public, or signs with a key of its own (§4.1)."""
    found = [name for name in SECRETS if name in unverified]
    method = unverified.get("token_endpoint_auth_method") or "none"
    if found or method not in METHODS:
        mend = "Use private_key_jwt with jwks_uri, or none, and leave secrets out."
        raise _refused("The document of this client speaks of a shared secret.", METHODS, found or method, mend)


def _newcomer(tenant: Tenant, client_id: str) -> Client | None:
    # Longer ones no column holds.
    if not tenant.client_documents or len(client_id) > clients.LONGEST_ID or not client_documents.is_address(client_id):
        return None
    guesses.take_registration(origin.current().address or "")
    try:
        return fetched(tenant, client_id)
    except FetchFailed:
        raise _unreachable(client_id) from None
    except Conflict:
        return clients.find(tenant, client_id)


def _asked_again(tenant: Tenant, known: Client) -> Client:
    try:
        return fetched(tenant, known.client_id)
    except FetchFailed:
        if client_documents.serves_stale(known):
            return known
        raise _unreachable(known.client_id) from None


def _unreachable(client_id: str) -> ClientAuthError:
    return _refused(
        "The document at this client_id could not be fetched.",
        "a JSON object at this address, over https, without a redirect, of at most 64 KiB",
        client_id,
        "Serve the document at a public address, as application/json.",
    )


def _refused(words: str, expected: object, came: object, mend: str) -> ClientAuthError:
    section = "draft-ietf-oauth-client-id-metadata-document §3, §4"
    return ClientAuthError(words, section=section, expected=expected, came=came, mend=mend)
