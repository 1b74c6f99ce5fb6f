"""Clients that sign, and how they are answered: what the tests of client authentication by JWT share (RFC 7523)."""

from typing import Any

import pytest

from shared.services import clients
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, Reply

GRANT = {"grant_type": "refresh_token", "refresh_token": "unknown"}
# What is read from either database is the same; what is written, a mark, is tried on both.
sqlite = pytest.mark.parametrize("database", ["sqlite"])


def register(world: World, alg: str = "ES256", **more: Any) -> tuple[RelyingParty, Signer]:
    """A client that signs with `alg`, and its signer."""
    with world.inside():
        method = "client_secret_jwt" if alg == "HS256" else "private_key_jwt"
        key = None if alg == "HS256" else new_key(alg)
        keys = {} if key is None or "jwks_uri" in more else {"jwks": {"keys": [key.as_dict(private=False)]}}
        back = "https://signer.example/callback"
        settings = {"token_endpoint_auth_method": method, "redirect_uris": [back], **keys, **more}
        client, secret = clients.register(world.tenant, name="Signer", by=TESTS, **settings)
    application = Application(client.id, "Signer", client.client_id, secret, back, "")
    signer = Signer(client.client_id, world.url, key or new_key(alg, secret=secret or ""), alg)
    return RelyingParty(world.url, application, world.ada), signer


def known(reply: Reply) -> None:
    """The client was believed: what is wrong is the grant alone."""
    assert (reply.status, reply.error) == (400, "invalid_grant"), reply.text


def refused(reply: Reply) -> None:
    assert (reply.status, reply.error) == (401, "invalid_client"), reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.json["error_description"] == "Client authentication failed."


def ask(rp: RelyingParty, form: dict[str, str], **headers: str) -> Reply:
    return rp.post(f"{rp.issuer}/token", {**GRANT, **form}, headers)


def change(world: World, rp: RelyingParty, **changes: Any) -> None:
    with world.inside():
        clients.update(world.client(rp.application), by=TESTS, **changes)
