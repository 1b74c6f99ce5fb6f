"""A device that has no browser (RFC 8628), with the browser of its person, who sits elsewhere."""

from shared.models.device import GRANT_TYPE
from shared.services import clients
from shared.services.clients import USUAL_GRANTS
from tests.parts.browsing import Page
from tests.parts.world import TESTS, Application, World
from tests.relying_party import SCOPE, RelyingParty, Reply


class Device(RelyingParty):
    """A relying party whose person sits elsewhere: `browser` is theirs."""

    def ask(self, **params: str | None) -> Reply:
        """Ask for a code to show (RFC 8628 §3.1)."""
        given = {name: value for name, value in {"scope": SCOPE, **params}.items() if value is not None}
        if self.application.client_secret is None:
            given.setdefault("client_id", self.application.client_id)
        headers = self.basic() if self.application.client_secret else {}
        return self.post(self.metadata["device_authorization_endpoint"], given, headers)

    def poll(self, device_code: str | None) -> Reply:
        """Ask for the tokens (RFC 8628 §3.4)."""
        return self.token(grant_type=GRANT_TYPE, device_code=device_code)

    def open(self, address: str = "/device") -> Page:
        """Go to the page, through the login if it asks for one."""
        page = self.browser.get(address)
        return self.sign_in() if page.path.endswith("/login") else page

    def answer(self, asked: Reply, press: str) -> Page:
        """Type the code, and press Allow or Deny."""
        self.open(asked.verification_uri)
        self.browser.submit(user_code=asked.user_code)
        return self.browser.submit(press=press)


def allow_devices(world: World, *applications: Application) -> None:
    with world.inside():
        for application in applications:
            clients.update(world.client(application), grant_types=[*USUAL_GRANTS, GRANT_TYPE], by=TESTS)
