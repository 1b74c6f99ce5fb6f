"""Whose guesses count where proxies are trusted: what the last of them wrote, and nothing that came before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.browsing import Browser
from tests.parts.serving import Origin
from tests.parts.valkey import Valkey
from tests.parts.world import Template, World, open_world

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
STRANGER, OWNER = "203.0.113.7", "192.0.2.1"
MOST = 100


@pytest.fixture
def proxied(
    origin: Origin, valkey: Valkey, database: str, template: Template, database_url: str, tmp_path: Path
) -> Iterator[World]:
    """A world behind one proxy, which adds whoever connects to it at the end of X-Forwarded-For."""
    told = {"database": database, "database_url": database_url, "cast": template.cast, "folder": tmp_path}
    opened = open_world(origin, valkey, trusted_proxies=1, **told)
    yield opened
    origin.hide()
    opened.close()


def guess(world: World, number: int, *, by: str, claimed: str = "") -> int:
    """Try a password of nobody, through the proxy, with whatever was `claimed`; the status."""
    browser = Browser(world.url, **{"X-Forwarded-For": ", ".join(filter(None, [claimed, by]))})
    browser.get("/login")
    return browser.submit(email=f"somebody{number}@example.com", password="not the password").status


def test_an_address_that_is_claimed_before_it_counts_for_nothing(proxied: World) -> None:
    statuses = [guess(proxied, number, by=STRANGER, claimed=f"198.51.100.{number}") for number in range(MOST + 2)]
    assert statuses == [422] * MOST + [429] * 2
    assert guess(proxied, 0, by=OWNER) == 422, "others go on"


def test_nobody_uses_up_the_guesses_of_somebody_else_s_address(proxied: World) -> None:
    odd = [OWNER, f"{OWNER}, {OWNER}", "x" * 900, "unknown", "::1%eth0", ", ,"]
    statuses = [guess(proxied, number, by=STRANGER, claimed=odd[number % len(odd)]) for number in range(MOST + 1)]
    assert statuses[-1] == 429
    assert guess(proxied, 0, by=OWNER) == 422
