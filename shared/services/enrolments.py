"""Enrolments: the factors that a person has added, and what follows when one comes, is renamed or goes."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select

from shared.kit import languages, names
from shared.kit.db import db, transaction
from shared.kit.errors import Invalid, NotFound, NotSignedIn
from shared.kit.words import Said, said
from shared.models.audit import Actor
from shared.models.factor import AuthenticatorApp, Passkey
from shared.models.tenant import PASSKEY, TOTP
from shared.models.user import User
from shared.services import audit, factors, locks, notices, recovery_codes, ways_in

Factor = Passkey | AuthenticatorApp
Kind = TypeVar("Kind", Passkey, AuthenticatorApp)
MODELS: dict[str, type[Factor]] = {PASSKEY: Passkey, TOTP: AuthenticatorApp}
# Of each kind, so that nobody fills the table.
MOST = 10


def kind_of(factor: Factor) -> str:
    """What kind of factor it is, as tenants and people name it."""
    return next(kind for kind, model in MODELS.items() if isinstance(factor, model))


def of(user: User) -> list[Factor]:
    """What a person has added, oldest first, passkeys before the rest."""
    return [factor for model in MODELS.values() for factor in of_kind(user, model)]


def of_kind(user: User, model: type[Kind]) -> Sequence[Kind]:
    """Those of one kind, oldest first."""
    query = select(model).where(model.user_id == user.id).order_by(model.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def get(user: User, kind: str, factor_id: UUID) -> Factor:
    """One of them. Raises NotFound."""
    for factor in of(user):
        if (kind_of(factor), factor.id) == (kind, factor_id):
            return factor
    raise NotFound(said("There is no such factor."))


def checked_name(name: str, otherwise: str) -> str:
    """A name for a factor: what was typed, or else what it is, in the person's language. Raises Invalid."""
    given = name.strip() or otherwise
    if isinstance(given, Said):
        given = given.in_language(languages.current())
    if not names.is_name(given):
        raise Invalid(said("A name is one line, of at most 200 characters."), field="name")
    return given


def add(user: User, factor: Factor, *, by: Actor, device: str = "", half: bool = False) -> list[str]:
    """Write a factor that was proven, from `device`. The recovery codes, when it is the first one; inside a transaction.

    Raises Invalid, Denied for whoever has to verify their address before, and NotSignedIn for whoever is `half` signed in once
    there is a factor to give: of two browsers at once, one adds it.
    """
    row = locks.acting(user, by)
    if half and row.second_factors:
        raise NotSignedIn(locks.SESSION_ENDED)
    factors.check_proof(row)
    model = type(factor)
    if _count(model, row) >= MOST:
        raise Invalid(said("An account has at most %(most)s of these. Remove one first.", most=MOST))
    db.session.add(factor)
    db.session.flush()
    first = not row.second_factors
    _note_kinds(row)
    audit.record("user.factor_added", actor=by, subject=row, factor=kind_of(factor), name=factor.name)
    _tell("factor_added", row, factor, device)
    return recovery_codes.make(row) if first else []


def rename(user: User, factor: Factor, *, name: str, by: Actor) -> None:
    """Give it another name. Raises Invalid."""
    with transaction():
        row = get(user, kind_of(factor), factor.id)
        old, row.name = row.name, checked_name(name, row.name)
        if row.name != old:
            audit.record("user.factor_renamed", actor=by, subject=user, factor=kind_of(row), name=[old, row.name])


def remove(user: User, factor: Factor, *, by: Actor, device: str = "") -> None:
    """Take one away; with the last of them the recovery codes end. Raises Invalid for the only way in that its owner has."""
    with transaction():
        row = locks.acting(user, by)
        if isinstance(factor, Passkey):
            ways_in.check_another(row, factor)
        model = type(factor)
        if not db.session.execute(delete(model).where(model.id == factor.id).returning(model.id)).first():
            return
        _note_kinds(row)
        audit.record("user.factor_removed", actor=by, subject=row, factor=kind_of(factor), name=factor.name)
        _tell("factor_removed", row, factor, device)


def reset(user: User, *, by: Actor) -> int:
    """Take all of them away from somebody who lost them; how many there were. The password stays."""
    with transaction():
        row, every = locks.person(user), of(user)
        for model in MODELS.values():
            db.session.execute(delete(model).where(model.user_id == user.id))
        _note_kinds(row)
        audit.record("user.factors_reset", actor=by, subject=row, factors=[kind_of(factor) for factor in every])
        for factor in every:
            _tell("factor_removed", row, factor)
    return len(every)


def remove_passkeys(user: User, *, by: Actor) -> None:
    """Take every passkey away, the only way in or not: whoever added them may not be whose account it is. The rest stays."""
    with transaction():
        row = locks.person(user)
        for passkey in of_kind(row, Passkey):
            audit.record("user.factor_removed", actor=by, subject=row, factor=PASSKEY, name=passkey.name)
            _tell("factor_removed", row, passkey)
        db.session.execute(delete(Passkey).where(Passkey.user_id == row.id))
        _note_kinds(row)


def _count(model: type[Factor], user: User) -> int:
    return db.session.scalar(select(func.count()).where(model.user_id == user.id)) or 0


def _note_kinds(row: User) -> None:
    row.second_factors = [kind for kind, model in MODELS.items() if _count(model, row)]
    # Applications are told nothing of it.
    row.updated_at = User.updated_at
    if not row.second_factors:
        recovery_codes.remove(row)


def _tell(letter: str, row: User, factor: Factor, device: str = "") -> None:
    """Write to the person, in the transaction of the change."""
    notices.post(letter, row, factor=kind_of(factor), name=factor.name, device=device)
