"""Clients that nobody here wrote, and the person who uses them."""

from collections.abc import Callable

import pytest

from tests.parts.browsing import Browser
from tests.parts.world import World

# Storage is asked of both databases by tests/flows; what others' clients accept does not depend on it.
Visit = Callable[[str], str]


@pytest.fixture
def database() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """These clients read the environment: a proxy that is named there does not know our loopback address."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def visit(world: World, browser: Browser) -> Visit:
    """Take ada's browser to an address, sign in and allow where asked; the address to which it was sent in the end."""

    def visited(url: str) -> str:
        page = browser.get(url)
        for _ in range(4):
            if page.left_to is not None:
                return page.left_to
            if page.path.endswith("/login"):
                page = browser.submit(email=world.ada.email, password=world.ada.password)
            else:
                page = browser.submit(press="allow")
        raise AssertionError(f"{page.status} {page.url}: {page.words[:500]}")

    return visited
