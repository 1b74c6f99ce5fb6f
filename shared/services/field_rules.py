"""What each rule of a user field may be: one check for each, which returns the value as it is kept."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from shared.kit import names
from shared.kit.errors import Invalid
from shared.models import claims
from shared.models.scope import SCOPES
from shared.models.user_field import UserField
from shared.services import field_kinds

MOST_CHOICES = 500
LONGEST_HINT, LONGEST_CHOICE, LONGEST_WORD = 500, 100, 100
SLUG = re.compile(r"[a-z][a-z0-9_-]{0,49}")
# What objects of JavaScript have of themselves.
UNSAFE = ("constructor", "prototype")
# A plain name, or one under an address of one's own, where nobody else names claims (OpenID Connect Core §5.1.2).
CLAIM = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*|https?://[A-Za-z0-9._~:/?=&%+-]+")
# A name with # is of a resource in what consents keep, and one with : is ours.
SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
# What tokens and answers say of themselves, of their client, or of what may be done: RFC 7519 §4.1, RFC 7662 §2.2, RFC 7800 §3.1,
# RFC 8417 §2.2, RFC 8693 §4, RFC 9068 §2.2, RFC 9396 §9, OpenID Connect Core §2, §5.6.2 and those of its logout, and Fief's.
PROTECTED = (
    frozenset(
        "iss sub aud exp nbf iat jti azp nonce auth_time acr amr at_hash c_hash s_hash sid scope scp client_id cnf act may_act "
        "authorization_details permissions roles groups entitlements events sub_id sub_jwk toe txn active token_type username "
        "tenant_id is_active fields".split()
    ).union(UNSAFE, claims.STANDARD)
    - claims.FIELD_KINDS.keys()
)


def fresh(field: UserField, slug: str) -> UserField:
    """A new field with this slug, and nothing asked of anybody yet. Raises Invalid."""
    if not SLUG.fullmatch(slug) or slug in UNSAFE:
        raise Invalid("A slug begins with a small letter, and has at most 50 small letters, digits, _ and -.", field="slug")
    field.slug, field.hint, field.choices, field.preset = slug, "", [], {}
    field.required, field.at_sign_up, field.editable, field.claim, field.scope = False, False, True, None, None
    return field


def change(field: UserField, changes: dict[str, Any]) -> None:
    """Set the rules that `changes` names, and look whether all of them still fit together. Raises Invalid."""
    for name in CHECKS:
        if name in changes:
            setattr(field, COLUMNS.get(name, name), CHECKS[name](field, changes[name]))
    if unknown := [name for name in changes if name not in CHECKS]:
        raise Invalid(f"There is no rule {unknown[0][:100]} to be changed.", field=unknown[0])
    for check in TOGETHER:
        check(field)


def check_choices(field: UserField) -> None:
    """Who is to choose has something to choose from, and nobody else has."""
    if field.kind in ("choice", "choices") and not field.choices:
        raise Invalid("Write at least one choice.", field="choices")
    if field.kind not in ("choice", "choices") and field.choices:
        raise Invalid("Only the kinds choice and choices have choices.", field="choices")


def check_default(field: UserField) -> None:
    """The default is a value that the field may have; a box that must be ticked is ticked by the person alone."""
    if field.default is None:
        return
    try:
        field.preset = {"value": field_kinds.read(field, field.default)}
    except Invalid as refused:
        raise Invalid(refused.message, field="default") from None
    if field.required and field.kind == "boolean":
        raise Invalid("A box that people must tick cannot be ticked for them.", field="default")


def check_required(field: UserField) -> None:
    """Somebody can fill in what must be filled in."""
    if field.required and field.private:
        raise Invalid("Only operators may fill it in: ask for it at sign-up, or let people edit it.", field="required")


def check_claim(field: UserField) -> None:
    """A standard claim is of its kind and comes with its own scope; another needs a scope, or it is never released."""
    kinds = claims.FIELD_KINDS.get(field.claim or "")
    if kinds and field.kind not in kinds:
        raise Invalid(f"The claim {field.claim} is for a field of the kind {' or '.join(kinds)}.", field="claim")
    if field.claim is None:
        field.scope = None
    else:
        field.scope = claims.scope_of(field.claim) if kinds else field.scope or "profile"


TOGETHER = (check_choices, check_default, check_required, check_claim)


def _name(field: UserField, value: str) -> str:
    if not names.is_name(value):
        raise Invalid("A field needs a name in one line, of at most 200 characters.", field="name")
    return value.strip()


def _hint(field: UserField, value: str | None) -> str:
    text = (value or "").strip()
    if len(text) > LONGEST_HINT or not names.reads_well(text):
        raise Invalid(f"A hint is one line of at most {LONGEST_HINT} characters.", field="hint")
    return text


def _choices(field: UserField, value: Sequence[Sequence[str]]) -> list[list[str]]:
    if len(value) > MOST_CHOICES:
        raise Invalid(f"At most {MOST_CHOICES} choices.", field="choices")
    pairs = [_choice(each) for each in value]
    if len({pair[0] for pair in pairs}) < len(pairs):
        raise Invalid("Each choice has a value of its own.", field="choices")
    return pairs


def _choice(pair: Sequence[str]) -> list[str]:
    chosen, label = (str(part).strip() for part in pair) if len(pair) == 2 else ("", "")
    if not names.is_name(chosen) or len(chosen) > LONGEST_CHOICE or not names.is_name(label or chosen):
        raise Invalid(f"A choice is a value of at most {LONGEST_CHOICE} characters, and how people read it.", field="choices")
    return [chosen, label or chosen]


def _flag(field: UserField, value: object) -> bool:
    return bool(value)


def _default(field: UserField, value: Any) -> dict[str, Any]:
    return {} if value in (None, "", [], {}) else {"value": value}


def _claim(field: UserField, value: str | None) -> str | None:
    name = (value or "").strip()
    if name in PROTECTED:
        raise Invalid(f"{name} says something else already: choose another name.", field="claim")
    if name and not (CLAIM.fullmatch(name) and len(name) <= LONGEST_WORD):
        raise Invalid("A claim is named like employee_number, or by an address: https://example.com/rank.", field="claim")
    return name or None


def _scope(field: UserField, value: str | None) -> str | None:
    name = (value or "").strip()
    if name and name not in claims.OF_SCOPE and (name in SCOPES or not SCOPE.fullmatch(name) or len(name) > LONGEST_WORD):
        raise Invalid("A scope is profile, email, address or phone, or a name of yours such as employment.", field="scope")
    return name or None


# Choices before the default, which is one of them.
CHECKS: dict[str, Callable[[UserField, Any], Any]] = {
    "name": _name,
    "hint": _hint,
    "choices": _choices,
    "default": _default,
    "required": _flag,
    "at_sign_up": _flag,
    "editable": _flag,
    "claim": _claim,
    "scope": _scope,
}
COLUMNS = {"default": "preset"}
KEPT = tuple(COLUMNS.get(name, name) for name in CHECKS)
