"""Identifiers, tokens and fingerprints."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from shared.kit import ids


def test_uuids_are_version_7_and_ordered_by_time():
    made = [ids.uuid7() for _ in range(500)]
    assert {one.version for one in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == 500


def test_a_token_has_256_bits_unless_told_otherwise():
    token = ids.token()
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert token != ids.token()


def test_no_token_looks_like_an_option_of_a_command_line():
    # One in 64 would: of a thousand, none is left by chance once in ten million runs.
    assert not any(ids.token().startswith("-") for _ in range(1000))


def test_picked_strings_have_the_length_and_the_letters_asked_for():
    assert set(ids.pick("AB", 200)) == {"A", "B"}
    assert len(ids.pick("AB", 200)) == 200


@given(st.text(), st.text())
def test_secrets_are_the_same_exactly_when_they_are_equal(left, right):
    assert ids.same(left, right) == (left == right)
    assert (ids.fingerprint(left) == ids.fingerprint(right)) == (left == right)


@given(st.text())
def test_whatever_is_no_uuid_is_found_to_be_none(text):
    found = ids.find_uuid(text)
    assert found is None or found.hex in text.replace("-", "").lower()
