"""Identities: who people are at providers, linked, used, unlinked. It is (provider, subject), never an e-mail address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, email_addresses, ids, languages
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Denied, NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.provider import Identity, Provider
from shared.models.tenant import OPEN, Tenant
from shared.models.user import User
from shared.models.user_field import SIGN_UP
from shared.services import audit, factors, guesses, invitations, kept_tokens, locks, notices, sign_ins, tenants, users, ways_in
from shared.services.arrivals import Told

LONGEST_SUBJECT = 500
_FIND = select(Identity).where(Identity.provider_id == bindparam("provider_id"), Identity.subject == bindparam("subject"))
NOT_OPEN = said("New accounts are not open here.")
CLOSED = said("This account is closed. Ask the people who run this site.")


@dataclass(frozen=True)
class Linked:
    """An identity with its provider."""

    identity: Identity
    provider: Provider


def find(provider: Provider, subject: str) -> Identity | None:
    """Who is called so at `provider`, or None."""
    return db.session.scalar(_FIND, {"provider_id": provider.id, "subject": subject})


def of(user: User) -> list[Linked]:
    """The identities of a person, oldest first."""
    query = select(Identity, Provider).join(Provider, Provider.id == Identity.provider_id).where(Identity.user_id == user.id)
    return [Linked(*row) for row in db.session.execute(query.order_by(Identity.id)).all()]


def get(user: User, identifier: UUID | str) -> Linked:
    """One identity of a person. Raises NotFound."""
    key = ids.find_uuid(identifier)
    found = next((each for each in of(user) if each.identity.id == key), None)
    if found is None:
        raise NotFound(said("There is no such account here."))
    return found


def sign_in(provider: Provider, identity: Identity, told: Told, *, left_at: int) -> User:
    """The person whose identity this is, who comes from `provider` just now, and left for it at `left_at` (seconds since 1970).

    Raises Denied for a closed account, for an identity that was unlinked, or whose account was deleted, since it was found, and
    for an answer that was held until after the end of all the person's sessions.
    """
    user_id, identity_id = identity.user_id, identity.id
    with transaction() as session:
        # The person before the identity, as whoever unlinks it does: after that, nobody comes in by it.
        user = locks.find(user_id)
        row = session.get(Identity, identity_id, populate_existing=True)
        if user is None or row is None:
            raise Denied(said("There is no such account here."))
        if user.disabled:
            raise Denied(CLOSED)
        if user.ended_since(left_at):
            raise Denied(locks.SESSION_ENDED)
        _check_open(provider)
        _refresh(row, provider, told)
        half = factors.demanded(tenants.get(user.tenant_id), user, factors.BY_PROVIDER)
        sign_ins.succeeded(user, sign_ins.FIRST if half else sign_ins.SIGNED_IN, provider=provider.slug)
    return user


def link(user: User, provider: Provider, told: Told, *, by: Actor, device: str = "") -> Identity:
    """Let `user` sign in with who they are at `provider`, and tell them. Raises Conflict when that is linked already.

    `device` is what their letter calls the browser.
    """
    with transaction():
        row = _add(locks.acting(user, by), provider, told, by=by)
        _tell("identity_linked", user, provider, device)
    return row


def sign_up(
    tenant: Tenant, provider: Provider, told: Told, *, email: str, name: str, fields: Mapping[str, Any] | None = None
) -> User:
    """Make an account for somebody whom `provider` named, with their identity. Raises Invalid, Denied, Conflict, TooMany.

    `fields` are what they typed into the tenant's, by slug. The address is verified when the provider says so of this very
    address, and of no other.
    """
    guesses.take_sign_up()
    verified = vouched(told, email)
    check_sign_up(tenant, email, verified=verified)
    by = Actor("provider", str(provider.id), provider.name)
    with transaction():
        invitation = None if tenant.takes_sign_ups else invitations.take(tenant, email)
        if invitation is None and not tenant.takes_sign_ups:
            raise Denied(NOT_OPEN)
        user = users.create(tenant, email=email, name=name, verified=verified, fields=fields, where=SIGN_UP, by=by)
        user.last_login_at, user.language = clock.now(), languages.own()
        _add(user, provider, told, by=by)
        if invitation is not None:
            invitations.belongs(invitation, user)
    return user


def vouched(told: Told, email: str) -> bool:
    """Whether the provider says, and its word is good, that somebody reads the letters of this very address."""
    return told.email_verified and email == told.email


def check_sign_up(tenant: Tenant, email: str, *, verified: bool) -> None:
    """Whether somebody with this address may make an account here. Raises Denied, Invalid."""
    if tenant.sign_up == OPEN:
        return
    if not tenant.takes_sign_ups:
        # What a provider vouches for is as good as the link of the letter that invites.
        if verified and invitations.waits_for(tenant, email):
            return
        raise Denied(NOT_OPEN)
    if not tenant.takes_domain(email_addresses.read(email).ascii_domain.lower()):
        raise Denied(said("New accounts here are for addresses of certain organizations, and yours is none of them."))
    if not verified:
        raise Denied(said("New accounts here are for certain organizations, and nobody has confirmed that the address is yours."))


def unlink(user: User, identifier: UUID | str, *, by: Actor, device: str = "") -> None:
    """Take an identity away, and tell its owner. Raises NotFound, and Invalid when it is the last way in that its owner has."""
    with transaction() as session:
        row = locks.acting(user, by)
        linked = check_removable(row, identifier)
        audit.record("identity.unlinked", actor=by, subject=row, provider=linked.provider.slug)
        _tell("identity_unlinked", row, linked.provider, device)
        session.delete(linked.identity)


def check_removable(user: User, identifier: UUID | str) -> Linked:
    """One identity of a person that is not the last way in that they have. Raises NotFound, Invalid."""
    linked = get(user, identifier)
    ways_in.check_another(user, linked.identity)
    return linked


def unlink_all(user: User, *, by: Actor) -> None:
    """Take every identity away: whoever linked them may not be whose account it is."""
    with transaction() as session:
        for linked in of(locks.person(user)):
            audit.record("identity.unlinked", actor=by, subject=user, provider=linked.provider.slug)
            session.delete(linked.identity)


def _add(user: User, provider: Provider, told: Told, *, by: Actor) -> Identity:
    if user.tenant_id != provider.tenant_id:
        raise NotFound(said("There is no such way to sign in here."))
    row = _new(user, provider, told)
    try:
        with transaction() as session:
            _check_open(provider)
            session.add(row)
            session.flush()
            audit.record("identity.linked", actor=by, subject=user, provider=provider.slug, identity=str(row.id))
    except IntegrityError:
        raise Conflict(said("That account is linked already, here or to somebody else.")) from None
    return row


def _check_open(provider: Provider) -> None:
    """It was not switched off or taken away while somebody was there."""
    if not db.session.scalar(select(Provider.enabled).where(Provider.id == provider.id)):
        raise Denied(said("There is no such way to sign in here."))


def _tell(kind: str, user: User, provider: Provider, device: str) -> None:
    notices.post(kind, user, provider=provider.name, device=device)


def _new(user: User, provider: Provider, told: Told) -> Identity:
    row = Identity(id=ids.uuid7(), tenant_id=user.tenant_id, provider_id=provider.id, user_id=user.id, subject=told.subject)
    _refresh(row, provider, told)
    return row


def _refresh(row: Identity, provider: Provider, told: Told) -> None:
    row.email, row.email_verified, row.last_used_at = told.email, told.email_verified, clock.now()
    # Some tell a name once and never again.
    row.name = told.name or row.name
    row.tokens_sealed = kept_tokens.after_login(row, provider, told.tokens_sealed)
