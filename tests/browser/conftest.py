"""A real Chromium, whose pages are watched, and a camera."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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
# What Chromium says of a page that is not a 200: 422 is a form that is shown again with what is wrong with it.
REFUSED = re.compile(r"the server responded with a status of (\d+)")
HIGHEST = 3000  # pixels of a photograph
# What each page is looked at as, and what axe looks for then: everything by day, and elsewhere what may differ there.
# 320 pixels is also what is left of a desk at 400 % (WCAG 2.2, 1.4.10).
LOOKS: tuple[tuple[str, Literal["light", "dark"], ViewportSize, dict[str, Any]], ...] = (
    ("light", "light", DESK, {"rules": {"target-size": {"enabled": True}}}),
    ("narrow", "light", {"width": 320, "height": 640}, {}),
    ("dark", "dark", DESK, {"runOnly": ["color-contrast"]}),
    ("phone", "light", PHONE, {"runOnly": ["target-size", "scrollable-region-focusable"]}),
)

SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

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

    `also` are other origins that it is meant to go to, and `refused` the statuses that its pages may have. Where errors are what
    a walk is about, its console is not `watched`.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opener(
        origin: str, *, also: Sequence[str] = (), refused: Sequence[int] = (422,), watched: bool = True, **settings: Any
    ) -> Page:
        context = chromium.new_context(**{"viewport": DESK, "base_url": origin, **settings})
        contexts.append(context)
        if watched:
            context.on("console", lambda said: faults.extend(_faults_of(said, refused)))
        context.on("weberror", lambda error: faults.append(f"{error.error}"))
        context.on("request", lambda asked: faults.extend(_strange(asked.url, origin, *also)))
        return context.new_page()

    yield opener
    for context in contexts:
        context.close()
    assert not faults


@dataclass
class Camera:
    """Looks at pages by day, by night, on a phone and in the narrowest window; photographs them where there is a `folder`."""

    folder: Path | None
    taken: int = 0

    def take(self, page: Page, name: str) -> None:
        """Look at the whole page as it is now; check that nothing is cut off in any window, and that nobody is kept out by it."""
        self.taken += 1
        before = page.viewport_size or DESK
        with _scripts_running(page):
            page.evaluate(needs.AXE.read_text())
            for look, scheme, size, rules in LOOKS:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size(size)
                page.evaluate(SETTLED)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= size["width"], f"{name} is {wide} wide on {look}"
                assert _barriers(page, rules) == [], f"{name} keeps people out on {look}"
                self._shoot(page, f"{self.taken:02}-{name}-{look}.png", size)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    def _shoot(self, page: Page, file: str, size: ViewportSize) -> None:
        if self.folder is None:
            return
        # A window as high as the page, so that what keeps to an edge of it is where it belongs.
        high = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
        page.set_viewport_size({"width": size["width"], "height": max(high, size["height"])})
        page.screenshot(path=self.folder / file, animations="disabled")


@pytest.fixture
def camera() -> Camera:
    """A camera whose pictures are kept under BAILIWICK_SCREENSHOTS, to be looked at; where that is not set it takes none."""
    folder = os.environ.get("BAILIWICK_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return Camera(Path(folder) if folder else None)


@contextmanager
def _scripts_running(page: Page) -> Iterator[None]:
    """Let axe run where no scripts do. The page is loaded already, and runs none of its own any more."""
    if not page.evaluate("matchMedia('(scripting: none)').matches"):
        yield
        return
    session = page.context.new_cdp_session(page)
    # It takes back only what it did itself.
    for off in (True, False):
        session.send("Emulation.setScriptExecutionDisabled", {"value": off})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})


def _barriers(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds serious on the page (WCAG 2.2 AA), looking with a debugger's eyes, which the page's policy does not bind."""
    if not rules:
        return []
    # Swagger UI's own panels are others' to mend.
    asked = {"resultTypes": ["violations"], **rules}
    found = page.evaluate("asked => axe.run({exclude: ['.swagger-ui']}, asked)", asked)["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def _faults_of(said: ConsoleMessage, refused: Sequence[int]) -> list[str]:
    if (told := REFUSED.search(said.text)) and int(told[1]) in refused:
        return []
    return [f"{said.type}: {said.text}"] if said.type in ("error", "warning") or "Content Security" in said.text else []


def _strange(url: str, *origins: str) -> list[str]:
    ours = "|".join(map(re.escape, origins))
    return [] if re.match(rf"(({ours})(/|$)|data:|blob:({ours})|about:)", url) else [f"asked for {url}"]
