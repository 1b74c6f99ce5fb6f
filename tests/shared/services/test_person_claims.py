"""What is known of a person besides name and e-mail address (OpenID Connect Core §5.1)."""

from typing import Any

import pytest

from shared.kit.errors import Invalid
from shared.services import audit, person_claims
from tests.parts.world import TESTS, World


def test_claims_are_set_and_taken_away_by_name(inside: World) -> None:
    ada = inside.user(inside.ada)
    person_claims.change(ada, {"given_name": " Ada ", "locale": "en-GB"}, by=TESTS)
    changed = person_claims.change(ada, {"locale": "", "family_name": "Lovelace"}, by=TESTS)
    assert changed.claims == {"given_name": "Ada", "family_name": "Lovelace"}


def test_the_log_has_the_names_and_not_the_values(inside: World) -> None:
    ada = inside.user(inside.ada)
    person_claims.change(ada, {"phone_number": "+44 20 7946 0000", "phone_number_verified": True}, by=TESTS)
    person_claims.change(ada, {"phone_number": "+442079460000"}, by=TESTS)
    events = audit.search(subject_id=str(ada.id), limit=5).items
    assert [event.detail for event in events if event.action == "user.claims_set"] == [
        {"claims": ["phone_number", "phone_number_verified"]}
    ]


def test_another_number_is_not_verified(inside: World) -> None:
    ada = inside.user(inside.ada)
    person_claims.change(ada, {"phone_number": "+442079460000", "phone_number_verified": True}, by=TESTS)
    assert person_claims.change(ada, {"nickname": "A"}, by=TESTS).phone_verified_at is not None
    assert person_claims.change(ada, {"phone_number": "+442079460001"}, by=TESTS).phone_verified_at is None
    person_claims.change(ada, {"phone_number_verified": True}, by=TESTS)
    assert person_claims.change(ada, {"phone_number": ""}, by=TESTS).phone_verified_at is None
    with pytest.raises(Invalid):
        person_claims.change(ada, {"phone_number_verified": True}, by=TESTS)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("birthdate", "1815-12-10", "1815-12-10"),
        ("birthdate", "0000-02-29", "0000-02-29"),
        ("birthdate", "1815", "1815"),
        ("zoneinfo", "Europe/London", "Europe/London"),
        ("zoneinfo", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("locale", "zh-Hant-TW", "zh-Hant-TW"),
        ("phone_number", "+1 (604) 555-1234;ext=5678", "+16045551234;ext=5678"),
        ("website", "https://ada.example/", "https://ada.example/"),
        ("preferred_username", "a.lovelace/1 @home", "a.lovelace/1 @home"),
        ("address", {"formatted": "12 St James's Sq\r\n London ", "country": ""}, {"formatted": "12 St James's Sq\nLondon"}),
    ],
)
def test_what_fits_is_kept(inside: World, name: str, typed: Any, kept: Any) -> None:
    assert person_claims.change(inside.user(inside.ada), {name: typed}, by=TESTS).claims[name] == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("birthdate", "10.12.1815"),
        ("birthdate", "1815-13-01"),
        ("birthdate", "1815-02-29"),
        ("birthdate", "1815-12"),
        ("birthdate", "٠١٢٣"),
        ("zoneinfo", "Europe/Atlantis"),
        ("zoneinfo", "localtime"),
        ("zoneinfo", "Factory"),
        ("zoneinfo", "../../etc/passwd"),
        ("locale", "English, please"),
        ("phone_number", "020 7946 0000"),
        ("phone_number", "+44x"),
        ("website", "http://ada.example/"),
        ("picture", "javascript:alert(1)"),
        ("profile", "https://ada.example/ me"),
        ("given_name", "A\x07da"),
        ("given_name", "A" * 201),
        ("given_name", 7),
        ("address", "London"),
        ("address", {"planet": "Earth"}),
        ("address", {"region": "x" * 501}),
        ("address", {"region": "a\x00b"}),
        ("shoe_size", "38"),
        ("name", "Ada"),
        ("email", "eve@example.com"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(inside: World, name: str, typed: Any) -> None:
    with pytest.raises(Invalid) as refused:
        person_claims.change(inside.user(inside.ada), {name: typed}, by=TESTS)
    assert refused.value.fields["field"] == (next(iter(typed)) if isinstance(typed, dict) and "region" in typed else name)
