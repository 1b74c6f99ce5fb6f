"""People with second factors, and the programs and papers that they prove themselves with."""

import re
from dataclasses import dataclass, field

import pyotp

from shared.kit import clock
from shared.models.audit import Actor
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import authenticator_apps, tenants
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, Person, World

STEP = 30


@dataclass
class App:
    """An authenticator app on somebody's phone, which shows the time of the tests."""

    secret: str

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many steps of half a minute later."""
        return pyotp.TOTP(self.secret).at(clock.timestamp() + steps * STEP)


@dataclass
class Equipped:
    """A person, their app, and the recovery codes on their paper."""

    person: Person
    app: App
    codes: list[str] = field(default_factory=list)


def equip(world: World, person: Person) -> Equipped:
    """Give somebody of the default tenant an authenticator app, as the service does."""
    with world.inside():
        app, codes = added_app(world.tenant, world.user(person))
    return Equipped(person, app, codes)


def added_app(tenant: Tenant, user: User) -> tuple[App, list[str]]:
    """An app that was added, by the code of half a minute ago, and the recovery codes. Call it inside."""
    begun = authenticator_apps.begin(tenant, user)
    app = App(begun.secret)
    return app, authenticator_apps.finish(user, begun.ticket, app.code(-1), name="Phone", by=Actor.of(user))


def demand(world: World, **changes: object) -> None:
    """Set what the default tenant demands of its people: `second_factor`, `factors`."""
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, **changes)


def sign_in(browser: Browser, person: Person, at: str = "/login") -> Page:
    """Give the password."""
    browser.get(at)
    return browser.submit(email=person.email, password=person.password)


def codes_on(page: Page) -> list[str]:
    """The recovery codes that a page shows."""
    return list(dict.fromkeys(re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", page.text)))


def secret_on(page: Page) -> str:
    """The key of an authenticator app that a page shows."""
    shown = re.search(r'<code class="grouped".*?</code>', page.text)
    assert shown, page.words
    groups = re.findall(r"<span>([A-Z2-7]{4})</span>", shown[0])
    assert len(groups) == 8, shown[0]
    return "".join(groups)
