"""Browsers in which somebody is signed in."""

from shared.services import sessions
from tests.parts.browsing import Browser
from tests.parts.world import Person, World

SESSION = "bailiwick-session-default"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1"
)


def signed_in(world: World, user_agent: str = FIREFOX) -> Browser:
    """A browser in which ada is signed in."""
    return sign_in(Browser(world.url, **{"User-Agent": user_agent}), world.ada)


def sign_in(browser: Browser, person: Person) -> Browser:
    browser.get("/login")
    assert browser.submit(email=person.email, password=person.password).path == "/account"
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").path == "/account"


def listed(world: World) -> list[sessions.Session]:
    """Ada's sessions."""
    with world.inside():
        return sessions.of(world.user(world.ada))
