"""A second Bailiwick, over https and with people of its own, as the provider of the first."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.models.provider import Provider
from shared.services import clients, providers
from tests.parts.https import Https
from tests.parts.serving import Origin
from tests.parts.valkey import Valkey
from tests.parts.world import TESTS, Template, World, open_world


@contextmanager
def upstream_of(world: World, https: Https, template: Template, valkey: Valkey, folder: Path) -> Iterator[World]:
    """It, known to `world` as its provider "upstream"; `ours` is what it calls us, and ada has an account there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(https.ca_file.parent / "chain.pem")
    origin = Origin(context)
    folder.mkdir()
    with template.copied(folder) as url:
        # A Redis of its own in the same one: the people of both have the same ids, being of one cast.
        second = Valkey(valkey.folder)
        second.url = f"{valkey.url}?db=1"
        made = open_world(origin, second, database="sqlite", database_url=url, cast=template.cast, folder=folder)
        try:
            _introduce(world, made)
            yield made
        finally:
            origin.stop()
            made.close()


def _introduce(world: World, upstream: World) -> Provider:
    with upstream.inside():
        client = clients.update(
            upstream.client(upstream.ours), redirect_uris=[f"{world.url}/login/with/upstream/callback"], by=TESTS
        )
        client_id = client.client_id
    with world.inside():
        return providers.create(
            world.tenant,
            preset="openid",
            name="Upstream",
            discovery_url=upstream.url,
            client_id=client_id,
            secret=upstream.ours.client_secret,
            trusts_email=True,
            by=TESTS,
        )
