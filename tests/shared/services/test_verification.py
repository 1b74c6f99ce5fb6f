"""E-mail verification: the right code, in time, once."""

import re
import threading

import pytest
from sqlalchemy import select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Invalid, TooMany
from shared.models.audit import Actor
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, users, verification

TESTS = Actor.system("tests")


@pytest.fixture
def eve(inside) -> User:
    """Someone whose address is not verified yet."""
    return users.create(inside.tenant, email="eve@example.com", name="Eve", password="correct horse battery staple", by=TESTS)


def code_in(letter: str) -> str:
    found = re.search(rf"^ +([{email_codes.ALPHABET}]{{6}})$", letter, re.MULTILINE)
    assert found, letter
    return found[1]


def wrong(code: str) -> str:
    return ("A" if code[0] != "A" else "C") + code[1:]


def verified(user: User) -> bool:
    return db.session.get_one(User, user.id, populate_existing=True).email_verified


def test_the_code_in_the_letter_verifies_the_address(eve, inside):
    verification.send_code(eve)
    (letter,) = inside.letters()
    assert letter.startswith("To: eve@example.com")
    assert code_in(letter) not in letter.splitlines()[1]
    assert not verified(eve)
    verification.confirm(eve, code_in(letter))
    assert verified(eve)
    assert [event.action for event in audit.search(subject_id=str(eve.id)).items][:2] == [
        "user.email_verified",
        "user.email_code_sent",
    ]


@pytest.mark.parametrize("typed", [str.lower, lambda code: f" {code[:3]}-{code[3:]} ", lambda code: f"{code[:3]} {code[3:]}\n"])
def test_it_may_be_typed_as_people_type(eve, inside, typed):
    verification.send_code(eve)
    verification.confirm(eve, typed(code_in(inside.letters()[0])))
    assert verified(eve)


def test_the_code_is_kept_as_a_keyed_fingerprint_only(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    row = db.session.scalars(select(EmailCode)).one()
    assert len(row.fingerprint) == 32
    assert code not in repr({column.name: getattr(row, column.name) for column in EmailCode.__table__.columns})


def test_a_code_works_once(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    verification.confirm(eve, code)
    with pytest.raises(Invalid):
        verification.confirm(eve, code)


def test_the_sixth_guess_is_not_looked_at(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    for _ in range(5):
        with pytest.raises(Invalid):
            verification.confirm(eve, wrong(code))
    with pytest.raises(Invalid):
        verification.confirm(eve, code)
    assert not verified(eve)


def test_the_fifth_guess_still_counts(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    for _ in range(4):
        with pytest.raises(Invalid):
            verification.confirm(eve, wrong(code))
    verification.confirm(eve, code)
    assert verified(eve)


def test_a_code_lives_ten_minutes(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    clock.shift(601)
    with pytest.raises(Invalid):
        verification.confirm(eve, code)


def test_a_new_letter_ends_the_code_before(eve, inside):
    verification.send_code(eve)
    verification.send_code(eve)
    first, second = map(code_in, inside.letters())
    with pytest.raises(Invalid):
        verification.confirm(eve, first)
    verification.confirm(eve, second)


def test_three_letters_in_ten_minutes_are_enough(eve, inside):
    for _ in range(3):
        verification.send_code(eve)
        clock.shift(60)
    with pytest.raises(TooMany) as refusal:
        verification.send_code(eve)
    assert 0 < refusal.value.retry_after <= 600
    assert len(inside.letters()) == 3
    clock.shift(refusal.value.retry_after)
    verification.send_code(eve)


def test_a_code_of_one_person_does_not_serve_another(eve, inside):
    mallory = users.create(inside.tenant, email="mallory@example.com", password="correct horse battery staple", by=TESTS)
    verification.send_code(mallory)
    verification.send_code(eve)
    letters = {letter.split()[1]: code_in(letter) for letter in inside.letters()}
    with pytest.raises(Invalid):
        verification.confirm(eve, letters["mallory@example.com"])


def test_a_code_proves_only_the_address_it_was_sent_to(eve, inside):
    verification.send_code(eve)
    with transaction() as session:
        session.get_one(User, eve.id).email = "other@example.com"
    with pytest.raises(Invalid):
        verification.confirm(eve, code_in(inside.letters()[0]))


def test_there_is_nothing_to_send_to_a_verified_address(inside):
    with pytest.raises(Conflict):
        verification.send_code(inside.user(inside.ada))


def test_many_guesses_at_once_are_all_counted(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])

    def guess() -> None:
        with inside.inside(), pytest.raises(Invalid):
            verification.confirm(eve, wrong(code))

    together(guess, 8)
    assert db.session.scalars(select(EmailCode.guesses)).one() == 5


def test_the_right_code_many_times_at_once_counts_once(eve, inside):
    verification.send_code(eve)
    code = code_in(inside.letters()[0])
    took: list[bool] = []

    def confirm() -> None:
        with inside.inside():
            try:
                verification.confirm(eve, code)
            except Invalid:
                return
            took.append(True)

    together(confirm, 6)
    assert took == [True]


def test_old_codes_are_purged(eve, inside):
    verification.send_code(eve)
    assert email_codes.purge() == 0
    clock.shift(3600)
    assert email_codes.purge() == 1


def together(act, times: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
