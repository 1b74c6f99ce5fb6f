"""Device requests: what the services promise beside what HTTP shows (tests/flows/test_device.py)."""

import threading

import pytest
from sqlalchemy import select

from shared.kit import clock
from shared.kit.db import db
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.models.client import Client
from shared.models.device import DeviceRequest
from shared.models.user import User
from shared.services import audit, devices, sessions
from shared.services.devices import Begun
from shared.services.sessions import Session
from tests.parts.world import World


@pytest.fixture
def client(inside: World) -> Client:
    return inside.client(inside.spa)


@pytest.fixture
def ada(inside: World) -> User:
    return inside.user(inside.ada)


@pytest.fixture
def session(ada: User) -> Session:
    return sessions.begin(ada, amr=("pwd",))[1]


@pytest.fixture
def begun(client: Client) -> Begun:
    return devices.begin(client, ["openid"], [])


def row() -> DeviceRequest:
    return db.session.scalars(select(DeviceRequest).execution_options(populate_existing=True)).one()


def anything(authorization: object) -> None:
    """A request that fits."""


def test_both_codes_are_kept_as_fingerprints_only(begun: Begun) -> None:
    kept = row()
    text = repr({column.name: getattr(kept, column.name) for column in DeviceRequest.__table__.columns})
    assert begun.device_code not in text
    assert begun.user_code not in text
    assert {len(kept.fingerprint), len(kept.user_code), len(kept.half)} == {32}


@pytest.mark.parametrize(
    ("typed", "letters"),
    [
        ("wdjb-mjht", "WDJBMJHT"),
        (" WDJB MJHT\n", "WDJBMJHT"),
        ("ＷＤＪＢ−ＭＪＨＴ", "WDJBMJHT"),
        ("0OIY1", ""),
        ("B" * 99, "B" * 32),
    ],
)
def test_what_no_code_has_does_not_count(typed: str, letters: str) -> None:
    assert devices.normal(typed) == letters


def test_a_code_is_shown_in_two_halves() -> None:
    assert devices.shown("wdjbmjht") == "WDJB-MJHT"
    assert [devices.shown(typed) for typed in ("", "wdjb", "wdjbm")] == ["", "WDJB", "WDJB-M"]


def test_every_answer_is_in_the_audit_log(inside: World, client: Client, ada: User, session: Session) -> None:
    for answer in (lambda asked: devices.allow(asked, ada, session), lambda asked: devices.deny(asked, ada)):
        answer(devices.claim(inside.tenant, ada, devices.begin(client, ["openid"], []).user_code))
    actions = [event.action for event in audit.search(subject_id=str(client.id)).items]
    assert {"device.allowed", "device.denied", "consent.given"} <= set(actions)


def test_a_burnt_code_is_in_the_audit_log(inside: World, client: Client, ada: User, begun: Begun) -> None:
    missed = begun.user_code[:-1] + ("B" if begun.user_code[-1] != "B" else "C")
    for _ in range(devices.MOST_WRONG_GUESSES):
        with pytest.raises(Invalid):
            devices.claim(inside.tenant, ada, missed)
    assert audit.search(subject_id=str(client.id)).items[0].action == "device.code_burnt"
    with pytest.raises(devices.Over):
        devices.redeem(begun.device_code, client, prove=anything)


def test_of_many_answers_at_once_one_counts(inside: World, ada: User, session: Session, begun: Begun) -> None:
    asked = devices.claim(inside.tenant, ada, begun.user_code)
    took: list[str] = []

    def answer(name: str) -> None:
        with inside.inside():
            try:
                devices.allow(asked, ada, session) if name == "allow" else devices.deny(asked, ada)
            except Conflict:
                return
            took.append(name)

    threads = [threading.Thread(target=answer, args=(name,)) for name in ("allow", "deny") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 1
    assert (row().answer == devices.ALLOWED) is (took == ["allow"])
    assert (row().authorization_id is None) is (took == ["deny"])


def test_what_does_not_fit_spends_nothing(inside: World, client: Client, ada: User, session: Session, begun: Begun) -> None:
    devices.allow(devices.claim(inside.tenant, ada, begun.user_code), ada, session)

    def misfit(authorization: object) -> None:
        raise Invalid("It does not fit.")

    with pytest.raises(Invalid):
        devices.redeem(begun.device_code, client, prove=misfit)
    assert devices.redeem(begun.device_code, client, prove=anything).user.id == ada.id


def test_an_expired_request_can_neither_be_seen_nor_answered(inside: World, ada: User, session: Session, begun: Begun) -> None:
    asked = devices.claim(inside.tenant, ada, begun.user_code)
    clock.shift(601)
    with pytest.raises(NotFound):
        devices.get(ada, asked.id)
    with pytest.raises(Conflict):
        devices.allow(asked, ada, session)


def test_old_requests_are_purged_an_hour_after_they_ended(begun: Begun) -> None:
    clock.shift(4100)
    assert devices.purge() == 0
    clock.shift(200)
    assert devices.purge() == 1
