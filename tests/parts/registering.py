"""Clients that register themselves: what the tests of RFC 7591 and RFC 7592 share."""

from typing import Any

import requests

from shared.services import tenants
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, Reply, reply_of

BACK = "https://newcomer.example/callback"


def let(world: World, mode: str = "open", **more: Any) -> None:
    """Let clients register themselves."""
    with world.inside():
        tenants.update(world.tenant, client_registration=mode, by=TESTS, **more)


def register(world: World, *, token: str | None = None, **metadata: Any) -> Reply:
    """Register with one redirect URI, and what `metadata` adds, replaces, or by None takes away."""
    said = {"redirect_uris": [BACK], "client_name": "Newcomer", **metadata}
    return call("POST", f"{world.url}/register", token, {name: value for name, value in said.items() if value is not None})


def call(method: str, url: str, token: str | None = None, body: Any = None) -> Reply:
    """Ask a registration endpoint."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return reply_of(requests.request(method, url, json=body, headers=headers, timeout=30))


def party(world: World, made: Reply) -> RelyingParty:
    """The relying party that was registered."""
    assert made.status == 201, made.text
    application = Application(None, made.client_name, made.client_id, made.client_secret, made.redirect_uris[0], "")  # type: ignore[arg-type]
    return RelyingParty(world.url, application, world.ada)


def refused(reply: Reply, error: str = "invalid_client_metadata") -> None:
    """The metadata was not accepted, and it is said why (RFC 7591 §3.2.2)."""
    assert (reply.status, reply.error) == (400, error), reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.error_description.isascii()
    assert '"' not in reply.error_description
