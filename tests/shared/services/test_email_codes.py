"""Codes by letter: for one purpose and one browser, counted however many come at once, and the same for nobody."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import Invalid, TooMany
from shared.models.verification import EmailCode
from shared.services import email_codes
from shared.services.email_codes import CHANGE, SIGN_IN, SIGN_UP, VERIFY, Begun
from tests.parts.world import World

EVE = "eve@example.com"


def begin(world: World, purpose: str = SIGN_IN, email: str = EVE, **more: object) -> Begun:
    with transaction():
        return email_codes.begin(world.tenant, purpose, email=email, **more)


def taken(world: World, code: str, purpose: str = SIGN_IN, **of: object) -> bool:
    try:
        return email_codes.take(email_codes.latest(world.tenant, purpose, **of), code, buy=lambda row: True)
    except Invalid:
        return False


def at_once(world: World, act: Callable[[], object], times: int = 50) -> list[object]:
    """What comes of so many calls at once, each on a connection of its own."""
    came: list[object] = []

    def one() -> None:
        with world.inside():
            try:
                came.append(act())
            except (Invalid, TooMany) as error:
                came.append(type(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_what_was_kept_with_a_code_comes_back_when_it_is_right_and_is_gone_then(inside: World) -> None:
    begun = begin(inside, SIGN_UP, browser="firefox", details={"name": "Eve"})
    row = email_codes.latest(inside.tenant, SIGN_UP, browser="firefox")
    assert row is not None and "Eve" not in (row.details or "")
    assert email_codes.take(row, begun.code, buy=email_codes.details_of) == {"name": "Eve"}
    again = email_codes.latest(inside.tenant, SIGN_UP, browser="firefox")
    assert again is not None and again.details is None


def test_a_code_serves_the_browser_that_asked_and_no_other(inside: World) -> None:
    begun = begin(inside, browser="firefox")
    assert not taken(inside, begun.code, browser="safari")
    assert taken(inside, begun.code, browser="firefox")


def test_a_stranger_who_types_the_address_ends_nobodys_code(inside: World) -> None:
    mine = begin(inside, browser="mine")
    begin(inside, browser="a stranger's")
    assert taken(inside, mine.code, browser="mine")


def test_a_code_for_one_thing_opens_no_other(inside: World) -> None:
    ada = inside.user(inside.ada)
    begun = begin(inside, VERIFY, ada.email, user=ada)
    begin(inside, CHANGE, "new@example.com", user=ada)
    assert not taken(inside, begun.code, CHANGE, user=ada)
    assert taken(inside, begun.code, VERIFY, user=ada)


def test_a_code_for_a_new_address_outlives_nothing_of_the_old_one(inside: World) -> None:
    ada = inside.user(inside.ada)
    verify, change = begin(inside, VERIFY, ada.email, user=ada), begin(inside, CHANGE, "new@example.com", user=ada)
    with transaction():
        ada.email = "another@example.com"
    assert not taken(inside, verify.code, VERIFY, user=ada)
    assert taken(inside, change.code, CHANGE, user=ada)


def test_every_code_of_a_person_can_be_ended(inside: World) -> None:
    ada = inside.user(inside.ada)
    begun = begin(inside, CHANGE, "new@example.com", user=ada)
    with transaction():
        email_codes.end(ada)
    assert not taken(inside, begun.code, CHANGE, user=ada)


def test_where_there_is_nobody_the_same_is_written_and_nothing_fits(inside: World) -> None:
    begun = begin(inside, browser="firefox", link=True, real=False)
    row = db.session.scalars(select(EmailCode)).one()
    assert len(row.fingerprint) == len(row.link_fingerprint or b"") == 32
    assert not taken(inside, begun.code, browser="firefox")
    assert email_codes.find_by_link(inside.tenant, SIGN_IN, begun.link) is None


def test_of_fifty_wrong_guesses_at_once_five_are_looked_at(world: World) -> None:
    with world.inside():
        begun = begin(world, browser="firefox")
    came = at_once(world, lambda: taken(world, "AAAAAA", browser="firefox"))
    with world.inside():
        assert came == [False] * 50
        assert db.session.scalars(select(EmailCode.guesses)).one() == 5
        assert not taken(world, begun.code, browser="firefox")


def test_of_fifty_right_ones_at_once_one_buys(world: World) -> None:
    with world.inside():
        begun = begin(world, browser="firefox")
    assert at_once(world, lambda: taken(world, begun.code, browser="firefox")).count(True) == 1


def test_of_fifty_at_one_link_one_gets_through_and_the_code_is_spent_with_it(world: World) -> None:
    with world.inside():
        begun = begin(world, browser="firefox", link=True)
        row = email_codes.find_by_link(world.tenant, SIGN_IN, begun.link)
    came = at_once(world, lambda: email_codes.take_link(row, begun.link, buy=lambda row: True))
    assert came.count(True) == 1
    with world.inside():
        assert not taken(world, begun.code, browser="firefox")


def test_a_link_serves_its_tenant_and_its_purpose_for_ten_minutes(inside: World) -> None:
    begun = begin(inside, browser="firefox", link=True)
    assert email_codes.find_by_link(inside.tenant, SIGN_UP, begun.link) is None
    assert email_codes.find_by_link(inside.tenant, SIGN_IN, begun.link[:-1]) is None
    row = email_codes.find_by_link(inside.tenant, SIGN_IN, begun.link)
    assert row is not None and email_codes.is_of(row, "firefox") and not email_codes.is_of(row, "safari")
    clock.shift(601)
    with pytest.raises(Invalid):
        email_codes.take_link(row, begun.link, buy=lambda row: True)


def test_of_fifty_letters_asked_for_at_once_three_are_sent(world: World) -> None:
    came = at_once(world, lambda: bool(begin(world, browser="firefox").code))
    assert came.count(True) == 3 and came.count(TooMany) == 47


def test_letters_are_counted_for_an_address_however_it_is_written_and_for_a_person(inside: World) -> None:
    for written in ("eve@example.com", "EVE@example.com", "\uff45ve@example.com"):
        begin(inside, SIGN_UP, written, browser=written)
    with pytest.raises(TooMany):
        begin(inside, SIGN_UP, "Eve@Example.com", browser="another")
    ada = inside.user(inside.ada)
    for number in range(3):
        begin(inside, CHANGE, f"new{number}@example.com", user=ada)
    with pytest.raises(TooMany):
        begin(inside, CHANGE, "new4@example.com", user=ada)


def test_what_is_bought_and_the_code_that_buys_it_are_written_together(inside: World) -> None:
    begun = begin(inside, browser="firefox")

    def fail(row: EmailCode) -> None:
        raise OSError("the power went out")

    with pytest.raises(OSError):
        email_codes.take(email_codes.latest(inside.tenant, SIGN_IN, browser="firefox"), begun.code, buy=fail)
    assert taken(inside, begun.code, browser="firefox")
