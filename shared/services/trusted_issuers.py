"""Trusted issuers: others whose signed word about a person an operator believes, and what that word buys (RFC 7523 §2.1)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, ids, names, page, settings
from shared.kit.db import db, starts_with, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.models.audit import Actor
from shared.models.authorization import ASSERTION, SESSION
from shared.models.client import Client
from shared.models.resource import SCOPE
from shared.models.tenant import Tenant
from shared.models.trusted_issuer import SUBJECT_EMAIL, SUBJECT_ID, TrustedIssuer
from shared.models.user import FOLDED, User, fold, same_address
from shared.services import audit, authorizations, client_keys, clients, marks, users
from shared.services.sessions import Session

LONGEST_ISSUER = 300
MOST_SCOPES = 100
_FIND = select(TrustedIssuer).where(
    TrustedIssuer.tenant_id == bindparam("tenant_id"), TrustedIssuer.issuer == bindparam("issuer")
)


class SeenBefore(Exception):
    """The assertion came before: another one is needed."""


def find(tenant: Tenant, issuer: str) -> TrustedIssuer | None:
    """The issuer of this name that `tenant` trusts, or None."""
    if "\0" in issuer or len(issuer) > LONGEST_ISSUER or not issuer.isascii():
        return None
    return db.session.scalar(_FIND, {"tenant_id": tenant.id, "issuer": issuer})


def get(tenant: Tenant | None, identifier: UUID | str) -> TrustedIssuer:
    """The trusted issuer with this id, of `tenant` or, for operators, of any. Raises NotFound."""
    key = ids.find_uuid(identifier)
    row = db.session.get(TrustedIssuer, key) if key else None
    if row is None or (tenant is not None and row.tenant_id != tenant.id):
        raise NotFound("There is no such issuer.")
    return row


def search(
    tenant: Tenant | None, text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25
) -> page.Page[TrustedIssuer]:
    """Trusted issuers of `tenant`, or of all, newest first, whose name or address begins with `text`."""
    query = select(TrustedIssuer)
    if tenant is not None:
        query = query.where(TrustedIssuer.tenant_id == tenant.id)
    if text.strip():
        query = query.where(
            or_(starts_with(TrustedIssuer.name_folded, fold(text)), starts_with(TrustedIssuer.issuer, text.strip()))
        )
    return page.fetch(query, TrustedIssuer.id, after=after, before=before, limit=limit)


def create(tenant: Tenant, *, issuer: str, name: str, by: Actor, **rules: Any) -> TrustedIssuer:
    """Trust one more. `rules` are any of those named in CHECKS. Raises Invalid, or Conflict for one that is trusted already."""
    row = TrustedIssuer(tenant_id=tenant.id, issuer=_issuer(tenant, issuer), subject_is=SUBJECT_ID, scopes=[])
    _change(row, tenant, {"name": name, **rules})
    try:
        with transaction() as session:
            session.add(row)
            session.flush()
            audit.record("issuer.trusted", actor=by, subject=row, issuer=row.issuer)
    except IntegrityError:
        raise Conflict("This issuer is trusted already.", field="issuer") from None
    return row


def update(issuer: TrustedIssuer, tenant: Tenant, *, by: Actor, **changes: Any) -> TrustedIssuer:
    """Change any of the settings named in CHECKS. Raises Invalid."""
    with transaction() as session:
        row = session.get_one(TrustedIssuer, issuer.id)
        before = {name: getattr(row, name) for name in changes}
        _change(row, tenant, changes)
        if changed := audit.changed(row, before):
            audit.record("issuer.updated", actor=by, subject=row, **changed)
    return row


def delete(issuer: TrustedIssuer, *, by: Actor) -> None:
    """Trust an issuer no longer: its assertions buy nothing more. What they bought ends when it expires or is revoked."""
    with transaction() as session:
        audit.record("issuer.deleted", actor=by, subject=issuer, issuer=issuer.issuer)
        session.delete(session.get_one(TrustedIssuer, issuer.id))


def find_person(tenant: Tenant, issuer: TrustedIssuer, unverified_sub: str) -> User | None:
    """The active person whom `issuer` calls so: by our id, or by an e-mail address that was verified here; or None."""
    if not unverified_sub.isprintable() or len(unverified_sub) > FOLDED:
        return None
    if issuer.subject_is == SUBJECT_EMAIL:
        found = users.find_by_email(tenant, unverified_sub)
        found = found if found and found.email_verified and same_address(found.email, unverified_sub.strip()) else None
    else:
        found = users.find(tenant, unverified_sub)
    return found if found and not found.disabled else None


def accept(
    issuer: TrustedIssuer,
    client: Client,
    user: User,
    *,
    jti: str,
    until: datetime,
    scopes: list[str],
    resources: list[str],
) -> UUID:
    """Use an assertion up, which ends at `until`, and write the authorization that it buys. Its id. Raises SeenBefore."""
    moment = clock.timestamp()
    # Nobody signed in here: no browser has it, and no login of ours vouches for it.
    nowhere = Session(ids.token(16), str(user.tenant_id), str(user.id), moment, (), moment, moment, None, "")
    with transaction():
        if not marks.spend(marks.ASSERTION, f"{issuer.id} {jti}", until=until):
            raise SeenBefore
        by = Actor("client", client.client_id, client.name)
        audit.record("assertion.accepted", actor=by, subject=user, issuer=issuer.issuer, scope=" ".join(scopes))
        return authorizations.start(user, client, nowhere, scopes=scopes, acr=SESSION, resources=resources, how=ASSERTION)


def _issuer(tenant: Tenant, value: str) -> str:
    issuer = value.strip()
    if not 1 <= len(issuer) <= LONGEST_ISSUER or not issuer.isascii() or not issuer.isprintable() or " " in issuer:
        raise Invalid("Write the issuer as it stands in iss, letter by letter: https://id.example.com.", field="issuer")
    if issuer == f"{settings.current().public_url}{tenant.path}":
        raise Invalid("This is our own issuer: an application that has our tokens needs no assertion.", field="issuer")
    return issuer


def _change(row: TrustedIssuer, tenant: Tenant, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, CHECKS[name](tenant, value))
    row.name_folded = fold(row.name)[:FOLDED]
    if bool(row.jwks) == bool(row.jwks_uri):
        raise Invalid("Give its public keys here, or the address where it publishes them: one of the two.", field="jwks_uri")


def _name(tenant: Tenant, value: str) -> str:
    if not names.is_name(value):
        raise Invalid("An issuer needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _subject_is(tenant: Tenant, value: str) -> str:
    if value not in (SUBJECT_ID, SUBJECT_EMAIL):
        raise Invalid(f"Choose {SUBJECT_ID} or {SUBJECT_EMAIL}.", field="subject_is")
    return value


def _clients(tenant: Tenant, value: Sequence[str] | None) -> list[str] | None:
    listed = None if value is None else list(dict.fromkeys(each.strip() for each in value if each.strip()))
    for client_id in listed or ():
        client = clients.find(tenant, client_id)
        if client is None or client.public:
            raise Invalid(
                f"There is no confidential client of this tenant with the Client ID {client_id[:100]}.", field="clients"
            )
    return listed


def _scopes(tenant: Tenant, value: Sequence[str]) -> list[str]:
    listed = list(dict.fromkeys(each.strip() for each in value if each.strip()))
    if len(listed) > MOST_SCOPES or not all(SCOPE.fullmatch(each) for each in listed):
        raise Invalid(f"At most {MOST_SCOPES} scopes, in plain ASCII without blanks and quotes.", field="scopes")
    if authorizations.OFFLINE in listed:
        raise Invalid("An assertion buys no refresh token: the issuer can always make another one.", field="scopes")
    return listed


CHECKS: dict[str, Callable[[Tenant, Any], Any]] = {
    "name": _name,
    "jwks": lambda tenant, value: client_keys.checked(value),
    "jwks_uri": lambda tenant, value: client_keys.checked_uri(value),
    "subject_is": _subject_is,
    "clients": _clients,
    "scopes": _scopes,
}
