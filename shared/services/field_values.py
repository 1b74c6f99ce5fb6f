"""What people have under the user fields of their tenant: checked alike at sign-up, by themselves and by operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from shared.kit import clock, zones
from shared.kit.db import transaction
from shared.kit.errors import Invalid
from shared.kit.refusals import Refusals
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.claims import FIELD_KINDS, of_field
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.models.user_field import ACCOUNT, SIGN_UP, UserField
from shared.services import audit, field_kinds, person_claims, user_fields

# Bytes of JSON of all fields of a person: every ID token of the first party carries them.
MOST_BYTES = 16384


def asked(fields: Sequence[UserField], *, where: str, user: User | None = None) -> list[UserField]:
    """The fields that are filled in at this place: SIGN_UP, ACCOUNT or OPERATOR.

    A person fills in what they may edit; and once, what is required of new accounts and they still lack.
    """
    if where == SIGN_UP:
        return [field for field in fields if field.at_sign_up]
    if where == ACCOUNT and user is not None:
        return [field for field in fields if field.editable or _owed(field, user)]
    return list(fields)


def of(user: User, fields: Sequence[UserField]) -> dict[str, Any]:
    """What a person has, by slug, in the order of the fields; what they have not is left out."""
    values = {field.slug: of_field(user, field) for field in fields}
    return {slug: value for slug, value in values.items() if value is not None}


def zone_of(user: User, fields: Sequence[UserField]) -> str | None:
    """The name of the time zone that a person has said to be in, by the claim or in the first field for one; None if nowhere."""
    own = (of_field(user, field) for field in fields if field.kind == "timezone")
    return next(filter(zones.is_known, (user.claims.get("zoneinfo"), *own)), None)


def now_for(user: User) -> datetime:
    """The present moment, in the time zone of a person where that is known."""
    return zones.at(clock.now(), zone_of(user, user_fields.of_id(user.tenant_id)))


def checked(fields: Sequence[UserField], typed: Mapping[str, Any], *, where: str, user: User | None = None) -> dict[str, Any]:
    """What is to be kept of what was typed, by slug; None takes a value away. Raises Invalid, which names each field.

    For a new account (`user` is None) what was not typed gets its default, and at SIGN_UP what is required must be there. Else
    only what was typed is judged, and not what is as it was.
    """
    due = asked(fields, where=where, user=user)
    if strange := typed.keys() - {field.slug for field in due}:
        name = sorted(strange)[0][:100]
        raise Invalid(said("There is no field %(name)s to be filled in here.", name=name), field="fields")
    refused, values = Refusals(), dict[str, Any]()
    for field in fields if user is None else due:
        with refused.noted():
            if user is None:
                values[field.slug] = _first(field, typed, where=where)
            elif field.slug in typed and not _untouched(field, user, typed[field.slug], where=where):
                values[field.slug] = _filled(field, _read(field, typed[field.slug]))
    refused.tell()
    return values


def put(row: User, fields: Sequence[UserField], values: Mapping[str, Any]) -> None:
    """Write values that were checked into `row`, inside a transaction or before it is added. Raises Invalid for too much text."""
    standard = {field.slug: field.claim for field in fields if field.claim in FIELD_KINDS}
    own = {**row.fields, **{slug: value for slug, value in values.items() if slug not in standard}}
    row.fields = {slug: value for slug, value in own.items() if value is not None}
    if len(orjson.dumps(row.fields)) > MOST_BYTES:
        raise Invalid(said("Taken together this is too much text: write less."), field="fields")
    person_claims.put(row, {claim: values[slug] for slug, claim in standard.items() if claim and slug in values})


def change(user: User, tenant: Tenant, typed: Mapping[str, Any], *, where: str, by: Actor) -> User:
    """Fill in the fields that `typed` names, at ACCOUNT or as OPERATOR. Raises Invalid."""
    fields = user_fields.listed(tenant)
    with transaction() as session:
        # What this transaction has changed already, such as the name, must not be read over.
        session.flush()
        # Alone with the row: of two that fill in different fields at once neither loses theirs.
        row = session.get_one(User, user.id, populate_existing=True, with_for_update=True)
        before = of(row, fields)
        put(row, fields, checked(fields, typed, where=where, user=row))
        after = of(row, fields)
        if slugs := sorted(slug for slug in {*before, *after} if before.get(slug) != after.get(slug)):
            # The slugs alone: what people say of themselves has no place in a log that is kept for ever.
            audit.record("user.fields_set", actor=by, subject=row, fields=slugs)
    return row


def _first(field: UserField, typed: Mapping[str, Any], *, where: str) -> Any:
    value = _read(field, typed[field.slug] if field.slug in typed else field.default)
    return _filled(field, value) if where == SIGN_UP and field.at_sign_up else value


def _filled(field: UserField, value: Any) -> Any:
    if field.required and field.lacks(value):
        words = said("Tick this box to go on.") if field.kind == "boolean" else said("Fill this in.")
        raise Invalid(words, field=field.input_name)
    return value


def _read(field: UserField, typed: Any) -> Any:
    value = field_kinds.read(field, typed)
    if value is None or field.claim not in FIELD_KINDS:
        return value
    try:
        return person_claims.CHECKS[field.claim](field.claim, value)
    except Invalid as refused:
        raise Invalid(refused.message, field=field.input_name) from None


def _untouched(field: UserField, user: User, typed: Any, *, where: str) -> bool:
    """Whether it stays as it was, and need not do: a choice that is offered no longer, or none where one was required later.

    Of the person what is required is asked all the same.
    """
    value = of_field(user, field)
    if where == ACCOUNT and field.required and field.lacks(value):
        return False
    # To Python 0 is False, and it is a number that somebody may mean.
    return typed in (value, field_kinds.typed(field, value)) or (value is None and (typed is False or typed in ("", [], {})))


def _owed(field: UserField, user: User) -> bool:
    return field.required and field.at_sign_up and field.lacks(of_field(user, field))
