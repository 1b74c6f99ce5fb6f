"""The kinds of user fields: what is typed is read, checked, kept, and typed again as it is kept."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import names
from shared.kit.errors import Invalid
from shared.models.claims import ADDRESS
from shared.models.user_field import UserField
from shared.services import field_kinds
from tests.parts.fields import BAD, SIZES, TYPED


def field(kind: str) -> UserField:
    return UserField(slug=kind, name=kind, kind=kind, choices=SIZES, preset={}, required=False)


def _shows(text: str) -> bool:
    return not text.strip() or names.shows(text)


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=120)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT.filter(_shows),
    "long_text": st.lists(TEXT, max_size=5).map("\n".join).filter(_shows),
    "integer": st.integers(-field_kinds.LARGEST, field_kinds.LARGEST),
    "boolean": st.booleans(),
    "date": st.dates(date(1000, 1, 1)).map(date.isoformat),
    "datetime": st.datetimes(datetime(1000, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat),
    "choice": st.sampled_from([value for value, _ in SIZES]),
    "choices": st.lists(st.sampled_from([value for value, _ in SIZES])),
    "phone": st.integers(2_000_000_000, 9_899_999_999).map(lambda number: f"+1{number}"),
    "address": st.dictionaries(st.sampled_from(ADDRESS), TEXT.filter(str.isprintable)),
    "timezone": st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone)),
    "locale": st.from_regex(r"[A-Za-z]{2,3}(-[A-Z]{2})?", fullmatch=True),
}


@pytest.mark.parametrize("kind", list(VALUES))
@given(chosen=st.data())
def test_what_is_kept_is_typed_and_read_again_unchanged(kind: str, chosen: st.DataObject) -> None:
    about = field(kind)
    kept = field_kinds.read(about, chosen.draw(VALUES[kind]))
    assert field_kinds.read(about, kept) == kept, "as JSON"
    assert field_kinds.read(about, field_kinds.typed(about, kept)) == kept, "as forms have it"


@pytest.mark.parametrize(("kind", "typed", "kept"), [(kind, *pair) for kind, pair in TYPED.items()])
def test_what_is_typed_is_kept_in_one_form(kind: str, typed: Any, kept: Any) -> None:
    assert field_kinds.read(field(kind), typed) == kept


@pytest.mark.parametrize("kind", list(TYPED))
@pytest.mark.parametrize("empty", [None, "", "   ", "\r\n", [], {}])
def test_nothing_is_nothing_of_every_kind(kind: str, empty: Any) -> None:
    assert field_kinds.read(field(kind), empty) is None


@pytest.mark.parametrize(("kind", "bad"), [(kind, bad) for kind, values in BAD.items() for bad in values])
def test_what_does_not_fit_is_refused_in_words_for_its_input(kind: str, bad: Any) -> None:
    with pytest.raises(Invalid) as refused:
        field_kinds.read(field(kind), bad)
    assert refused.value.fields == {"field": f"fields.{kind}"} and refused.value.message


@pytest.mark.parametrize("kind", list(TYPED))
@given(
    typed=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
        max_leaves=5,
    )
)
def test_whatever_json_has_is_read_or_refused(kind: str, typed: Any) -> None:
    try:
        field_kinds.read(field(kind), typed)
    except Invalid as refused:
        assert refused.fields == {"field": f"fields.{kind}"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2027-02-03T14:05:06Z", "2027-02-03T14:05:06Z"),
        ("2027-02-03T14:05:06.789+02:00", "2027-02-03T12:05:06Z"),
        ("2027-02-03 14:05", "2027-02-03T14:05:00Z"),
        ("2027-02-03t14:05z", "2027-02-03T14:05:00Z"),
    ],
)
def test_moments_are_kept_in_utc(typed: str, kept: str) -> None:
    assert field_kinds.read(field("datetime"), typed) == kept


def test_letters_that_can_be_written_in_several_ways_are_kept_in_one() -> None:
    assert field_kinds.read(field("string"), "Cafe\u0301") == "Café"
    assert field_kinds.read(field("string"), "می\u200cخواهم") == "می\u200cخواهم", "what joins and parts letters stays"
