"""Logs: one line an event, and nothing in it that must not be seen."""

import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import log, settings
from shared.kit.redact import names_a_secret, redact_text
from tests.parts.listening import Logs

SECRET = "s3cr3t-V4lue_of-32-characters.xyz"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def lines(logs: Logs) -> Logs:
    log.setup(settings.load(secret_key="x" * 32, database_url="sqlite://", redis_url="unix:///none", log_level="DEBUG"))
    return logs


def test_an_event_is_one_line_of_json(lines):
    log.get().info("client.created", name="Shop\nwith a second line")
    (event,) = lines.events
    assert event["event"] == "client.created"
    assert event["level"] == "info"
    assert event["at"].endswith("Z")
    assert lines.text.count("\n") == 1


def test_what_is_bound_is_on_every_line_until_the_next_work_begins(lines):
    log.begin(request_id="one")
    log.get().info("first")
    log.bind(user="ada")
    log.get().info("second")
    log.begin(request_id="two")
    log.get().info("third")
    assert [(line.get("request_id"), line.get("user")) for line in lines.events] == [("one", None), ("one", "ada"), ("two", None)]


def test_libraries_log_through_the_same_pipe(lines):
    log.begin(request_id="one")
    logging.getLogger("some.library").warning("code=%s seen", SECRET)
    (event,) = lines.events
    assert event["logger"] == "some.library"
    assert event["request_id"] == "one"
    assert SECRET not in lines.text


@pytest.mark.parametrize("library", ["authlib", "sqlalchemy.engine", "huey", "urllib3"])
def test_libraries_that_print_tokens_when_debugging_are_kept_quiet(lines, library):
    logging.getLogger(library).info("a token")
    assert lines.text == ""


@pytest.mark.parametrize(
    "name",
    "password new_password PASSWORD client_secret client-secret code user_code code_verifier access_token refresh_token id_token "
    "id_token_hint csrf_token Cookie Set-Cookie authorization Authorization client_assertion request_uri state nonce sid "
    "secret_key".split(),
)
def test_fields_named_like_secrets_are_not_written(lines, name):
    log.get().warning("something", **{name: SECRET}, inner={name: SECRET}, several=[{name: SECRET}])
    assert SECRET not in lines.text
    assert "[redacted]" in lines.text


def test_fields_that_only_sound_like_secrets_are_written(lines):
    log.get().info("request", status_code=200, token_type="Bearer", path="/token", ms=1.5, expires_in=600, secret_hint="x7Qe")
    (event,) = lines.events
    assert event["token_type"] == "Bearer"
    assert event["path"] == "/token"
    assert event["status_code"] == 200
    assert event["secret_hint"] == "x7Qe"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /callback?code={SECRET}&state=x",
        f"grant_type=refresh_token&refresh_token={SECRET}",
        f"password={SECRET}",
        f"/authorize?client_id=a&request_uri={SECRET}",
        f"urn:ietf:params:oauth:request_uri:{SECRET}",
        f'{{"access_token": "{SECRET}"}}',
        f"{{'password': '{SECRET}', 'email': 'ada@example.com'}}",
        f"ImmutableMultiDict([('password', '{SECRET}')])",
        f"Authorization: Basic {SECRET}",
        f"Bearer {SECRET}",
        f"Cookie: bailiwick={SECRET}; other={SECRET}",
        f"Set-Cookie: __Host-session={SECRET}; HttpOnly",
        f"a token {JWT} in the middle",
        f"could not connect to postgresql://bailiwick:{SECRET}@db/bailiwick",
    ],
)
def test_values_that_look_like_secrets_are_not_written(lines, text):
    log.get().error("something", words=text)
    logging.getLogger("library").error(text)
    assert SECRET not in lines.text
    assert JWT not in lines.text


def test_a_traceback_is_written_without_what_looks_like_a_secret(lines):
    try:
        raise ValueError(f"bad form: password={SECRET}")
    except ValueError:
        log.get().exception("request.failed")
    (event,) = lines.events
    assert "ValueError" in event["exception"]
    assert SECRET not in lines.text


@pytest.mark.parametrize("words", ["GET /login 200", "The code of the client was read.", "basic training", "a=b", "key: value"])
def test_ordinary_words_are_left_as_they_are(words):
    assert redact_text(words) == words


@pytest.mark.parametrize("piece", ["1", "a", "_", "token", "a://", "'", "eyJ", "code=", "('", "a:", '"\\\\'])
def test_long_lines_are_read_in_little_time(piece):
    began = time.monotonic()
    redact_text("=" + piece * (60_000 // len(piece)))
    assert time.monotonic() - began < 2


@given(st.text())
def test_redaction_never_fails_and_is_done_once(text):
    once = redact_text(text)
    assert redact_text(once) == once
    assert names_a_secret(f"{text}_token")
