"""An API that passes on what it is sent, and how it asks (RFC 8693): what the tests of token exchange share."""

from dataclasses import dataclass
from typing import Any

from joserfc import jwt

from shared.services import clients, keys, resources
from shared.services.client_settings import TOKEN_EXCHANGE
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, Reply

KIND = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN, ID_TOKEN, REFRESH_TOKEN, JWT = (f"{KIND}{name}" for name in ("access_token", "id_token", "refresh_token", "jwt"))
NOTES, STORE, MAPS = "https://notes.example/api", "https://store.example", "urn:example:maps"
SCOPE = "openid offline_access read write"
# What an application needs to exchange its own tokens.
ITSELF = {"grant_types": ["authorization_code", "refresh_token", TOKEN_EXCHANGE], "token_exchange": ["impersonation"]}


@dataclass
class Scene:
    """`rp` has ada's token for the notes; the API `notes` may pass on what it is sent, to the store and no further."""

    world: World
    rp: RelyingParty
    notes: RelyingParty
    store: RelyingParty

    def change(self, who: RelyingParty, **changes: Any) -> None:
        with self.world.inside():
            clients.update(self.world.client(who.application), by=TESTS, **changes)

    def sent(self, **params: Any) -> Reply:
        """What ada's application was given for the notes."""
        return self.rp.tokens(**{"resource": NOTES, "scope": SCOPE, **params})


def set_up(world: World, rp: RelyingParty) -> Scene:
    """Two services with an API each, and a third API."""
    grants = {"grant_types": [TOKEN_EXCHANGE, "client_credentials"], "token_exchange": ["delegation"]}
    notes, store = (world.add_application(name, **grants) for name in ("Notes service", "Store service"))
    with world.inside():
        keep(world, NOTES, notes, scopes={"read": "Read your notes", "write": "Change your notes"})
        keep(world, STORE, store, scopes={"read": "Read what is stored", "erase": "Erase it"}, clients=[notes.client_id])
        keep(world, MAPS, None, scopes={"read": "See where you are"})
    return Scene(world, rp, *(RelyingParty(world.url, each, world.ada) for each in (notes, store)))


def chained(scene: Scene) -> None:
    """The store passes tokens on too."""
    with scene.world.inside():
        resources.update(resources.find(scene.world.tenant, STORE), clients=None, by=TESTS)


def keep(world: World, identifier: str, service: Application | None, **rules: Any) -> None:
    introspectors = [service.client_id] if service else []
    resources.create(world.tenant, identifier=identifier, name=identifier, introspectors=introspectors, by=TESTS, **rules)


def ask(who: RelyingParty, token: str, **params: str | list[str] | None) -> Reply:
    sent = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, **params}
    return who.token(**sent)


def given(who: RelyingParty, token: str, **params: str | list[str] | None) -> Reply:
    reply = ask(who, token, **params)
    assert reply.status == 200, reply.text
    return reply


def refused(reply: Reply, error: str = "invalid_request") -> None:
    assert (reply.status, reply.error) == (400, error), reply.text
    assert reply.headers["Cache-Control"] == "no-store"


def introspect(who: RelyingParty, token: str) -> Reply:
    return who.post(who.metadata["introspection_endpoint"], {"token": token}, who.basic())


def revoke(who: RelyingParty, token: str) -> Reply:
    return who.post(who.metadata["revocation_endpoint"], {"token": token}, who.basic())


def forged(world: World, **claims: Any) -> str:
    """A token that our own key signed, whatever it says."""
    with world.inside():
        key = keys.signing_key(world.tenant, "ES256")
        return jwt.encode({"typ": "at+jwt", "alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])
