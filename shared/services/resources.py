"""Resources: the APIs that tokens are for (RFC 8707), which operators keep; and what a person is asked about them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from shared.kit import ids, names, page, settings
from shared.kit.db import db, starts_with, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.recent import Recent
from shared.kit.words import said
from shared.models import claims
from shared.models.audit import Actor
from shared.models.client import CONFIDENTIAL, PUBLIC, Client
from shared.models.resource import SCOPE, Resource, is_identifier
from shared.models.scope import SCOPES, words_for
from shared.models.tenant import Tenant
from shared.models.user import FOLDED, fold
from shared.services import audit, user_fields

MOST_SCOPES = 100
MOST_RUN = 20  # resources of one client
LEAST_SECONDS, MOST_SECONDS = 30, 86400
# Built once: building a statement costs as much as asking it.
_NAMED = select(Resource).where(
    Resource.tenant_id == bindparam("tenant_id"), Resource.identifier.in_(bindparam("identifiers", expanding=True))
)
_recent = Recent(Resource)


def named(tenant: Tenant, identifiers: Sequence[str]) -> list[Resource]:
    """The resources of `tenant` among `identifiers`, in their order; what is unknown is left out."""
    if not identifiers:
        return []
    asked = {"tenant_id": tenant.id, "identifiers": list(identifiers)}
    found = _recent.read((tenant.id, *identifiers), lambda: list(db.session.scalars(_NAMED, asked)))
    return sorted(found, key=lambda resource: identifiers.index(resource.identifier))


def find(tenant: Tenant, identifier: str) -> Resource | None:
    """The resource of `tenant` with this identifier, or None."""
    return next(iter(named(tenant, [identifier])), None)


def run_by(tenant: Tenant, client_id: str) -> list[Resource]:
    """The resources of `tenant` that the client with this `client_id` may introspect for, being that API itself."""
    if db.engine.dialect.name == "postgresql":
        listed = cast(Resource.introspectors, JSONB).contains([client_id])
    else:
        each = func.json_each(Resource.introspectors).table_valued("value")
        listed = select(each.c.value).where(each.c.value == client_id).exists()
    query = select(Resource).where(Resource.tenant_id == tenant.id, listed).order_by(Resource.id)
    return list(db.session.scalars(query.limit(MOST_RUN)))


def get(tenant: Tenant | None, identifier: UUID | str) -> Resource:
    """The resource with this id (a UUID), of `tenant` or, for operators, of any. Raises NotFound."""
    key = ids.find_uuid(identifier)
    resource = db.session.get(Resource, key) if key else None
    if resource is None or (tenant is not None and resource.tenant_id != tenant.id):
        raise NotFound("There is no such resource.")
    return resource


def search(
    tenant: Tenant | None, text: str = "", *, after: str | None = None, before: str | None = None, limit: int = 25
) -> page.Page[Resource]:
    """Resources of `tenant`, or of all, newest first, whose name or identifier begins with `text`."""
    query = select(Resource)
    if tenant is not None:
        query = query.where(Resource.tenant_id == tenant.id)
    if text.strip():
        query = query.where(or_(starts_with(Resource.name_folded, fold(text)), starts_with(Resource.identifier, text.strip())))
    return page.fetch(query, Resource.id, after=after, before=before, limit=limit)


def create(tenant: Tenant, *, identifier: str, name: str, by: Actor, **rules: Any) -> Resource:
    """Keep one more API. `rules` are any of those named in CHECKS. Raises Invalid, or Conflict for an identifier that is kept."""
    resource = Resource(tenant_id=tenant.id, identifier=_identifier(tenant, identifier))
    _change(resource, {"name": name, **rules})
    try:
        with transaction() as session:
            session.add(resource)
            session.flush()
            audit.record("resource.created", actor=by, subject=resource, identifier=resource.identifier)
    except IntegrityError:
        raise Conflict("There is a resource with this identifier already.", field="identifier") from None
    return resource


def update(resource: Resource, *, by: Actor, **changes: Any) -> Resource:
    """Change any of the settings named in CHECKS; the identifier stays, as tokens carry it. Raises Invalid."""
    with transaction() as session:
        row = session.get_one(Resource, resource.id)
        before = {name: getattr(row, name) for name in changes}
        _change(row, changes)
        if changed := audit.changed(row, before):
            audit.record("resource.updated", actor=by, subject=row, **changed)
    return row


def delete(resource: Resource, *, by: Actor) -> None:
    """Keep an API no longer: no new token is made for it."""
    with transaction() as session:
        audit.record("resource.deleted", actor=by, subject=resource, identifier=resource.identifier)
        session.delete(session.get_one(Resource, resource.id))


def wanted(tenant: Tenant, scopes: Sequence[str], identifiers: Sequence[str], names: Sequence[str] = ()) -> list[str]:
    """What a person is asked for, as consents keep it: scopes of ours by name, those of a resource with its identifier.

    `read` of one API is thus never taken for `read` of another. `names` are of claims that are asked for one by one, as those of
    the tenant's own always are: what a scope opens later was not given with it.
    """
    ours = [*(scope for scope in scopes if scope in SCOPES), *claims.asked_alone(names, scopes)]
    own = claims.own(user_fields.of(tenant))
    ours += [f"{claims.ALONE}{field.claim}" for field in own if field.scope in scopes or field.claim in names]
    return ours + [name for resource in named(tenant, identifiers) for name in resource.consent_names(scopes)]


def in_words(tenant: Tenant, names: Sequence[str]) -> list[str]:
    """What a person reads about each of the names that `wanted` gives; of a resource that is gone there is nothing to say."""
    pairs = [name.partition("#") for name in names]
    known = {resource.identifier: resource for resource in named(tenant, [first for first, hash_, _ in pairs if hash_])}
    ours = [words_for(scope) for scope in SCOPES if scope in names]
    alone = claims.asked_alone(claims.STANDARD, names)
    ours += [claims.words_for(name.removeprefix(claims.ALONE)) for name in alone if name in names]
    own = [field for field in claims.own(user_fields.of(tenant)) if f"{claims.ALONE}{field.claim}" in names]
    ours += [said("See “%(name)s” of your profile", name=field.name) for field in own]
    return ours + [known[first].words_for(scope) for first, hash_, scope in pairs if hash_ and first in known]


def _identifier(tenant: Tenant, value: str) -> str:
    identifier = value.strip()
    if not is_identifier(identifier):
        raise Invalid("Write the whole address of the API, without a fragment: https://api.example.com.", field="identifier")
    if identifier == f"{settings.current().public_url}{tenant.path}/api":
        raise Invalid("This is our own API: every token without a resource is for it.", field="identifier")
    return identifier


def _change(resource: Resource, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(resource, name, CHECKS[name](resource, value))
        if name == "name":
            resource.name_folded = fold(resource.name)[:FOLDED]


def _name(resource: Resource, value: str) -> str:
    if not names.is_name(value):
        raise Invalid("A resource needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _scopes(resource: Resource, value: Mapping[str, str]) -> dict[str, str]:
    if len(value) > MOST_SCOPES:
        raise Invalid(f"A resource has at most {MOST_SCOPES} scopes.", field="scopes")
    released = {field.scope for field in user_fields.of_id(resource.tenant_id)} - SCOPES.keys()
    for scope, words in value.items():
        if fault := _scope_fault(scope, words):
            raise Invalid(fault, field="scopes")
        if scope in released:
            raise Invalid(f"{scope} is the scope of a user field: choose another.", field="scopes")
    return {scope: words.strip() for scope, words in value.items()}


def _scope_fault(scope: str, words: str) -> str | None:
    if not SCOPE.fullmatch(scope):
        return "A scope has at most 100 letters, all of them plain ASCII, without blanks, quotes and backslashes."
    if scope in SCOPES:
        return f"{scope} is a scope of ours: choose another."
    return "At most 200 characters say what a scope allows." if len(words) > 200 or "\0" in words else None


def _clients(resource: Resource, value: Sequence[str] | None) -> list[str] | None:
    return None if value is None else _client_ids(resource, value, field="clients")


def _introspectors(resource: Resource, value: Sequence[str]) -> list[str]:
    return _client_ids(resource, value, field="introspectors", types=(CONFIDENTIAL,))


def _client_ids(
    resource: Resource, value: Sequence[str], *, field: str, types: Sequence[str] = (CONFIDENTIAL, PUBLIC)
) -> list[str]:
    listed = list(dict.fromkeys(each.strip().replace("\0", "") for each in value if each.strip()))
    query = select(Client.client_id).where(
        Client.tenant_id == resource.tenant_id, Client.client_id.in_(listed), Client.client_type.in_(types)
    )
    known = set(db.session.scalars(query)) if listed else set()
    for client_id in listed:
        if client_id not in known:
            kind = "client" if len(types) > 1 else "confidential client"
            raise Invalid(f"There is no {kind} of this tenant with the Client ID {client_id[:100]}.", field=field)
    return listed


def _token_seconds(resource: Resource, value: int | None) -> int | None:
    if value is not None and not LEAST_SECONDS <= int(value) <= MOST_SECONDS:
        raise Invalid(f"Between {LEAST_SECONDS} and {MOST_SECONDS} seconds.", field="token_seconds")
    return None if value is None else int(value)


CHECKS: dict[str, Callable[[Resource, Any], Any]] = {
    "name": _name,
    "scopes": _scopes,
    "clients": _clients,
    "introspectors": _introspectors,
    "token_seconds": _token_seconds,
}
