"""A mail server that is dead, hangs or refuses: people are held up by none of it, and their letters come when it is back."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from shared.kit import mail
from shared.kit.db import transaction
from shared.services import letters, outbox
from tests.parts.browsing import Browser
from tests.parts.smtp import MailServer
from tests.parts.world import World
from tests.relying_party import RelyingParty

STRONG = "difference engines all the way"
QUICK = 3  # seconds, on a machine that does other things


def with_mail_at(world: World, url: str) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(
        update={"smtp_url": SecretStr(url), "outbox_dir": None}
    )


@contextmanager
def hanging() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        for connection in taken:
            connection.close()


def sign_up(world: World, email: str) -> Browser:
    browser = Browser(world.url)
    browser.get("/signup")
    browser.submit(email=email, password=STRONG)
    return browser


@pytest.mark.parametrize("database", ["sqlite"])
def test_while_the_mail_server_hangs_nobody_waits_who_signs_up_or_signs_in(
    world: World, rp: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 8)
    with hanging() as url:
        with_mail_at(world, url)
        with world.inside(), transaction():
            letters.post("email_code", world.tenant, to="ada@example.com", language="en", code="4KD7XM", minutes=10)

        def deliver() -> None:
            with world.inside():
                outbox.deliver_due()

        worker = threading.Thread(target=deliver)
        worker.start()
        began = time.monotonic()
        sign_up(world, "charles@example.com").get("/verify")
        rp.sign_in_and_allow()
        assert time.monotonic() - began < QUICK
        assert worker.is_alive(), "the letter before still waits for the mail server"
        worker.join()


def test_letters_wait_for_a_mail_server_that_is_gone_and_all_come_when_it_is_back(world: World) -> None:
    server = MailServer()
    url = server.url
    server.stop()
    with_mail_at(world, url)
    people = [f"person{number}@example.com" for number in range(5)]
    with world.inside():
        for person in people:
            with transaction():
                letters.post("email_code", world.tenant, to=person, language="en", code="4KD7XM", minutes=10)
        assert outbox.deliver_due() == 0
        assert outbox.counts().waiting == 5
    back = MailServer()
    with_mail_at(world, back.url)
    back.refusals["person2@example.com"] = "550 No such person"
    world.later(seconds=10)
    with world.inside():
        assert outbox.deliver_due() == 4
        assert (outbox.counts().waiting, outbox.counts().failed) == (0, 1)
    back.stop()
    assert sorted(recipient for _, recipient, _ in back.letters) == [person for person in people if "2" not in person]
    assert all(len(re.findall("4KD7XM", text)) == 2 for _, _, text in back.letters), "once as text and once as HTML"


def test_letters_leave_in_the_order_in_which_they_were_put_in(world: World) -> None:
    server = MailServer()
    with_mail_at(world, server.url)
    people = [f"person{number}@example.com" for number in range(8)]
    with world.inside():
        for person in people:
            with transaction():
                letters.post("email_code", world.tenant, to=person, language="en", code="4KD7XM", minutes=10)
        outbox.deliver_due()
    server.stop()
    assert [recipient for _, recipient, _ in server.letters] == people


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_any_mail_server_people_sign_in_and_the_outbox_says_why_nothing_leaves(world: World, rp: RelyingParty) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(update={"outbox_dir": None})
    with world.inside():
        with transaction():
            letters.post("email_code", world.tenant, to="ada@example.com", language="en", code="4KD7XM", minutes=10)
        outbox.deliver_due()
        (failed,) = outbox.search(failed=True).items
    assert "BAILIWICK_SMTP_URL" in (failed.last_error or "")
    assert rp.sign_in_and_allow()
