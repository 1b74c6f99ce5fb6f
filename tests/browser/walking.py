"""Somebody who walks through pages by the names of their parts, which are the same in every language, and looks at each."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from shared.kit.languages import LANGUAGES
from tests.browser.conftest import DESK, PHONE, Camera, Opener
from tests.parts.world import Person, World

# Every flow is walked twice: as most people do, and from right to left on a phone whose browser runs no scripts.
WAYS = [("en", True), ("ar", False)]
# And where scripts do much: from right to left with them.
RIGHT_TO_LEFT = ("ar", True)
REFUSALS = (400, 403, 404, 405, 413, 422, 429, 500, 502, 503)


@dataclass
class Walk:
    """`language` is that of the browser."""

    world: World
    page: Page
    camera: Camera
    language: str

    def see(self, name: str, part: str = "h1") -> None:
        """Look at the page, once `part` of it is there."""
        expect(self.page.locator(part).first).to_be_visible()
        html = self.page.locator("html")
        expect(html).to_have_attribute("lang", self.language)
        expect(html).to_have_attribute("dir", LANGUAGES[self.language].direction)
        expect(self.page.locator("h1")).to_have_count(1)
        assert self.page.title(), name
        self.camera.take(self.page, f"{self.language}-{name}")

    def go(self, path: str, name: str = "", part: str = "h1") -> None:
        """Go there, and look where it has a name."""
        self.page.goto(path)
        if name:
            self.see(name, part)

    def fill(self, **typed: str) -> None:
        """Type into inputs by their names."""
        for name, text in typed.items():
            self.page.locator(f"main [name='{name}']").last.fill(text)

    def press(self, id: str = "submit") -> None:
        """Press a button or follow a link by its id."""
        self.page.locator(f"[id='{id}']").click()

    def confirm(self) -> None:
        """Press the button of a page that asks whether it is really meant."""
        self.page.locator(".dialog-page [type='submit']").last.click()

    def sign_in(self, who: Person | None = None) -> None:
        """Fill in the login page that is shown."""
        person = who or self.world.ada
        self.fill(email=person.email, password=person.password)
        self.press()


def walk(opened: Opener, world: World, camera: Camera, way: tuple[str, bool], **settings: object) -> Walk:
    """A new browser, one of the WAYS."""
    language, scripts = way
    told = {"locale": language, "java_script_enabled": scripts, "viewport": DESK if scripts else PHONE}
    return Walk(world, opened(world.url, refused=REFUSALS, **told, **settings), camera, language)
