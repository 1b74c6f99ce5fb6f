"""What a provider can do to us: be slow, be away, lie about itself, lead inside, answer without end."""

import threading
import time
from typing import Any

import pytest

from shared.federation import turns
from shared.kit import fetch
from tests.parts.browsing import Browser, Page
from tests.parts.elsewhere import UNVERIFIED, Elsewhere, come_back, leave, nobody, sign_in
from tests.parts.listening import Logs
from tests.parts.world import World


def test_a_slow_provider_delays_nobody_else(
    world: World, elsewhere: Elsewhere, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Elsewhere(elsewhere.https, "/slow")
    slow.add_to(world, "slow")
    monkeypatch.setattr(turns, "MOST", 2)
    monkeypatch.setattr(fetch, "SECONDS", 1.5)
    browsers = [Browser(world.url) for _ in range(5)]
    asked = [leave(each, "slow") for each in browsers]
    elsewhere.https.raw("/slow/token", [b"HTTP/1.1 200 X\r\n", b""], pause=3)
    pages: list[tuple[float, Page]] = []

    def wait(each: Browser, state: dict[str, str]) -> None:
        began = time.monotonic()
        page = come_back(each, state, "slow")
        pages.append((time.monotonic() - began, page))

    threads = [threading.Thread(target=wait, args=pair) for pair in zip(browsers, asked, strict=True)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert sign_in(browser, elsewhere).path == "/account"
    assert time.monotonic() - began < 1.2
    for thread in threads:
        thread.join()
    assert all(page.status == 503 and "Slow does not answer just now" in page.words for _, page in pages)
    assert sum(took < 1 for took, _ in pages) == 3, "the others are told at once"
    assert pages[0][1].links["back"].startswith("/login")
    assert not turns._busy


def test_a_provider_that_is_down_is_said_to_be(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    elsewhere.https.answer("/op/.well-known/openid-configuration", b"", status=503)
    browser.get("/login?next=/account/sessions")
    page = browser.submit(press="with-elsewhere")
    assert page.status == 503 and "Elsewhere does not answer just now" in page.words
    assert page.links["back"] == "/login?next=/account/sessions"
    asked = elsewhere.https.seen("/op/.well-known/openid-configuration")
    browser.get("/login")
    assert browser.submit(press="with-elsewhere").status == 503
    assert elsewhere.https.seen("/op/.well-known/openid-configuration") == asked, "and is not asked again at once"
    elsewhere.discover()
    world.later(seconds=11)
    assert leave(browser)


def test_what_was_known_of_it_serves_while_its_discovery_is_away(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    sign_in(Browser(world.url), elsewhere)
    elsewhere.https.answer("/op/.well-known/openid-configuration", b"", status=500)
    world.later(hours=2)
    assert sign_in(browser, elsewhere).path == "/account"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://"},
        {"authorization_endpoint": ["https://x.example"]},
        {"userinfo_endpoint": "gopher://127.0.0.1"},
    ],
)
def test_a_discovery_document_that_lies_is_not_believed(
    world: World, elsewhere: Elsewhere, browser: Browser, changes: dict[str, Any]
) -> None:
    """OpenID Connect Discovery §4.3."""
    elsewhere.discover(**changes)
    browser.get("/login")
    page = browser.submit(press="with-elsewhere")
    assert page.left_to is None and page.status == 502 and UNVERIFIED in page.words


@pytest.mark.parametrize(
    "inside", ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://2130706433/"]
)
@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_a_discovery_document_does_not_lead_inside(
    world: World, elsewhere: Elsewhere, browser: Browser, logs: Logs, inside: str, endpoint: str
) -> None:
    """Server-side request forgery: whatever a provider names goes through the guarded fetcher."""
    elsewhere.discover(**{endpoint: inside})
    page = sign_in(browser, elsewhere, email=None)
    assert page.status in (502, 503) and nobody(browser), page.words
    assert logs.named("fetch.failed") and "10.0.0.1" not in page.text


def test_huge_and_redirecting_answers_are_not_read(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    elsewhere.https.answer("/op/token", b'{"access_token": "' + b"x" * 100_000 + b'"}')
    assert come_back(browser, asked).status == 503
    asked = leave(browser)
    elsewhere.https.answer("/op/token", b"", {"Location": elsewhere.https.url + "/op/userinfo"}, status=307)
    assert come_back(browser, asked).status == 502 and nobody(browser)
