"""Clients: find, register, change, delete; and their secrets."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.kit import clock, ids, page, seal
from shared.kit.db import db, starts_with, transaction
from shared.kit.errors import Denied, Invalid, NotFound
from shared.kit.recent import Recent
from shared.models.audit import Actor
from shared.models.client import BY_OPERATOR, CLIENT_SECRET_JWT, CONFIDENTIAL, PUBLIC, Client
from shared.models.scope import USUAL
from shared.models.tenant import Tenant
from shared.models.user import FOLDED, fold
from shared.services import audit, client_keys, client_profiles, client_settings, redirects, sectors

LONGEST_ID = 320
USUAL_GRANTS = ("authorization_code", "refresh_token")
# Every request of a client begins with it: built once, as building a statement costs as much as asking it.
_FIND = select(Client).where(Client.client_id == bindparam("client_id"), Client.tenant_id == bindparam("tenant_id"))
_recent = Recent(Client)


def find(tenant: Tenant, client_id: str | None) -> Client | None:
    """The client of `tenant` with this `client_id`, or None."""
    if not client_id or len(client_id) > LONGEST_ID or "\0" in client_id:
        return None
    asked = {"client_id": client_id, "tenant_id": tenant.id}
    found = _recent.read((tenant.id, client_id), lambda: list(db.session.scalars(_FIND, asked)))
    return found[0] if found else None


def to_open(tenant: Tenant) -> list[Client]:
    """The applications of the house that a person can open from their account, by name."""
    query = select(Client).where(Client.tenant_id == tenant.id, Client.first_party, Client.disabled_at.is_(None))
    query = query.where(Client.initiate_login_uri.is_not(None)).order_by(Client.name_folded).limit(50)
    return list(db.session.scalars(query))


def returning_to(tenant: Tenant, uri: str) -> Client | None:
    """A client of `tenant` that an operator answers for, and that registered this very redirect URI, or None."""
    if db.engine.dialect.name == "postgresql":
        registered = cast(Client.redirect_uris, JSONB).contains([uri])
    else:
        each = func.json_each(Client.redirect_uris).table_valued("value")
        registered = select(each.c.value).where(each.c.value == uri).exists()
    return db.session.scalar(
        select(Client).where(Client.tenant_id == tenant.id, Client.registered_by == BY_OPERATOR, registered).limit(1)
    )


def get(tenant: Tenant | None, identifier: UUID | str) -> Client:
    """The client with this id (not `client_id`), of `tenant` or, for operators, of any. Raises NotFound."""
    key = ids.find_uuid(identifier)
    client = db.session.get(Client, key) if key else None
    if client is None or (tenant is not None and client.tenant_id != tenant.id):
        raise NotFound("There is no such client.")
    return client


def search(
    tenant: Tenant | None, text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25
) -> page.Page[Client]:
    """Clients of `tenant`, or of all, newest first, whose name or client_id begins with `text`."""
    query = select(Client)
    if tenant is not None:
        query = query.where(Client.tenant_id == tenant.id)
    if text.strip():
        query = query.where(or_(starts_with(Client.name_folded, fold(text)), starts_with(Client.client_id, text.strip())))
    return page.fetch(query, Client.id, after=after, before=before, limit=limit)


def register(
    tenant: Tenant,
    *,
    name: str,
    by: Actor,
    client_type: str = CONFIDENTIAL,
    keep_secret: bool = False,
    sector_checked: bool = False,
    **settings: Any,
) -> tuple[Client, str | None]:
    """Make a client; a confidential one comes with its secret, which is not shown again unless `keep_secret`. Raises Invalid.

    Within a transaction the sector is checked beforehand, because that asks somebody else's server.
    """
    if client_type not in (CONFIDENTIAL, PUBLIC):
        raise Invalid("A client is confidential or public.", field="client_type")
    client = Client(
        tenant_id=tenant.id,
        client_id=settings.pop("client_id", None) or ids.token(16),
        client_type=client_type,
        scopes=list(USUAL),
        grant_types=list(USUAL_GRANTS),
        response_modes=["query", "form_post"],
        token_endpoint_auth_method="none" if client_type == PUBLIC else "client_secret_basic",
        # Public clients rotate (RFC 9700 §2.2.2); a confidential one is bound to its secret.
        refresh_mode="rotate" if client_type == PUBLIC else "keep",
    )
    _change(client, {"name": name, "id_token_alg": "ES256", **settings})
    if not sector_checked:
        sectors.check(client.subject_type, client.sector_identifier_uri, client.redirect_uris or ())
    with transaction() as session:
        session.add(client)
        # From here on each setting has a value; whoever chose a profile gets it in all that they did not set.
        session.flush()
        if "profile" in settings:
            chosen = client_profiles.changes(client, client.profile)
            _change(client, {setting: value for setting, value in chosen.items() if setting not in settings})
        secret = _new_secret(client, keep=keep_secret) if client.needs_secret else None
        audit.record("client.created", actor=by, subject=client, client_id=client.client_id, client_type=client_type)
    return client, secret


def update(client: Client, *, by: Actor, sector_checked: bool = False, **changes: Any) -> Client:
    """Change any of the settings named in client_settings.CHECKS. Raises Invalid. About the sector see `register`."""
    if not sector_checked:
        _check_sector(client, changes)
    with transaction() as session:
        row = session.get_one(Client, client.id)
        before = {name: getattr(row, name) for name in changes}
        _change(row, changes)
        if changed := audit.changed(row, before):
            audit.record("client.updated", actor=by, subject=row, **changed)
    return row


def apply_profile(client: Client, profile: str, *, by: Actor) -> Client:
    """Set all that this profile asks for and that can be set here; `client_profiles.lint` has the rest. Raises Invalid."""
    wanted = client_settings.CHECKS["profile"](client, profile)
    return update(client, by=by, **client_profiles.changes(client, wanted))


def _check_sector(client: Client, changes: dict[str, Any]) -> None:
    known = {name: getattr(client, name) for name in ("subject_type", "sector_identifier_uri", "redirect_uris")}
    wanted = {name: client_settings.CHECKS[name](client, changes[name]) for name in known if name in changes}
    if any(known[name] != value for name, value in wanted.items()):
        sectors.check(**{**known, **wanted})


def add_redirect_uri(client: Client, uri: str, *, by: Actor) -> Client:
    """Allow one more address to return to. Raises Invalid, also when there is none."""
    if not uri.strip():
        raise Invalid("Write the address to return to.", field="redirect_uri")
    return update(client, by=by, redirect_uris=[*client.redirect_uris, uri])


def remove_redirect_uri(client: Client, uri: str, *, by: Actor) -> Client:
    """Allow this address no longer."""
    return update(client, by=by, redirect_uris=[known for known in client.redirect_uris if known != uri])


def delete(client: Client, *, by: Actor) -> None:
    """Delete a client with its authorizations, tokens and consents."""
    with transaction() as session:
        audit.record("client.deleted", actor=by, subject=client, client_id=client.client_id)
        session.delete(session.get_one(Client, client.id))


def disable(client: Client, *, by: Actor, reason: str = "") -> Client:
    """Refuse a client everywhere, with every token that it has, until it is enabled again. Nothing of it is lost."""
    with transaction() as session:
        row = session.get_one(Client, client.id, populate_existing=True)
        if not row.disabled:
            row.disabled_at, row.disabled_reason = clock.now(), reason.strip()[:500] or None
            audit.record("client.disabled", actor=by, subject=row, client_id=row.client_id, reason=reason.strip()[:500])
    return row


def enable(client: Client, *, by: Actor) -> Client:
    """Let a client in again; what it held and has not expired serves again."""
    with transaction() as session:
        row = session.get_one(Client, client.id, populate_existing=True)
        if row.disabled:
            row.disabled_at = row.disabled_reason = None
            audit.record("client.enabled", actor=by, subject=row, client_id=row.client_id)
    return row


def rotate_secret(client: Client, *, by: Actor) -> str:
    """Make a new secret; the old one is refused from now on. The new one, which is not kept readably unless the old one was."""
    if client.public:
        raise Invalid("A public client has no secret.")
    with transaction() as session:
        row = session.get_one(Client, client.id)
        secret = _new_secret(row, keep=row.secret_revealable)
        audit.record("client.secret_rotated", actor=by, subject=row, client_id=row.client_id)
    return secret


def reveal_secret(client: Client, *, by: Actor) -> str:
    """The secret of a client that keeps it sealed. Raises Denied for every other."""
    if client.secret_sealed is None:
        raise Denied("This secret was shown once and only its fingerprint is kept. Make a new one.")
    with transaction():
        audit.record("client.secret_revealed", actor=by, subject=client, client_id=client.client_id)
    return seal.unseal(client.secret_sealed, _purpose(client))


def sealed_secret(client: Client) -> str | None:
    """The secret of a client that keeps it sealed, to check what was signed with it; None for every other."""
    return seal.unseal(client.secret_sealed, _purpose(client)) if client.secret_sealed else None


def _new_secret(client: Client, *, keep: bool) -> str:
    secret = ids.token()
    client.secret_fingerprint = ids.fingerprint(secret)
    client.secret_hint = secret[-4:]
    # To check an HMAC takes the secret itself, not its fingerprint.
    hmac = CLIENT_SECRET_JWT, client_keys.HMAC
    keep = keep or client.token_endpoint_auth_method == hmac[0] or client.request_object_signing_alg == hmac[1]
    client.secret_sealed = seal.seal(secret, _purpose(client)) if keep else None
    return secret


def _purpose(client: Client) -> str:
    return f"client secret {client.client_id}"


def _change(client: Client, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(client, name, client_settings.CHECKS[name](client, value))
        if name == "name":
            client.name_folded = fold(client.name)[:FOLDED]
    client_keys.check_together(client)
    client_settings.check_flow(client)
    redirects.check_frame(client.frontchannel_logout_uri, client.redirect_uris or ())
