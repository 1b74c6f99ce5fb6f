"""What is said in English and read in another language."""

import copy
import json
import pickle
from datetime import UTC, datetime

import pytest
from markupsafe import Markup, escape

from shared.kit import languages
from shared.kit.words import Said, said, said_many, translate


def test_what_is_said_is_its_english_text() -> None:
    text = said("Use at least %(least)s characters, 100%% of the time.", least=1200)
    assert text == "Use at least 1200 characters, 100% of the time."
    assert json.dumps({"detail": text}) == '{"detail": "Use at least 1200 characters, 100% of the time."}'
    assert said_many("%(num)s day", "%(num)s days", 1) == "1 day"
    assert said_many("%(num)s day", "%(num)s days", 0) == "0 days"


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, lambda text: pickle.loads(pickle.dumps(text))])
def test_what_is_said_is_remembered(again: object) -> None:
    text = again(said_many("%(num)s day of %(month)s", "%(num)s days of %(month)s", 2, month="May"))  # type: ignore[operator]
    assert isinstance(text, Said)
    assert (text, text.msgid, text.values) == ("2 days of May", "%(num)s day of %(month)s", {"month": "May", "num": 2})


def test_a_page_shows_it_in_the_language_of_its_reader_and_escaped() -> None:
    text = said("Hello %(name)s", name="<b>")
    with languages.reading("fr"):
        assert escape(text) == Markup("Hello &lt;b&gt;")
    assert escape(said("At most %(most)s", most=12345)) == "At most 12,345"
    with languages.reading("de"):
        assert escape(said("At most %(most)s", most=12345)) == "At most 12.345"


def test_what_has_no_translation_stays_english() -> None:
    assert translate(said("No such text: %(it)s", it=1), "ja") == "No such text: 1"
    assert translate("No such text", "ar") == "No such text"
    assert translate("", "fr") == ""


def test_a_value_in_a_right_to_left_text_does_not_turn_its_neighbours() -> None:
    text = said("No such text %(x)s", x="(a)")
    assert text.in_language("ar") == "No such text \u2068(a)\u2069"
    assert text.in_language("ja") == "No such text (a)"


@pytest.mark.parametrize(
    ("language", "day", "time"),
    [
        ("en", "3 Feb 2027", "3 Feb 2027, 16:05"),
        ("fr", "3 févr. 2027", "3 févr. 2027, 16:05"),
        ("de", "03.02.2027", "03.02.2027, 16:05"),
        ("ja", "2027/02/03", "2027/02/03 16:05"),
        ("zh-Hans", "2027年2月3日", "2027年2月3日 16:05"),
    ],
)
def test_dates_are_written_as_their_readers_do(language: str, day: str, time: str) -> None:
    moment = datetime(2027, 2, 3, 16, 5, 59, tzinfo=UTC)
    assert languages.day(moment, language) == day
    assert languages.time(moment, language) == time
