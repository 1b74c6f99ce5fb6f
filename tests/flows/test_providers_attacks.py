"""The way to a provider and back, attacked: answers of the wrong browser, provider and moment."""

import threading

import pytest

from tests.parts.browsing import Browser, Page
from tests.parts.elsewhere import OVER, UNVERIFIED, Elsewhere, come_back, leave, nobody
from tests.parts.world import World


def test_an_attackers_answer_signs_nobody_in_in_another_browser(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """Login CSRF (RFC 6749 §10.12, RFC 9700 §4.7.1)."""
    attacker = Browser(world.url)
    asked = leave(attacker)
    elsewhere.tokens(elsewhere.id_token(asked))
    browser.get("/login")
    page = come_back(browser, asked)
    assert page.status == 400 and OVER in page.words and nobody(browser)
    # And it is used up for the attacker as well.
    assert OVER in come_back(attacker, asked).words and nobody(attacker)
    assert elsewhere.https.seen("/op/token") == 0


def test_a_state_works_once(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    pages: list[Page] = []

    def once() -> None:
        mine = Browser(world.url)
        mine.jar.update(browser.jar)
        pages.append(come_back(mine, asked))

    threads = [threading.Thread(target=once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(page.path for page in pages).count("/account") == 1
    assert sum(OVER in page.words for page in pages) == 5 and elsewhere.https.seen("/op/token") == 1
    assert OVER in come_back(browser, asked).words


@pytest.mark.parametrize("state", ["", "unknown", "\0", "x" * 9000, "%00", "é"])
def test_a_state_that_nobody_made_is_over(world: World, elsewhere: Elsewhere, browser: Browser, state: str) -> None:
    page = come_back(browser, {"state": state})
    assert page.status == 400 and OVER in page.words


def test_a_state_ends_after_a_quarter_of_an_hour(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    world.later(minutes=16)
    assert OVER in come_back(browser, asked).words


def test_the_answer_of_one_provider_is_not_taken_at_the_address_of_another(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    """Mix-up (RFC 9700 §4.4): each provider has an address of its own."""
    evil = Elsewhere(elsewhere.https, "/evil")
    evil.add_to(world, "evil")
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    evil.tokens(evil.id_token(asked))
    assert OVER in come_back(browser, asked, "evil").words and nobody(browser)
    assert elsewhere.https.seen("/evil/token") == 0


@pytest.mark.parametrize("iss", ["https://evil.example", "", None])
def test_an_answer_says_who_gave_it_where_that_was_announced(
    world: World, elsewhere: Elsewhere, browser: Browser, iss: str | None
) -> None:
    """RFC 9207 §2.4."""
    elsewhere.discover(authorization_response_iss_parameter_supported=True)
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    page = come_back(browser, asked, iss=iss)
    assert page.status == 502 and UNVERIFIED in page.words and nobody(browser)
    assert elsewhere.https.seen("/op/token") == 0
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    assert come_back(browser, asked, iss=elsewhere.issuer).path == "/account"


def test_a_wrong_iss_counts_also_where_none_was_announced(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    assert UNVERIFIED in come_back(browser, asked, iss="https://evil.example").words
    # Also in an answer that says no.
    asked = leave(browser)
    assert UNVERIFIED in come_back(browser, asked, code=None, error="access_denied", iss="https://evil.example").words


def test_nobody_is_sent_away_by_a_form_of_another_site(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    browser.get("/login")
    page = browser.post("/login/with/elsewhere")
    assert page.left_to is None and page.status == 400 and "too old" in page.words
    assert browser.get("/login/with/elsewhere").status == 405
    assert browser.post("/login/with/nothing").status == 400


def test_a_posted_answer_comes_again_as_a_link_of_ours(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """Form Post Response Mode comes without our cookies: it must set none either, or it would throw the browser's away."""
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    stranger = Browser(world.url)
    form = {"code": "a-code", "state": asked["state"], "user": '{"name": {}}', "next": "https://evil.example", "id_token": "x"}
    answer = stranger.http.post(f"{world.url}/login/with/elsewhere/callback", data=form, allow_redirects=False)
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    assert answer.headers["Location"] == f"/login/with/elsewhere/callback?state={asked['state']}&code=a-code"
    assert browser.get(answer.headers["Location"]).path == "/account"
