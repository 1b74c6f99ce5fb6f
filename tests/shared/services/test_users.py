"""Users: who they are, what a password may be, and how guesses are limited."""

import pytest

from shared.kit.errors import Conflict, Invalid, TooMany
from shared.services import audit, passwords, sign_ups, users
from tests.parts.world import TESTS, World

GOOD = "quite a long password of mine"


@pytest.mark.parametrize("email", ["Ada@Example.com", "ADA@EXAMPLE.COM", " ada@example.com ", "\uff41da@example.com"])
def test_addresses_that_are_twins_are_one_account(inside: World, email: str) -> None:
    with pytest.raises(Conflict):
        sign_ups.open_at_once(inside.tenant, email=email, password=GOOD)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "a b@example.com",
        "ada@example.com\r\nBcc: x@y.example",
        "a@b\0.c",
        "=?utf-8?q?a=0D=0A=0D=0AAnother_letter?=@example.com",
        "a" * 65 + "@example.com",
        "\u00e9" * 33 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(inside: World, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign_ups.open_at_once(inside.tenant, email=email, password=GOOD)
    assert refused.value.fields["field"] == "email"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "eleven char",
        "aaaaaaaaaaaaaaaa",
        "eve@example.com",
        "EVE@example.com",
        "123456789012",
        "with a \0 in it, somewhere",
        "x" * 1025,
    ],
)
def test_a_password_that_will_not_do(inside: World, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign_ups.open_at_once(inside.tenant, email="eve@example.com", password=password)
    assert refused.value.fields["field"] == "password"


def test_no_rule_about_kinds_of_letters() -> None:
    """NIST SP 800-63B §3.1.1.2."""
    passwords.check("all small letters and blanks", least=12)
    passwords.check("пароль на русском языке", least=12)


def test_the_right_password_signs_in(inside: World) -> None:
    assert users.authenticate(inside.tenant, "ADA@example.com", inside.ada.password).id == inside.ada.id


def test_the_eleventh_guess_is_not_looked_at(inside: World) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            users.authenticate(inside.tenant, inside.ada.email, "wrong")
    with pytest.raises(TooMany) as refused:
        users.authenticate(inside.tenant, inside.ada.email, inside.ada.password)
    assert 0 < refused.value.retry_after <= 301
    assert users.authenticate(inside.tenant, inside.admin.email, inside.admin.password)


def test_a_right_guess_begins_anew(inside: World) -> None:
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(Invalid):
                users.authenticate(inside.tenant, inside.ada.email, "wrong")
        users.authenticate(inside.tenant, inside.ada.email, inside.ada.password)


def test_a_limit_does_not_tell_whether_the_account_exists(inside: World) -> None:
    for email in (inside.ada.email, "nobody@example.com"):
        for _ in range(10):
            with pytest.raises(Invalid, match=users.WRONG):
                users.authenticate(inside.tenant, email, "wrong")
        with pytest.raises(TooMany):
            users.authenticate(inside.tenant, email, "wrong")


def test_nobody_disables_themselves(inside: World) -> None:
    admin = inside.user(inside.admin)
    with pytest.raises(Invalid):
        users.disable(admin, by=users.Actor.of(admin))


def test_a_change_that_changes_nothing_is_not_recorded(inside: World) -> None:
    users.rename(inside.user(inside.ada), name="Ada Lovelace", by=TESTS)
    users.enable(inside.user(inside.ada), by=TESTS)
    assert not audit.search(subject_id=str(inside.ada.id), action="user.renamed").items
    assert not audit.search(subject_id=str(inside.ada.id), action="user.enabled").items


def test_a_list_is_read_page_by_page(inside: World) -> None:
    for number in range(7):
        users.create(inside.tenant, email=f"reader{number}@example.com", by=TESTS)
    first = users.search(inside.tenant, "reader", limit=3)
    second = users.search(inside.tenant, "reader", after=first.next, limit=3)
    third = users.search(inside.tenant, "reader", after=second.next, limit=3)
    assert [len(each.items) for each in (first, second, third)] == [3, 3, 1]
    assert (first.previous, third.next) == (None, None)
    back = users.search(inside.tenant, "reader", before=third.previous, limit=3)
    assert [user.id for user in back.items] == [user.id for user in second.items]
    assert len({user.id for each in (first, second, third) for user in each.items}) == 7
