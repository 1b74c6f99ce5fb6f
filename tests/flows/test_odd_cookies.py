"""Whatever a browser sends in our cookies is not a fault of ours."""

import pytest

from tests.parts.browsing import Browser
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
ODD = [
    b"x.\xc3\xa9",
    b"\xe9.\xe9~\xff",
    b"~" * 3000 + b".",
    b"x" * 12000,
    b"%00.%00",
    b'"\\351.\\351"',
    b"\xed\xa0\x80.\xed\xa0\x80",
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["familiar", "session", "operator", "browser"])
def test_an_odd_cookie_keeps_nobody_from_signing_in(world: World, name: str, odd: bytes) -> None:
    browser = Browser(world.url)
    browser.get("/login")
    form = browser.page.form(email="", password="")
    known = "; ".join(f"{each.name}={each.value}" for each in browser.jar)
    kind = "bailiwick-browser" if name == "browser" else f"bailiwick-{name}-default"
    cookie = odd if name == "browser" else known.encode()
    sent = {
        "data": {**form.fields, "email": world.ada.email, "password": world.ada.password},
        "headers": {"Cookie": kind.encode() + b"=" + odd + b"; " + cookie, "Origin": world.url},
    }
    browser.jar.clear()
    answer = browser.http.post(f"{world.url}/login", **sent, allow_redirects=False, timeout=30)
    # Without the cookie that the form belongs to it is one from elsewhere.
    assert answer.status_code == (400 if name == "browser" else 303)
