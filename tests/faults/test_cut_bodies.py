"""A form whose connection breaks off before it is whole is not carried out, whichever server takes it."""

import socket
from urllib.parse import urlencode, urlsplit

import pytest

from tests.parts.browsing import Browser
from tests.parts.installation import Installation
from tests.parts.installed import Known

TAIL = "ZZZ"


def send_cut(installation: Installation, browser: Browser, path: str, missing: int, **typed: str) -> bytes:
    """Post what was typed without its last octets, and say no more; the answer."""
    body = urlencode({**browser.page.form(**dict.fromkeys(typed, "")).fields, **typed}).encode()
    place = urlsplit(installation.url)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.jar.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(head.encode() + body[:-missing])
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while more := line.recv(65536):
            answer += more
    return answer


@pytest.mark.parametrize("missing", [1, len(TAIL)])
def test_half_a_form_signs_nobody_in(installation: Installation, ada: Known, missing: int) -> None:
    browser = Browser(installation.url)
    browser.get("/login")
    answer = send_cut(installation, browser, "/login", missing, email=ada.person.email, password=ada.person.password + TAIL)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Location" not in answer


def test_half_a_form_changes_no_password(installation: Installation, ada: Known) -> None:
    ada.here.get("/account/password")
    answer = send_cut(installation, ada.here, "/account/password", 11, password="twenty two long words and a tail")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert ada.half()
