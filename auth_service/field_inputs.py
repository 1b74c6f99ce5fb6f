"""The inputs of a tenant's user fields, for every form that asks for them: one input for each kind."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectChoice, SelectMultipleField, StringField, TextAreaField

from shared.kit import countries, languages, zones
from shared.kit.words import said
from shared.models.user_field import UserField
from shared.services import field_kinds

F = TypeVar("F", bound=FlaskForm)
# What browsers know by themselves (HTML §4.10.18.7.1), by the claim of a field, else by its slug.
AUTOCOMPLETE = {
    "given_name": "given-name",
    "middle_name": "additional-name",
    "family_name": "family-name",
    "nickname": "nickname",
    "website": "url",
    "birthdate": "bday",
    "locale": "language",
    "language": "language",
    "company": "organization",
    "organization": "organization",
    "job_title": "organization-title",
    "postal_code": "postal-code",
    "country": "country-name",
    "city": "address-level2",
}
# Languages that are written or counted differently from land to land.
WRITTEN = ("de_AT", "de_CH", "en_AU", "en_CA", "en_GB", "en_US", "es_ES", "es_MX", "fr_CA", "fr_CH", "pt_BR", "pt_PT")
SCRIPTS = ("zh_Hans", "zh_Hant")
Choice = tuple[str, str]


class Menu(StringField):
    """One of several values, in groups; the empty one is first. What is no choice is left to the service to refuse."""

    def __init__(
        self, *args: Any, offered: Callable[[], dict[str, list[Choice]]], called: Callable[[str], str] = str, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._offered, self._called = offered, called

    def groups(self) -> dict[str, list[Choice]]:
        """The values with their labels, by group; what is kept and offered no longer stands first."""
        groups = self._offered()
        known = any(self.data == value for choices in groups.values() for value, _ in choices)
        if known or not self.data:
            return groups
        kept, grouped = str(self.data), {group: choices for group, choices in groups.items() if group}
        return {"": [(kept, self._called(kept)), *groups.get("", [])], **grouped}


class Boxes(SelectMultipleField):
    """Any of several values, each a box."""

    def pre_validate(self, form: Any) -> None:
        return


class Moment(StringField):
    """A day and a time as they stand in `zone`, or else in the zone that is `chosen` beside it; it is kept in UTC."""

    zone: str | None = None
    chosen: str | None = None
    kept: str | None = None

    def shows(self, kept: str | None, zone: str | None, chosen: str | None) -> None:
        """Have it show what is kept, as it stands in this zone."""
        self.kept, self.zone, self.chosen = kept, zone, chosen
        if self.raw_data is None:
            self.data = self._shown()

    @property
    def place(self) -> str:
        """Where it is the time that is shown, in the reader's language; empty where no zone is known."""
        return zones.place(self.zone, languages.current()) if self.zone else ""

    def told(self) -> str | None:
        """What was typed, with its zone; what was not touched as it is kept: an hour may come twice a year."""
        moment = field_kinds.wall_time(self.data or "")
        meant = self.zone or self.chosen
        if meant is None or moment is None:
            return self.data
        if self.kept and moment == field_kinds.wall_time(self._shown()):
            return self.kept
        try:
            return moment.replace(tzinfo=ZoneInfo(meant)).astimezone(UTC).isoformat()
        except OverflowError:  # at an end of the calendar
            return self.data

    def _shown(self) -> str:
        return placed(self.kept, self.zone).replace(tzinfo=None).isoformat() if self.kept else ""


class Address(Field):
    """The parts of an address as one value. What it holds besides, a whole one for the envelope, goes when a part changes."""

    parts = (
        ("street_address", said("Street and house"), "street-address"),
        ("postal_code", said("Postal code"), "postal-code"),
        ("locality", said("City or town"), "address-level2"),
        ("region", said("State or region"), "address-level1"),
        ("country", said("Country"), "country"),
    )

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors, before = [], data if isinstance(data, Mapping) else {}
        self.typed = {part: self._of(formdata, part, before) for part, *_ in self.parts}
        same = all(text == before.get(part, "") for part, text in self.typed.items())
        self.data = dict(before) if same else {part: text for part, text in self.typed.items() if text}

    def countries(self) -> list[Choice]:
        """Every country by its code; what is kept and is no code stands first, so that it stays."""
        known, kept = countries.listed(languages.current()), self.typed["country"]
        return known if not kept or any(kept == code for code, _ in known) else [(kept, kept), *known]

    def _of(self, formdata: Any, part: str, before: Mapping[str, str]) -> str:
        if not formdata:
            return before.get(part, "")
        return formdata.get(f"{self.name}.{part}", "").replace("\r\n", "\n").strip()


class Whole(StringField):
    """A whole number, in the digits and with the separators of the reader."""

    def told(self) -> str:
        """What was typed, as machines write it; what is no whole number as it is."""
        return languages.read_whole(self.data or "", languages.current())


Make = Callable[[UserField], Field]


def _text(about: UserField) -> Field:
    return StringField(about.name, render_kw={"maxlength": field_kinds.LONGEST, "dir": "auto", **_known(about)})


