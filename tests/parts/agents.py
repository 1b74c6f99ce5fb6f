"""Clients that are known by their own document, and how they are answered: what their tests share."""

import json
from dataclasses import dataclass, field
from typing import Any

from shared.services import tenants
from tests.parts.browsing import Page
from tests.parts.https import Https
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

BACK = "https://agent.example/callback"


@dataclass
class Agent:
    """A client whose client_id is the address of a document that it publishes."""

    https: Https
    world: World
    path: str = "/agent.json"
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return self.https.url + self.path

    def publish(self, *, headers: dict[str, str] | None = None, **changes: Any) -> None:
        good = {
            "client_id": self.client_id,
            "client_name": "Agent",
            "redirect_uris": [BACK],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        said = {name: value for name, value in {**good, **changes}.items() if value is not None}
        self.https.answer(self.path, json.dumps(said).encode(), headers or {"Cache-Control": "max-age=600"})

    @property
    def rp(self) -> RelyingParty:
        application = Application(None, "Agent", self.client_id, None, BACK, "")  # type: ignore[arg-type]
        return RelyingParty(self.world.url, application, self.world.ada)

    @property
    def fetches(self) -> int:
        return self.https.seen(self.path)


def let(world: World, allowed: bool = True) -> None:
    with world.inside():
        tenants.update(world.tenant, client_documents=allowed, by=TESTS)


def shown(page: Page, words: str) -> None:
    assert (page.status, page.left_to) == (400, None), page.left_to
    assert words in page.words
