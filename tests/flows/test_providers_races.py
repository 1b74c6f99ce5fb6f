"""Many come at once, and a provider that is taken away while somebody is there."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.services import identities, providers, users
from tests.parts.browsing import Browser, Page
from tests.parts.elsewhere import Elsewhere, come_back, leave, linked, nobody, sign_in, slow_token
from tests.parts.world import TESTS, World


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    done: list[Any] = []
    threads = [threading.Thread(target=lambda n=n: done.append(act(n))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_of_fifty_who_bring_one_state_one_is_let_in(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    twins = []
    for _ in range(50):
        twin = Browser(world.url)
        twin.jar.update(browser.jar)
        twins.append(twin)
    pages = at_once(50, lambda n: come_back(twins[n], asked))
    assert sorted(page.status for page in pages) == [200] + [400] * 49
    assert elsewhere.https.seen("/op/token") == 1


def test_of_many_browsers_in_which_somebody_new_comes_one_makes_the_account(world: World, elsewhere: Elsewhere) -> None:
    browsers = [Browser(world.url) for _ in range(6)]
    asked = [leave(browser) for browser in browsers]

    def come(number: int) -> Page:
        return come_back(browsers[number], asked[number])

    # Their nonces differ: the last answer fits one of them, so each is brought its own in turn, all but the last step slow.
    told = Elsewhere.id_token(elsewhere, asked[0])
    elsewhere.tokens(told)
    slow_token(elsewhere, 0.1)
    pages = at_once(6, come)
    assert all(page.status in (200, 502, 503) for page in pages), [page.status for page in pages]
    assert linked(world) == [("somebody-1", "some@body.example")]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("end", ["delete", "switch off"])
def test_a_provider_that_ends_while_somebody_is_there_lets_nobody_in(
    world: World, elsewhere: Elsewhere, browser: Browser, known: bool, end: str
) -> None:
    if known:
        sign_in(Browser(world.url), elsewhere)
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    slow_token(elsewhere, 0.5)
    pages: list[Page] = []
    thread = threading.Thread(target=lambda: pages.append(come_back(browser, asked)))
    thread.start()
    while not elsewhere.https.seen("/op/token") > known:
        time.sleep(0.02)
    with world.inside():
        row = providers.called(world.tenant, "elsewhere")
        if end == "delete":
            providers.delete(row, by=TESTS)
        else:
            providers.update(row, enabled=False, by=TESTS)
    thread.join()
    assert pages[0].status < 500 and nobody(browser), pages[0].words
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert (made is not None) is known, "no account is made that nothing opens"
        if made is not None and end == "delete":
            assert identities.of(made) == []
