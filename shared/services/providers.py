"""Providers: others with whom people can sign in, added, changed, put in order and taken away."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError

from shared.kit import ids, seal
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.recent import Recent
from shared.models.audit import Actor
from shared.models.provider import Identity, Provider
from shared.models.tenant import Tenant
from shared.services import audit, kept_tokens, provider_rules, tenants
from shared.services.provider_presets import PRESETS, Preset

MOST = 50
_ORDER = (Provider.position, Provider.id)
_OF = select(Provider).where(Provider.tenant_id == bindparam("tenant_id")).order_by(*_ORDER)
_recent: Recent[Provider] = Recent(Provider)


def preset_of(provider: Provider) -> Preset:
    """What is known of this kind of provider."""
    return PRESETS[provider.preset]


def offered(tenant: Tenant) -> list[Provider]:
    """The providers that people of `tenant` can sign in with, in order; rows to be read only."""
    every = _recent.read(tenant.id, lambda: list(db.session.scalars(_OF, {"tenant_id": tenant.id})))
    return [row for row in every if row.enabled]


def find(tenant: Tenant, slug: str) -> Provider | None:
    """The provider called so that people can sign in with, or None."""
    return next((row for row in offered(tenant) if row.slug == slug), None)


def of(tenant: Tenant) -> list[Provider]:
    """Every provider of `tenant`, in order, also those that are switched off."""
    return list(db.session.scalars(_OF, {"tenant_id": tenant.id}))


def get(tenant: Tenant | None, identifier: UUID | str) -> Provider:
    """The provider with this id, of `tenant` or, for operators, of any. Raises NotFound."""
    key = ids.find_uuid(identifier)
    row = db.session.get(Provider, key) if key else None
    if row is None or (tenant is not None and row.tenant_id != tenant.id):
        raise NotFound("There is no such provider.")
    return row


def called(tenant: Tenant, slug: str) -> Provider:
    """The provider of this slug, also one that is switched off. Raises NotFound."""
    row = next((row for row in of(tenant) if row.slug == slug), None)
    if row is None:
        raise NotFound("There is no such provider.")
    return row


def create(
    tenant: Tenant, *, preset: str, client_id: str, by: Actor, secret: str | None = None, slug: str | None = None, **rules: Any
) -> Provider:
    """Let people sign in with one more. `rules` are any of those in provider_rules. Raises Invalid, Conflict.

    The slug is in the address that the provider sends people back to, and stays for good.
    """
    if preset not in PRESETS:
        raise Invalid(f"Choose one of {', '.join(PRESETS)}.", field="preset")
    named = {"name": PRESETS[preset].name, **{name: value for name, value in rules.items() if value is not None}}
    row = _new(tenant, PRESETS[preset], slug or tenants.slug_from(named["name"]))
    provider_rules.change(row, {"client_id": client_id, **named})
    _keep_secret(row, secret)
    provider_rules.check_whole(row)
    try:
        with transaction() as session:
            row.position = _last(tenant) + 1
            session.add(row)
            session.flush()
            audit.record("provider.created", actor=by, subject=row, preset=preset, slug=row.slug)
    except IntegrityError:
        raise Conflict("There is a provider with this slug already.", field="slug") from None
    return row


def update(provider: Provider, *, by: Actor, secret: str | None = None, **changes: Any) -> Provider:
    """Change any of the settings in provider_rules; a `secret` replaces the one that is kept. Raises Invalid."""
    with transaction() as session:
        row = session.get_one(Provider, provider.id)
        before = {name: getattr(row, name) for name in (*provider_rules.COLUMNS, "settings")}
        provider_rules.change(row, changes)
        _keep_secret(row, secret)
        provider_rules.check_whole(row)
        if not row.keeps_tokens:
            kept_tokens.forget(row)
        changed = audit.changed(row, before) | ({"secret": ["kept", "replaced"]} if secret else {})
        if changed:
            audit.record("provider.updated", actor=by, subject=row, **changed)
    return row


def reorder(tenant: Tenant, wanted: Sequence[UUID], *, by: Actor) -> list[Provider]:
    """Show the providers in this order; those that are not named come after. They, in their order."""
    with transaction() as session:
        place = {identifier: number for number, identifier in enumerate(wanted)}
        rows = sorted(of(tenant), key=lambda row: place.get(row.id, len(place)))
        for number, row in enumerate(rows):
            session.get_one(Provider, row.id).position = number
        audit.record("provider.reordered", actor=by, subject="provider", tenant=tenant, order=[row.slug for row in rows])
    return rows


def move(provider: Provider, tenant: Tenant, *, places: int, by: Actor) -> None:
    """Show it so many places later, or earlier for a negative number."""
    order = [row.id for row in of(tenant)]
    place = order.index(provider.id)
    order.insert(max(0, place + places), order.pop(place))
    reorder(tenant, order, by=by)


def delete(provider: Provider, *, by: Actor) -> None:
    """Take it away, with what people linked of it: nobody signs in with it any more."""
    with transaction() as session:
        row = session.get_one(Provider, provider.id)
        audit.record("provider.deleted", actor=by, subject=row, slug=row.slug, people=people(row))
        session.delete(row)


def people(provider: Provider) -> int:
    """How many people have linked an account there."""
    return db.session.scalar(select(func.count()).where(Identity.provider_id == provider.id)) or 0


def secret_of(provider: Provider) -> str | None:
    """The client secret, for whoever is about to use it; None where the provider gave none."""
    return seal.unseal(provider.secret_sealed, _purpose(provider)) if provider.secret_sealed else None


def trusts_email(provider: Provider) -> bool:
    """Whether an address is verified when this provider says so."""
    return bool(provider.settings.get("trusts_email", preset_of(provider).verifies_email))


def _new(tenant: Tenant, preset: Preset, slug: str) -> Provider:
    if not tenants.SLUG.fullmatch(slug):
        raise Invalid("A slug has small letters, digits and hyphens, and begins and ends with a letter or digit.", field="slug")
    defaults: dict[str, Any] = dict(preset.defaults) | ({"paths": preset.paths} if preset.paths else {})
    return Provider(
        id=ids.uuid7(),
        tenant_id=tenant.id,
        slug=slug,
        preset=preset.slug,
        endpoints={},
        scopes=list(preset.scopes),
        settings=defaults,
    )


def _keep_secret(row: Provider, secret: str | None) -> None:
    if secret:
        row.secret_sealed = seal.seal(provider_rules.secret(row.preset, secret), _purpose(row))


def _last(tenant: Tenant) -> int:
    count, last = db.session.execute(
        select(func.count(), func.max(Provider.position)).where(Provider.tenant_id == tenant.id)
    ).one()
    if count >= MOST:
        raise Invalid(f"A tenant has at most {MOST} providers: a longer list is one that nobody reads.")
    return -1 if last is None else last


def _purpose(row: Provider) -> str:
    return f"secret of provider {row.id}"
