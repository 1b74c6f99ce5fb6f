"""Back-channel logout when clients are slow, down or hostile, when a worker dies, and when many sessions end at once."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from auth_service import worker
from auth_service.protocol import backchannel_logout
from shared.kit.db import db, transaction
from shared.models.audit import AuditEvent
from shared.models.authorization import Authorization
from shared.models.user import User
from shared.services import clients, letters, logouts, outbox, session_ends
from tests.parts import process
from tests.parts.https import Https
from tests.parts.installation import environment
from tests.parts.telling import deliver, end_it, notices, tokens_at
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims

Listen = Callable[..., str]


def test_a_client_that_is_down_is_told_when_it_is_up_again(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    path = listen(world.web, status=503)
    rp.logout(id_token_hint=rp.tokens().id_token)
    for _ in range(2):
        deliver(world)
        world.later(minutes=1)
    (notice,) = notices(world)
    assert (notice.attempts, notice.confirmed_at, notice.failed_at) == (2, None, None)
    assert "503" in str(notice.last_error)
    https.answer(path, b"", status=204)
    deliver(world)
    (notice,) = notices(world)
    assert (notice.attempts, notice.confirmed_at is None, notice.last_error) == (3, False, None)
    made = [unverified_claims(token) for token in tokens_at(https)]
    assert len({claims["jti"] for claims in made}) == 3
    assert made[2]["iat"] >= made[0]["iat"] + 120, "each attempt brings a fresh token"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("status", "attempts"), [(400, 3), (302, 3), (404, 3), (500, outbox.MOST_ATTEMPTS)])
def test_a_client_that_does_not_confirm_is_given_up(
    rp: RelyingParty, world: World, https: Https, listen: Listen, status: int, attempts: int
) -> None:
    """§2.8: 400 is a failure. A redirect is not followed."""
    path = listen(world.web)
    https.answer(path, b"", {"Location": f"{https.url}/elsewhere"}, status=status)
    rp.logout(id_token_hint=rp.tokens().id_token)
    for _ in range(attempts + 3):
        deliver(world)
        world.later(hours=2)
    assert (https.seen(path), https.seen("/elsewhere")) == (attempts, 0)
    (notice,) = notices(world)
    assert notice.failed_at is not None
    assert str(status) in str(notice.last_error)
    with world.inside():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "client.logout_unconfirmed")).all()
    assert [event.subject_name for event in events] == [world.web.name]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_inside_is_never_asked(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert https.asked == []
    (notice,) = notices(world)
    assert notice.last_error == "It could not be reached: not a public address"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_slow_client_is_cut_off_after_five_seconds_and_holds_up_no_letter(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    https.raw(told_at, [b"HTTP/1.1 200 X\r\n", b"Content-Length: 0\r\n\r\n"], pause=10)
    rp.logout(id_token_hint=rp.tokens().id_token)
    began = time.monotonic()
    slow = threading.Thread(target=deliver, args=(world,))
    slow.start()
    with world.inside():
        post_letter(world)
        worker.deliver(letters.MAIL)
    assert time.monotonic() - began < 3
    assert len(list(world.settings.outbox_dir.glob("*.eml"))) == 1
    slow.join()
    assert 4 < time.monotonic() - began < 8
    (notice,) = notices(world)
    assert notice.confirmed_at is None
    assert "could not be reached" in str(notice.last_error)


def post_letter(world: World) -> None:
    with transaction():
        letters.post("email_code", world.tenant, to="ada@example.com", language=None, code="4KD7XM", minutes=10)


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_thread_at_most_waits_for_a_client_that_did_not_answer(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri="https://127.0.0.1:1/", by=TESTS)
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    with backchannel_logout._slow.turn("127.0.0.1"):  # some thread tries it again
        world.later(minutes=1)
        deliver(world)
    (notice,) = notices(world)
    assert notice.attempts == 1, "the others do not, and it does not count"
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri=https.url + told_at, by=TESTS)
    world.later(minutes=1)
    deliver(world)
    assert notices(world)[0].confirmed_at is not None


def test_what_a_worker_took_and_never_finished_another_one_delivers(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    with world.inside():
        assert outbox._take() is not None  # and then this worker died
    deliver(world)
    assert https.asked == []
    world.later(seconds=outbox.LEASE.total_seconds() + 1)
    deliver(world)
    assert len(tokens_at(https)) == 1


def test_a_hundred_sessions_end_at_once(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    hint = rp.tokens().id_token
    own = unverified_claims(hint)["sid"]
    with world.inside():
        for number in range(99):
            session = copy_of_session(world, f"sid-{number}")
            assert session != own
        session_ends.every(world.user(world.ada), by=TESTS)
    began = time.monotonic()
    workers = [threading.Thread(target=deliver, args=(world,)) for _ in range(dict(worker.LANES)[(logouts.KIND,)])]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert time.monotonic() - began < 30
    told = Counter(unverified_claims(token)["sid"] for token in tokens_at(https))
    assert len(told) == 100
    assert set(told.values()) == {1}
    assert all(notice.confirmed_at for notice in notices(world))


def copy_of_session(world: World, sid: str) -> str:
    from_row = db.session.scalars(select(Authorization)).first()
    assert from_row is not None
    names = ("tenant_id", "user_id", "client_id", "scopes", "auth_time", "acr", "amr", "expires_at")
    with transaction() as session:
        session.add(type(from_row)(sid=sid, **{name: getattr(from_row, name) for name in names}))
    return sid


@pytest.mark.parametrize("database", ["sqlite"])
def test_notices_are_purged_after_a_month(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    world.later(days=29)
    with world.inside():
        assert logouts.purge() == 0
    world.later(days=2)
    with world.inside():
        assert logouts.purge() == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_person_or_client_that_is_gone_is_nobodys_concern(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    with world.inside():
        clients.delete(world.client(world.web), by=TESTS)
    deliver(world)
    assert https.asked == []
    with world.inside():
        assert not outbox.anything_due()
        assert db.session.get(User, world.ada.id) is not None


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_worker_tells_them_at_once(rp: RelyingParty, world: World, https: Https, told_at: str, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    told = world.auth.extensions["bailiwick.settings"]
    running = process.start([sys.executable, "-m", "auth_service.worker"], log=log, env=environment(told))
    try:
        process.until(lambda: "worker.started" in log.read_text(), seconds=30, what="the worker's start")
        hint = rp.tokens().id_token
        time.sleep(1)  # its first round is over
        began = time.monotonic()
        rp.logout(id_token_hint=hint)
        process.until(lambda: https.seen(told_at), seconds=10, what="the logout token")
        assert time.monotonic() - began < 2
        process.until(lambda: notices(world)[0].confirmed_at, seconds=10, what="the confirmation")
    finally:
        assert process.stop(running) == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_redis_a_session_that_ends_in_sql_is_told_of_later(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    rp.tokens()
    world.valkey.stop()
    try:
        end_it(world, "disabled", "")
    finally:
        world.valkey.start()
        process.until(world.valkey.answers)
    deliver(world)
    assert len(tokens_at(https)) == 1
