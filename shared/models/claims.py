"""Claims about a person, by their names, and the scopes that ask for them (OpenID Connect Core §5.1, §5.4)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared.kit import countries
from shared.kit.words import said

# What each scope asks for, and how a person reads each (§5.4).
OF_SCOPE: dict[str, dict[str, str]] = {
    "profile": {
        "name": said("See your name"),
        "family_name": said("See your family name"),
        "given_name": said("See your given name"),
        "middle_name": said("See your middle name"),
        "nickname": said("See your nickname"),
        "preferred_username": said("See the user name that you prefer"),
        "profile": said("See the address of your profile page"),
        "picture": said("See your picture"),
        "website": said("See the address of your website"),
        "gender": said("See your gender"),
        "birthdate": said("See your birthdate"),
        "zoneinfo": said("See your time zone"),
        "locale": said("See your language"),
        "updated_at": said("See when your profile last changed"),
    },
    "email": {"email": said("See your e-mail address"), "email_verified": said("See whether your e-mail address is verified")},
    "address": {"address": said("See your postal address")},
    "phone": {
        "phone_number": said("See your phone number"),
        "phone_number_verified": said("See whether your phone number is verified"),
    },
}
STANDARD = tuple(name for names in OF_SCOPE.values() for name in names)
ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")
# How a consent names a claim that was asked for alone.
ALONE = "claim:"
# What applications that were written for Fief read besides, which are of the first party.
FIEF = ("tenant_id", "is_active", "fields")
# The parts of an address that Fief names otherwise: the lines of the street, and these.
FIEF_LINES = ("line1", "line2")
FIEF_PARTS = {"city": "locality", "state": "region"}
NAMES = ("sub", *STANDARD, *FIEF)


# The standard claims that a tenant's user field may ask for, and the kinds of field that fit each: the value is then the claim.
FIELD_KINDS: dict[str, tuple[str, ...]] = {
    "given_name": ("string",),
    "middle_name": ("string",),
    "family_name": ("string",),
    "nickname": ("string",),
    "preferred_username": ("string",),
    "gender": ("string", "choice"),
    "birthdate": ("date",),
    "zoneinfo": ("timezone",),
    "locale": ("locale",),
    "website": ("string",),
    "phone_number": ("phone",),
    "address": ("address",),
}


class Field(Protocol):
    """A user field of a tenant: under its slug a person has a value, which may be a claim that a scope asks for."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def claim(self) -> str | None: ...
    @property
    def scope(self) -> str | None: ...


class Person(Protocol):
    """Whoever claims are about: a user, or what was read of one."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def email(self) -> str: ...
    @property
    def email_verified_at(self) -> datetime | None: ...
    @property
    def name(self) -> str: ...
    @property
    def claims(self) -> dict[str, Any]: ...
    @property
    def fields(self) -> dict[str, Any]: ...
    @property
    def phone_verified_at(self) -> datetime | None: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def disabled(self) -> bool: ...


def of_scopes(scopes: Collection[str], *, first_party: bool, fields: Iterable[Field] = ()) -> set[str]:
    """The names of the claims that `scopes` ask for, also by the tenant's fields.

    A first-party application has name and e-mail address without asking.
    """
    asked = {*scopes, "profile", "email"} if first_party else scopes
    names = {name for scope, names in OF_SCOPE.items() if scope in asked for name in names}
    names |= {field.claim for field in fields if field.claim and field.scope in asked}
    return names.union(FIEF) if first_party else names


def scope_of(name: str) -> str:
    """The scope that asks for the standard claim `name`, among others."""
    return next(scope for scope, names in OF_SCOPE.items() if name in names)


def words_for(name: str) -> str:
    """How a person reads that the standard claim `name` is asked for."""
    return OF_SCOPE[scope_of(name)][name]


def asked_alone(names: Iterable[str], scopes: Collection[str]) -> list[str]:
    """The standard claims among `names` that none of `scopes` asks for, as consents keep them."""
    return [f"{ALONE}{name}" for name in names if name in STANDARD and scope_of(name) not in scopes]


def own(fields: Iterable[Field]) -> list[Field]:
    """The fields that are claims of the tenant's own, which no standard has."""
    return [field for field in fields if field.claim and field.claim not in STANDARD]


def opened(given: Iterable[str]) -> set[str]:
    """What was given, with each claim that a scope in it opens. Claims of a tenant's own are given one by one."""
    kept = set(given)
    return kept.union(f"{ALONE}{name}" for scope in OF_SCOPE.keys() & kept for name in OF_SCOPE[scope])


def about(person: Person, names: Iterable[str], fields: Iterable[Field] = ()) -> dict[str, Any]:
    """Those claims of `names` that have a value (§5.3.2: one without is left out); `fields` are those of the person's tenant."""
    known = _everything(person, list(fields))
    return {name: known[name] for name in names if known.get(name) not in (None, "")}


def of_field(person: Person, field: Field) -> Any:
    """What is known of a person under `field`, or None: a standard claim, or a value of its own."""
    return person.claims.get(field.claim) if field.claim in FIELD_KINDS else person.fields.get(field.slug)


def _everything(person: Person, fields: list[Field]) -> dict[str, Any]:
    values = [(field, value) for field in fields if (value := of_field(person, field)) is not None]
    return {
        **{field.claim: _told(value) if field.kind == "address" else value for field, value in values if field.claim},
        **person.claims,
        "address": _told(person.claims.get("address")),
        "name": person.name,
        "email": person.email,
        "email_verified": person.email_verified_at is not None,
        "phone_number_verified": person.phone_verified_at is not None if "phone_number" in person.claims else None,
        "updated_at": int(person.updated_at.timestamp()),
        "tenant_id": str(person.tenant_id),
        "is_active": not person.disabled,
        "fields": {field.slug: _as_fief(value) if field.kind == "address" else value for field, value in values},
    }


def _told(address: dict[str, str] | None) -> dict[str, str] | None:
    """An address with the name of its country, as §5.1.1 has it; what is kept is its code, and Fief's applications want that."""
    return {**address, "country": countries.name(address["country"])} if address and "country" in address else address


def _as_fief(address: dict[str, str]) -> dict[str, str]:
    """An address with the names that Fief gives its parts, beside ours."""
    lines = address.get("street_address", "").split("\n", 1)
    parts = {"line1": lines[0], "line2": lines[-1] if len(lines) > 1 else ""}
    parts |= {name: address.get(ours, "") for name, ours in FIEF_PARTS.items()}
    return {name: text for name, text in {**address, **parts}.items() if text}


def from_fief(address: Any) -> Any:
    """What was sent as an address, with our names for the parts that Fief names otherwise; all else as it is.

    Where a part comes under both names, as userinfo has it, Fief's tells: it is the one that its applications know.
    """
    if not isinstance(address, dict):
        return address
    # Fief has null for what is not there.
    told = {name: part for name, part in address.items() if part is not None}
    lines = [str(told[name]) for name in FIEF_LINES if name in told]
    street = {"street_address": "\n".join(filter(None, lines))} if lines else {}
    ours = {name: part for name, part in told.items() if name not in (*FIEF_LINES, *FIEF_PARTS)}
    return {**ours, **street, **{FIEF_PARTS[name]: part for name, part in told.items() if name in FIEF_PARTS}}
