"""The tenant's user fields in the forms of the pages: those that a new account is asked for, and those of one's own account."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from auth_service import field_inputs
from auth_service.pages.forms import Fielded
from shared.kit.refusals import Refusals
from shared.models.tenant import PASSWORD
from shared.models.user import User
from shared.models.user_field import ACCOUNT, SIGN_UP, UserField
from shared.services import field_values, passwords, user_fields, users
from shared.web import tenancy

F = TypeVar("F", bound=Fielded)


def bound(form: type[F], *, person: User | None = None, **shown: Any) -> F:
    """The form with the fields that a new account is asked for, or those that `person` may fill in, who has the values in it.

    Nobody chooses a password where the tenant's people sign in without one.
    """
    fields, where = user_fields.of(tenancy.tenant()), ACCOUNT if person else SIGN_UP
    asked = field_values.asked(fields, where=where, user=person)
    values = field_values.of(person, fields) if person else {field.slug: field.default for field in fields}
    filled = field_inputs.ask(form, asked, values, zone=zone_of(person) if person else None, **shown)
    if "password" in filled and PASSWORD not in tenancy.tenant().factors:
        del filled["password"]
    filled.judge = partial(_judge, filled, fields, where=where, user=person)
    return filled


def _judge(form: Fielded, fields: Sequence[UserField], *, where: str, user: User | None) -> None:
    """Raise Invalid for what is wrong with the address, the password and the fields of a form."""
    refused = Refusals()
    with refused.noted():
        if "email" in form and form.email.data:
            users.checked_email(form.email.data)
    with refused.noted():
        if "password" in form and form.password.data:
            about = [form[name].data or "" for name in ("email", "name") if name in form]
            passwords.check(form.password.data, *about, least=tenancy.tenant().password_least)
    with refused.noted():
        field_values.checked(fields, field_inputs.typed(form), where=where, user=user)
    refused.tell()


def untouchable(person: User) -> list[tuple[UserField, Any]]:
    """What is known of a person that others fill in, with its values in words."""
    fields = user_fields.of(tenancy.tenant())
    open_ = {field.slug for field in field_values.asked(fields, where=ACCOUNT, user=person)}
    values = field_values.of(person, [field for field in fields if field.slug not in open_])
    return [(field, values[field.slug]) for field in fields if field.slug in values]


def zone_of(person: User) -> str | None:
    """The name of the time zone of a person, where it is known."""
    return field_values.zone_of(person, user_fields.of(tenancy.tenant()))
