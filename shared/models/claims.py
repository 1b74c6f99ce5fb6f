"""Claims about a person, by their names, and the scopes that ask for them (OpenID Connect Core §5.1, §5.4)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

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
NAMES = ("sub", *STANDARD, *FIEF)


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
    def phone_verified_at(self) -> datetime | None: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def disabled(self) -> bool: ...


def of_scopes(scopes: Collection[str], *, first_party: bool) -> set[str]:
    """The names of the claims that `scopes` ask for. A first-party application has name and e-mail address without asking."""
    asked = {*scopes, "profile", "email"} if first_party else scopes
    names = {name for scope, names in OF_SCOPE.items() if scope in asked for name in names}
    return names.union(FIEF) if first_party else names


def scope_of(name: str) -> str:
    """The scope that asks for the standard claim `name`, among others."""
    return next(scope for scope, names in OF_SCOPE.items() if name in names)


def words_for(name: str) -> str:
    """How a person reads that the standard claim `name` is asked for."""
    return OF_SCOPE[scope_of(name)][name]


def asked_alone(names: Iterable[str], scopes: Collection[str]) -> list[str]:
    """The claims among `names` that none of `scopes` asks for, as consents keep them."""
    return [f"{ALONE}{name}" for name in names if scope_of(name) not in scopes]


def opened(given: Iterable[str]) -> set[str]:
    """What was given, with each claim that a scope in it opens."""
    kept = set(given)
    return kept.union(f"{ALONE}{name}" for scope in OF_SCOPE.keys() & kept for name in OF_SCOPE[scope])


def about(person: Person, names: Iterable[str]) -> dict[str, Any]:
    """Those claims of `names` that have a value (§5.3.2: one without is left out)."""
    known = _everything(person)
    return {name: known[name] for name in names if known.get(name) not in (None, "")}


def _everything(person: Person) -> dict[str, Any]:
    return {
        **person.claims,
        "name": person.name,
        "email": person.email,
        "email_verified": person.email_verified_at is not None,
        "phone_number_verified": person.phone_verified_at is not None if "phone_number" in person.claims else None,
        "updated_at": int(person.updated_at.timestamp()),
        "tenant_id": str(person.tenant_id),
        "is_active": not person.disabled,
        "fields": {},
    }
