"""Somebody with an account at a whole installation, and the browser in which they sit."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask

from shared.kit.db import db
from shared.models.user import User
from tests.parts.browsing import Browser
from tests.parts.factoring import App, sign_in
from tests.parts.installation import Installation
from tests.parts.world import Person


@dataclass
class Known:
    """Somebody with an account, an authenticator app and paper; `here` is the browser in which everything was begun."""

    installation: Installation
    service: Flask
    person: Person
    app: App
    paper: list[str]
    here: Browser = field(init=False)
    sid: str = ""

    def __post_init__(self) -> None:
        self.here = self.signed_in()

    def half(self) -> Browser:
        """A browser in which they gave their password."""
        browser = Browser(self.installation.url)
        assert sign_in(browser, self.person).path == "/factor/totp"
        return browser

    def signed_in(self) -> Browser:
        browser = self.half()
        browser.get("/factor/recovery")
        assert browser.submit(code=self.paper.pop()).path == "/account"
        return browser

    def twin(self) -> Browser:
        """Another tab of the browser in which everything was begun."""
        made = Browser(self.installation.url)
        made.jar.update(self.here.jar)
        return made

    def row(self) -> User:
        """Their row. Call it inside of the service."""
        return db.session.get_one(User, self.person.id, populate_existing=True)

    def act(self, verb: Callable[[User], object]) -> None:
        """Do something to their account in another program."""
        with self.service.app_context():
            verb(self.row())
