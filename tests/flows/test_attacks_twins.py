"""Twins of an address: one account is made of them, and what proves one of them proves nothing of another.

straße.de and strasse.de fold together, and are two domains that two people can have (RFC 5891).
"""

import pytest

from shared.models.user import same_address
from shared.services import deletions, email_changes, invitations, tenants, users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere, linked, sign_in
from tests.parts.post import CODE, letters_to, link_to
from tests.parts.world import TESTS, Person, World

STRONG = "difference engines all the way"
MINE, THEIRS = "eve@straße.de", "eve@strasse.de"
TWINS = [(MINE, THEIRS), ("straße@example.com", "strasse@example.com")]


@pytest.mark.parametrize(("mine", "theirs"), TWINS)
def test_a_code_that_goes_on_after_three_letters_is_good_for_its_own_address_alone(world: World, mine: str, theirs: str) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)
    browser = Browser(world.url)
    for email in (mine, mine, mine, theirs):
        browser.get("/signup")
        browser.submit(name="", email=email, password=STRONG)
    letters = world.letters()
    assert len(letters) == 3 and letters_to(world, theirs) == []
    code = CODE.search(letters[-1])
    browser.get("/signup/code")
    assert code and browser.submit(code=code[1])
    with world.inside():
        made = users.find_by_email(world.tenant, theirs)
        assert made is None or made.email == mine


def test_an_invitation_is_not_for_a_twin(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    with world.inside():
        tenants.update(world.tenant, sign_up="invitation", by=TESTS)
        invitations.create(world.tenant, email=THEIRS, by=TESTS)
    page = sign_in(browser, elsewhere, email=MINE)
    assert page.path == "/login" and "New accounts are not open here." in page.words
    assert sign_in(Browser(world.url), elsewhere, sub="another", email=THEIRS.replace("eve", "Eve")).path == "/account"


def test_whoever_is_to_sign_in_first_makes_no_other_account_instead(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    page = sign_in(browser, elsewhere, email=world.ada.email)
    assert page.path == "/login/joining" and "You have an account already" in page.words
    token = browser.get("/signup").form(email="").fields["csrf_token"]
    page = browser.post("/login/joining", csrf_token=token, email="other@example.com", name="Eve")
    assert page.path == "/login/joining" and "You have an account already" in page.words
    with world.inside():
        assert users.find_by_email(world.tenant, "other@example.com") is None
    assert linked(world) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada@example.com", "ada@Example.com", True),
        ("caf\u00e9@example.com", "cafe\u0301@example.com", True),
        (MINE, THEIRS, False),
        ("\uff41da@example.com", "ada@example.com", False),
        ("ada@example.com", "ada@example.com\0", False),
        ("\ud800@example.com", "ada@example.com", False),
    ],
)
def test_two_addresses_are_one_mailbox_but_for_ascii_case(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same


def test_whoever_moves_an_address_to_a_twin_cannot_keep_its_owner_from_taking_it_back(world: World) -> None:
    with world.inside():
        user = users.create(world.tenant, email=THEIRS, password=STRONG, verified=True, by=TESTS)
        email_changes.begin(user, email=MINE, by=TESTS)
        code = CODE.search(world.letters()[-1])
        assert code
        email_changes.confirm(world.user(Person(user.id, THEIRS, "", STRONG)), code[1], by=TESTS)
    page = Browser(world.url).get(link_to(world, THEIRS))
    assert page.status == 200 and "Take your account back" in page.words


def test_nobody_learns_of_an_account_by_proving_a_twin_of_its_address(
    world: World, elsewhere: Elsewhere, browser: Browser
) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)
        users.create(world.tenant, email=THEIRS, verified=True, by=TESTS)
    page = sign_in(browser, elsewhere, email=MINE)
    assert page.path == "/login" and "This address cannot be used for a new account here." in page.words


def test_each_twin_is_invited_by_a_letter_of_its_own(world: World) -> None:
    with world.inside():
        for email in (MINE, THEIRS, THEIRS.upper()):
            invitations.create(world.tenant, email=email, by=TESTS)
        assert {row.email for row in invitations.search(world.tenant).items} == {MINE, THEIRS}
        deletions.carry_out(users.create(world.tenant, email=THEIRS, by=TESTS), by=TESTS)
        assert [row.email for row in invitations.search(world.tenant).items] == [MINE]
    assert len(letters_to(world, THEIRS)) >= 2
