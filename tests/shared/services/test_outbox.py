"""The outbox: at least once, whatever is down, and with nothing left to read afterwards."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, NotFound
from shared.models.audit import Actor
from shared.models.outbox import OutboxMessage
from shared.services import guesses, letters, outbox, tenants
from tests.parts import process
from tests.parts.smtp import MailServer

TESTS = Actor.system("tests")
LETTER = {"kind": "email_code", "to": "ada@example.com", "language": "en", "code": "XYZ", "minutes": 10}


@pytest.fixture
def mail_server(world) -> Iterator[MailServer]:
    """A mail server, which this installation uses."""
    server = MailServer()
    told = world.settings.model_copy(update={"smtp_url": SecretStr(server.url), "outbox_dir": None})
    world.auth.extensions["bailiwick.settings"] = told
    yield server
    server.stop()


def put(**more: str | bool) -> None:
    with transaction():
        letters.post(tenant=tenants.default(), **{**LETTER, **more})


def rows() -> list[OutboxMessage]:
    query = select(OutboxMessage).order_by(OutboxMessage.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def test_what_is_put_in_is_delivered_once(mail_server, inside):
    put()
    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    assert [(recipient, "XYZ" in text) for _, recipient, text in mail_server.letters] == [("ada@example.com", True)]


def test_what_a_failed_transaction_put_in_is_not_delivered(mail_server, inside):
    with pytest.raises(ZeroDivisionError), transaction():
        letters.post(tenant=tenants.default(), **LETTER)
        raise ZeroDivisionError
    assert outbox.deliver_due() == 0
    assert inside.valkey.client.llen("huey.redis.bailiwick") == 0


def test_a_commit_nudges_the_worker(mail_server, inside):
    with transaction():
        letters.post(tenant=tenants.default(), **LETTER)
        assert inside.valkey.client.llen("huey.redis.bailiwick") == 0
    assert inside.valkey.client.llen("huey.redis.bailiwick") == 1


def test_a_code_is_not_readable_while_it_waits_and_gone_after(mail_server, inside):
    put()
    assert "XYZ" not in rows()[0].payload
    outbox.deliver_due()
    assert rows()[0].payload == ""
    assert rows()[0].delivered_at is not None


def test_a_mail_server_that_is_down_only_delays(mail_server, inside):
    mail_server.refusals["ada@example.com"] = "451 Later, please"
    put()
    assert outbox.deliver_due() == 0
    assert outbox.deliver_due() == 0
    assert rows()[0].attempts == 1
    mail_server.refusals.clear()
    clock.shift(10)
    assert outbox.deliver_due() == 1


def test_a_letter_that_nobody_can_take_does_not_hold_up_the_others(mail_server, inside):
    mail_server.refusals["gone@example.com"] = "550 No such person"
    put(to="gone@example.com")
    put(to="not an address")
    put()
    assert outbox.deliver_due() == 1
    failed = [row for row in rows() if row.failed_at]
    assert len(failed) == 2
    assert "550" in (failed[0].last_error or "")
    clock.shift(86400)
    assert outbox.deliver_due() == 0


def test_it_gives_up_in_the_end_and_keeps_the_row(mail_server, inside, logs):
    mail_server.refusals["ada@example.com"] = "451 Later, please"
    put()
    for _ in range(outbox.MOST_ATTEMPTS + 3):
        outbox.deliver_due()
        clock.shift(2 * outbox.LONGEST_WAIT.total_seconds())
    (row,) = rows()
    assert row.attempts == outbox.MOST_ATTEMPTS
    assert row.failed_at is not None
    assert len(logs.named("outbox.gave_up")) == 1


def test_what_a_worker_took_and_never_finished_is_delivered_by_another(mail_server, inside):
    put()
    assert outbox._take() is not None  # and then this worker died
    assert outbox.deliver_due() == 0
    clock.shift(outbox.LEASE.total_seconds() + 1)
    assert outbox.deliver_due() == 1


def test_many_workers_deliver_each_letter_once(mail_server, world):
    with world.inside():
        for number in range(20):
            put(to=f"person{number}@example.com")

    def work() -> None:
        with world.inside():
            outbox.deliver_due(limit=50)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = Counter(recipient for _, recipient, _ in mail_server.letters)
    assert len(taken) == 20
    assert set(taken.values()) == {1}


def test_waits_double_up_to_an_hour_and_differ():
    assert timedelta(seconds=3.7) <= outbox.wait(1) <= timedelta(seconds=6.3)
    assert timedelta(minutes=45) <= outbox.wait(20) <= timedelta(minutes=75)
    assert len({outbox.wait(5) for _ in range(30)}) > 1


def test_what_was_delivered_is_purged_after_a_week_and_what_failed_is_kept(mail_server, inside):
    put()
    put()
    outbox.deliver_due(limit=1)
    with transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.delivered_at.is_(None)).values(failed_at=clock.now()))
    assert outbox.purge() == 0
    clock.shift(8 * 86400)
    assert outbox.purge() == 1
    assert len(rows()) == 1


def test_without_redis_it_is_put_in_all_the_same(mail_server, inside):
    inside.valkey.stop()
    try:
        put()
        assert outbox.deliver_due() == 1
    finally:
        inside.valkey.start()
        process.until(inside.valkey.answers)


def test_what_failed_is_seen_and_tried_again_as_often_as_a_new_one(mail_server, inside):
    mail_server.refusals["gone@example.com"] = "550 No such person"
    put(to="gone@example.com")
    outbox.deliver_due()
    (row,) = outbox.search(failed=True).items
    assert (outbox.counts().waiting, outbox.counts().failed) == (0, 1)
    mail_server.refusals.clear()
    outbox.try_again(row, by=TESTS)
    assert (outbox.counts().waiting, outbox.counts().failed) == (1, 0)
    assert outbox.deliver_due() == 1
    assert outbox.counts() == outbox.Counts(waiting=0, failed=0, delivered=1, oldest=None)
    with pytest.raises(Conflict):
        outbox.try_again(row, by=TESTS)


def test_only_what_failed_is_discarded(mail_server, inside):
    put()
    (row,) = outbox.search(failed=False).items
    with pytest.raises(Conflict):
        outbox.discard(row, by=TESTS)
    mail_server.refusals["ada@example.com"] = "550 No such person"
    outbox.deliver_due()
    outbox.discard(row, by=TESTS)
    assert rows() == []
    with pytest.raises(NotFound):
        outbox.get(row.id)


def test_letters_to_nobody_are_counted_and_shown_nowhere(inside):
    with transaction():
        letters.nobody(tenant=tenants.default(), **LETTER)
    assert outbox.counts().waiting == 0
    assert outbox.search(failed=False).items == []


def test_a_message_that_no_version_of_ours_can_read_waits_for_one_that_can(inside):
    with transaction():
        outbox.put("mail", {"kind": "of_tomorrow", "tenant": str(inside.tenant.id), "to": "x", "language": "", "values": {}})
    assert outbox.deliver_due() == 0
    assert rows()[0].failed_at is None


def test_so_many_letters_a_day_go_to_an_address_that_nobody_has_proved(mail_server, inside, later, logs):
    mail_server.refusals["eve@example.com"] = "451 Later, please"
    put(to="eve@example.com")
    assert outbox.deliver_due() == 0
    mail_server.refusals.clear()
    later(minutes=1)
    for _ in range(guesses.LETTERS.amount):
        put(to="Eve+shop@Example.com")
        put(to="ada@example.com", proved=True)
    outbox.deliver_due(limit=500)
    # The one that is tried again was counted once, and so the last of the others is one too many.
    assert Counter(recipient.lower() for _, recipient, _ in mail_server.letters) == {
        "ada@example.com": guesses.LETTERS.amount,
        "eve@example.com": 1,
        "eve+shop@example.com": guesses.LETTERS.amount - 1,
    }
    assert len(logs.named("letter.dropped")) == 1
    # Nothing is left of it, neither its code nor a failure.
    assert all(row.delivered_at and not row.payload for row in rows())
    # What somebody has proved to read is sent however many went there before.
    put(to="eve@example.com", proved=True)
    assert outbox.deliver_due() == 1 and len(mail_server.letters) == 2 * guesses.LETTERS.amount + 1