def _of_type(kind: str, **attributes: str) -> Make:
    return lambda about: StringField(about.name, render_kw={"type": kind, **_known(about), **attributes})


def _menu(offered: Callable[[UserField], dict[str, list[Choice]]], called: Callable[[str], str] = str) -> Make:
    return lambda about: Menu(about.name, offered=lambda: offered(about), called=called, render_kw=_known(about))


def _place(zone: str) -> str:
    return zones.place(zone, languages.current()) if zones.is_known(zone) else zone


def _known(about: UserField) -> dict[str, str]:
    """What tells browsers (and people, WCAG 1.3.5) which of the things that they know is asked for."""
    known = AUTOCOMPLETE.get(about.claim or "") or AUTOCOMPLETE.get(about.slug)
    return {"autocomplete": known} if known else {}


INPUTS: dict[str, Make] = {
    "string": _text,
    "long_text": lambda about: TextAreaField(
        about.name, render_kw={"maxlength": field_kinds.LONGEST_LINES, "rows": 4, "dir": "auto"}
    ),
    "integer": lambda about: Whole(about.name, render_kw={"inputmode": "numeric", "autocomplete": "off"}),
    "boolean": lambda about: BooleanField(about.name),
    "date": _of_type("date"),
    "datetime": lambda about: Moment(about.name, render_kw={"type": "datetime-local"}),
    "choice": _menu(lambda about: {"": [(value, label) for value, label in about.choices]}),
    "choices": lambda about: Boxes(about.name, choices=[SelectChoice(*each) for each in about.choices]),
    "phone": _of_type("tel", autocomplete="tel"),
    "address": lambda about: Address(about.name),
    "timezone": _menu(lambda about: zones.listed(languages.current()), _place),
    "locale": _menu(lambda about: {"": _languages()}),
}


def ask(base: type[F], fields: Sequence[UserField], values: Mapping[str, Any], *, zone: str | None = None, **shown: Any) -> F:
    """A form like `base` that asks for these fields besides; it holds `values` (as they are kept, by slug) until it is filled in.
    Times are those of `zone` (IANA), or else of the first zone that is chosen in the form, or else of UTC.

    `form.user_fields` has each field beside its input.
    """
    extended = type(base.__name__, (base,), {field.input_name: INPUTS[field.kind](field) for field in fields})
    held = {field.input_name: field_kinds.typed(field, values.get(field.slug)) for field in fields}
    form = extended(data={**shown, **held})
    form.user_fields = [(field, form[field.input_name]) for field in fields]
    zoned = [
        (field, input_.data) for field, input_ in form.user_fields if field.kind == "timezone" and zones.is_known(input_.data)
    ]
    # The one that is told to applications goes first, as it does where times are shown.
    chosen = next((zone for field, zone in zoned if field.claim == "zoneinfo"), zoned[0][1] if zoned else None)
    for field, input_ in form.user_fields:
        _fit(field, input_)
        if isinstance(input_, Moment):
            input_.shows(values.get(field.slug), zone, chosen)
    return form


def typed(form: FlaskForm) -> dict[str, Any]:
    """What was typed into the user fields of a form that `ask` made, by slug."""
    every = form.user_fields
    return {field.slug: input_.told() if isinstance(input_, Moment | Whole) else input_.data for field, input_ in every}


def placed(kept: str, zone: str | None) -> datetime:
    """A moment as it is kept, in this zone (IANA), or else in UTC."""
    return zones.at(datetime.fromisoformat(kept), zone)


def moment_in_words(kept: str, zone: str | None) -> str:
    """A moment as it is kept, in the words of the reader, with the place whose time it is."""
    moment, language = placed(kept, zone), languages.current()
    return zones.with_place(languages.time(moment, language), moment, language)


def country_name(country: str) -> str:
    """A country that is kept, in the reader's language."""
    return countries.name(country, languages.current())


def labelled(field: UserField, value: Any) -> Any:
    """A value in words: the labels of choices, the name of a language, a day; of everything else the value itself."""
    if field.kind in ("choice", "choices"):
        return ", ".join(field.label_of(each) for each in ([value] if isinstance(value, str) else value))
    if field.kind == "locale":
        return dict(_languages()).get(value, value)
    if field.kind == "date" and field_kinds.is_date(value):
        return languages.day(datetime.fromisoformat(value), languages.current())
    return value


def _fit(field: UserField, input_: Field) -> None:
    """A day whose year is not told, which claims may have, does not fit into an input for days."""
    if field.kind == "date" and not field_kinds.is_date(input_.data or "2000-01-01"):
        input_.render_kw = {"autocomplete": "bday"}


def _languages() -> list[Choice]:
    """Every language that has a short name, in the reader's language."""
    return _languages_in(languages.current())


@cache
def _languages_in(language: str) -> list[Choice]:
    names: dict[str, str] = dict(languages.LANGUAGES[language].locale.languages)
    chosen = [tag for tag in names if len(tag) == 2 or tag in (*WRITTEN, *SCRIPTS)]
    return sorted(((tag.replace("_", "-"), names[tag]) for tag in chosen), key=lambda pair: pair[1].casefold())
