"""A real Chromium, whose pages are watched, and a camera."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.parts import needs

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# What Chromium says of a form that is shown again with what is wrong with it.
REFUSED = "the server responded with a status of 422"
HIGHEST = 3000  # pixels of a photograph

Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.found(*needs.CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a window on `origin`; none of its pages may ask another host, break a policy or fail in its scripts.

    `also` are other origins that it is meant to go to; where errors are what a walk is about, its console is not `watched`.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opener(origin: str, *, also: Sequence[str] = (), watched: bool = True, **settings: Any) -> Page:
        context = chromium.new_context(**{"viewport": DESK, "base_url": origin, **settings})
        contexts.append(context)
        if watched:
            context.on("console", lambda said: faults.extend(_faults_of(said)))
        context.on("weberror", lambda error: faults.append(f"{error.error}"))
        context.on("request", lambda asked: faults.extend(_strange(asked.url, origin, *also)))
        return context.new_page()

    yield opener
    for context in contexts:
        context.close()
    assert not faults


@dataclass
class Camera:
    """Photographs pages by day, by night and on a phone, into `folder`, numbered in the order of the walk."""

    folder: Path
    taken: int = 0

    def take(self, page: Page, name: str) -> None:
        """Photograph the whole page as it is now; check that a phone cuts nothing off, and that nobody is kept out by it."""
        self.taken += 1
        before = page.viewport_size or DESK
        for look, scheme, size in (("light", "light", DESK), ("dark", "dark", DESK), ("phone", "light", PHONE)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self._shoot(page, self.folder / f"{self.taken:02}-{name}-{look}.png", size)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{name} is {wide} wide on {look}"
            assert look == "phone" or _barriers(page) == [], f"{name} keeps people out on {look}"
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    def _shoot(self, page: Page, path: Path, size: ViewportSize) -> None:
        # A window as high as the page, so that what keeps to an edge of it is where it belongs.
        page.set_viewport_size(size)
        high = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
        page.set_viewport_size({"width": size["width"], "height": max(high, size["height"])})
        page.screenshot(path=path, animations="disabled")


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """A camera whose pictures stay under BAILIWICK_SCREENSHOTS where that is set, to be looked at."""
    folder = Path(os.environ.get("BAILIWICK_SCREENSHOTS") or tmp_path / "photographs")
    folder.mkdir(parents=True, exist_ok=True)
    return Camera(folder)


def _barriers(page: Page) -> list[str]:
    """What axe finds serious on the page (WCAG 2.2 AA), looking with a debugger's eyes, which the page's policy does not bind."""
    page.evaluate(needs.AXE.read_text())
    # Swagger UI's own panels are others' to mend.
    found = page.evaluate("axe.run({exclude: ['.swagger-ui']}, {resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def _faults_of(said: ConsoleMessage) -> list[str]:
    if REFUSED in said.text:
        return []
    return [f"{said.type}: {said.text}"] if said.type in ("error", "warning") or "Content Security" in said.text else []


def _strange(url: str, *origins: str) -> list[str]:
    ours = "|".join(map(re.escape, origins))
    return [] if re.match(rf"(({ours})(/|$)|data:|blob:({ours})|about:)", url) else [f"asked for {url}"]
