"""Consents: what a person let a client do, remembered for the next time."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.client import Client
from shared.models.consent import Consent
from shared.models.user import User
from shared.services import audit

# Built once: building a statement costs as much as asking it.
_SCOPES_GIVEN = select(Consent.scopes).where(Consent.user_id == bindparam("user_id"), Consent.client_id == bindparam("client_id"))


def scopes_given(user: User, client: Client) -> set[str]:
    """The scopes that `user` has let `client` have before."""
    given = db.session.scalar(_SCOPES_GIVEN, {"user_id": user.id, "client_id": client.id})
    return set(given or ())


def give(user: User, client: Client, scopes: Sequence[str]) -> None:
    """Remember that `user` lets `client` have `scopes`, with those given before."""
    with transaction() as session:
        # One at a time for each person, or two first consents at once would both be written; SQLite has one writer anyway.
        session.execute(select(User.id).where(User.id == user.id).with_for_update())
        consent = session.get(Consent, (user.id, client.id), populate_existing=True)
        if consent is None:
            consent = Consent(user_id=user.id, client_id=client.id, scopes=[])
            session.add(consent)
        consent.scopes = sorted({*consent.scopes, *scopes})
        consent.updated_at = clock.now()
        audit.record("consent.given", actor=Actor.of(user), subject=client, client_id=client.client_id, scopes=list(scopes))


def of(user: User) -> list[Consent]:
    """A person's consents with their clients, newest first."""
    query = select(Consent).where(Consent.user_id == user.id).order_by(Consent.updated_at.desc())
    return list(db.session.scalars(query))


def get(user: User, client_id: UUID) -> Consent:
    """What `user` let the client with this id do. Raises NotFound."""
    consent = db.session.get(Consent, (user.id, client_id))
    if consent is None:
        raise NotFound(said("This application has no access."))
    return consent


def forget(consent: Consent) -> None:
    """Delete a consent, inside the transaction of whoever withdraws it."""
    db.session.delete(consent)
    # At once: what comes after it in the transaction meets whatever is being let in by it.
    db.session.flush()
