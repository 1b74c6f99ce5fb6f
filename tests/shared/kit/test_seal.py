"""Sealing: what was sealed opens with the same server key and for the same purpose, and not otherwise."""

import base64

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import seal, settings


def app_with(secret_key: str) -> Flask:
    app = Flask("test")
    app.extensions["bailiwick.settings"] = settings.load(
        secret_key=secret_key, database_url="sqlite://", redis_url="unix:///none"
    )
    return app


HERE = app_with("one server key of at least 32 characters")
ELSEWHERE = app_with("another server key of over 32 characters")


@given(st.text())
def test_what_was_sealed_opens_again(plain):
    with HERE.app_context():
        assert seal.unseal(seal.seal(plain, "test"), "test") == plain


def test_the_same_text_is_sealed_differently_each_time():
    with HERE.app_context():
        assert seal.seal("secret", "test") != seal.seal("secret", "test")


def test_it_does_not_open_for_another_purpose():
    with HERE.app_context(), pytest.raises(seal.CannotUnseal):
        seal.unseal(seal.seal("secret", "one"), "another")


def test_it_does_not_open_with_another_server_key():
    with HERE.app_context():
        sealed = seal.seal("secret", "test")
    with ELSEWHERE.app_context(), pytest.raises(seal.CannotUnseal):
        seal.unseal(sealed, "test")


@given(st.integers(min_value=0, max_value=33), st.integers(min_value=1, max_value=255))
def test_it_does_not_open_when_a_byte_was_changed(place, change):
    with HERE.app_context():
        raw = bytearray(base64.b64decode(seal.seal("secret", "test")))
        raw[place] ^= change
        with pytest.raises(seal.CannotUnseal):
            seal.unseal(base64.b64encode(bytes(raw)).decode(), "test")


def test_derived_keys_differ_by_purpose():
    with HERE.app_context():
        assert seal.derive("one") == seal.derive("one")
        assert seal.derive("one") != seal.derive("another")
        assert len(seal.derive("one", 16)) == 16
