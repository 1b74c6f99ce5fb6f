"""Addresses as they are compared (RFC 3986 §6.2.2, §6.2.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import urls

PLAIN = "https://id.example.com/t/acme/token"
SEGMENTS = st.lists(st.text("abcXYZ019-._~!$&'()*+,;=:@", min_size=1, max_size=8).filter(lambda s: s.strip(".")), max_size=4)


@pytest.mark.parametrize(
    "spelling",
    [
        "HTTPS://ID.Example.COM/t/acme/token",
        "https://id.example.com:443/t/acme/token",
        "https://id.example.com:/t/acme/token",
        "https://id.example.com/t/%61cme/token",
        "https://id.example.com/t/acme/./token",
        "https://id.example.com/t/acme/x/../token",
        "https://id.example.com/t/acme/%2e/token",
        "https://id.example.com/t/acme/token?some=query",
        "https://id.example.com/t/acme/token#fragment",
        "https://id.example.com/t/acme/token?#",
    ],
)
def test_spellings_of_one_address(spelling: str) -> None:
    assert urls.same(spelling, PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        "http://id.example.com/t/acme/token",
        "https://id.example.com:8443/t/acme/token",
        "https://id.example.com:80/t/acme/token",
        "https://id.example.com./t/acme/token",
        "https://id.example.com/t/acme/token/",
        "https://id.example.com/t/acme/TOKEN",
        "https://id.example.com/t//acme/token",
        "https://id.example.com/t%2Facme/token",
        "https://id.example.com@evil.example/t/acme/token",
        "https://user@id.example.com/t/acme/token",
        "https://id.example.com\\@evil.example/t/acme/token",
        "https:/id.example.com/t/acme/token",
        "//id.example.com/t/acme/token",
        "/t/acme/token",
        "",
        " " + PLAIN,
        PLAIN + "\n",
        "https://id.example.com/t/acme/tok\u00e9n",
        "https://[::1/token",
        "https://id.example.com:99999/t/acme/token",
        "https://id.example.com:x/t/acme/token",
    ],
)
def test_other_addresses(other: str) -> None:
    assert not urls.same(other, PLAIN)


def test_what_is_no_address_is_like_nothing_not_even_itself() -> None:
    for text in ("", "token", "ftp://id.example.com/", "https://", "https://[::1/"):
        assert urls.normal(text) is None and not urls.same(text, text)


def test_the_empty_path_is_the_root() -> None:
    assert urls.same("https://id.example.com", "https://id.example.com/")
    assert urls.same("http://[::1]:80", "http://[::1]/")


@given(SEGMENTS, st.randoms(use_true_random=False))
def test_any_spelling_of_a_path_is_the_same(segments: list[str], choice) -> None:
    url = "https://id.example.com/" + "/".join(segments)

    def spelled(letter: str) -> str:
        if letter not in urls.UNRESERVED or choice.random() < 0.5:
            return letter
        return f"%{ord(letter):02x}" if choice.random() < 0.5 else f"%{ord(letter):02X}"

    other = "hTTps://ID.example.Com:443/" + "/./".join("".join(map(spelled, segment)) for segment in segments)
    assert urls.same(other, url)


@given(st.text(max_size=200))
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    for url in (text, "https://" + text, "https://id.example.com/" + text):
        made = urls.normal(url)
        assert made is None or urls.normal(made) == made
