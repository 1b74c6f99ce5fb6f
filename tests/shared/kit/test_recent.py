"""What was read a moment ago: never older than half a second, and never what this process changed."""

import time

from sqlalchemy import text

from shared.kit.db import db, transaction
from shared.services import clients
from tests.parts.world import TESTS, World


def test_what_this_process_changes_it_knows_at_once(inside: World) -> None:
    client = clients.find(inside.tenant, inside.web.client_id)
    assert client and clients.find(inside.tenant, inside.web.client_id) is client
    clients.update(client, name="Another name", by=TESTS)
    assert clients.find(inside.tenant, inside.web.client_id).name == "Another name"
    secret = clients.rotate_secret(client, by=TESTS)
    assert clients.find(inside.tenant, inside.web.client_id).has_secret(secret)
    clients.delete(client, by=TESTS)
    assert clients.find(inside.tenant, inside.web.client_id) is None


def test_what_another_node_changes_is_known_within_a_second(inside: World) -> None:
    assert clients.find(inside.tenant, inside.web.client_id)
    with transaction():  # as another node writes: unseen by this process's session
        db.session.execute(text("UPDATE clients SET name = 'Changed elsewhere'"))
    deadline = time.monotonic() + 1
    while clients.find(inside.tenant, inside.web.client_id).name != "Changed elsewhere":
        assert time.monotonic() < deadline
        time.sleep(0.05)
