"""Letters that somebody else asks for: no stranger uses up those of the owner of an address, nor fills their mailbox."""

from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from sqlalchemy import select

from shared.kit.db import db
from shared.models.verification import EmailCode
from shared.services import tenants
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import demand
from tests.parts.post import code_to, letters_to
from tests.parts.signed_in import sign_in
from tests.parts.world import TESTS, World

STRONG, NEW = "difference engines all the way", "victor@example.com"
ELSEWHERE = [f"127.0.0.{number}" for number in range(2, 9)]


class From(HTTPAdapter):
    """Connects from another address of this machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, source_address=(self.address, 0))


def browser_at(world: World, address: str) -> Browser:
    browser = Browser(world.url)
    browser.http.mount("http://", From(address))
    return browser


def by_letter(world: World, address: str, *, times: int = 1, browser: Browser | None = None) -> Browser:
    """Ada's address is typed so often, from this network."""
    browser = browser or browser_at(world, address)
    for _ in range(times):
        browser.get("/login/code")
        assert browser.submit(email=world.ada.email).path == "/login/letter"
    return browser


def sign_up(browser: Browser, email: str = NEW, name: str = "", password: str = STRONG) -> Page:
    browser.get("/signup")
    return browser.submit(name=name, email=email, password=password)


@pytest.fixture
def letters(world: World) -> None:
    demand(world, factors=["password", "email"])


@pytest.fixture
def before(world: World) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), email_verification="before", by=TESTS)


@pytest.mark.usefixtures("letters")
def test_a_stranger_uses_up_no_letter_of_the_owner_who_signs_in(world: World) -> None:
    by_letter(world, ELSEWHERE[0], times=5)
    assert len(letters_to(world, world.ada.email)) == 3
    owner = by_letter(world, "127.0.0.1")
    assert len(letters_to(world, world.ada.email)) == 4
    assert owner.submit(code=code_to(world, world.ada.email)).path == "/account"


@pytest.mark.usefixtures("before")
def test_nor_of_the_owner_who_signs_up(world: World) -> None:
    statuses = [sign_up(browser_at(world, ELSEWHERE[0])).status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    owner = browser_at(world, "127.0.0.1")
    assert sign_up(owner).path == "/signup/code"
    assert owner.submit(code=code_to(world, NEW)).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.usefixtures("letters")
def test_strangers_of_many_networks_fill_no_mailbox(world: World) -> None:
    for address in ELSEWHERE:
        by_letter(world, address, times=3)
    assert len(letters_to(world, world.ada.email)) == 9


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.usefixtures("letters")
def test_nor_do_they_keep_out_a_browser_that_signed_in_before(world: World) -> None:
    owner = sign_in(browser_at(world, "127.0.0.1"), world.ada)
    owner.get("/logout")
    owner.submit(press="Sign out")
    for address in ELSEWHERE:
        by_letter(world, address, times=3)
    assert len(letters_to(world, world.ada.email)) == 9
    by_letter(world, "", browser=owner)
    assert len(letters_to(world, world.ada.email)) == 10
    assert owner.submit(code=code_to(world, world.ada.email)).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.usefixtures("letters")
def test_whoever_asks_on_and_on_keeps_nobody_waiting_for_longer(world: World) -> None:
    for address in ELSEWHERE[:3]:
        by_letter(world, address, times=3)
    for _ in range(4):
        world.later(minutes=2.6)
        by_letter(world, ELSEWHERE[3])
    by_letter(world, ELSEWHERE[4])
    assert len(letters_to(world, world.ada.email)) > 9


@pytest.mark.usefixtures("letters")
def test_the_last_code_goes_on_where_no_other_letter_may_leave(world: World) -> None:
    browser = by_letter(world, "127.0.0.1", times=3)
    code = code_to(world, world.ada.email)
    by_letter(world, "", times=3, browser=browser)
    assert browser.submit(code=code).path == "/account"


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("email", [NEW, "ada@example.com"])
def test_whoever_signs_up_again_and_again_is_led_to_the_last_code_whose_account_is_as_typed_now(world: World, email: str) -> None:
    browser = browser_at(world, "127.0.0.1")
    for number in range(6):
        page = sign_up(browser, email, name=f"Try {number}", password=f"{STRONG} {number}")
        assert (page.status, page.path) == (200, "/signup/code"), "and so for any address"
    assert len(letters_to(world, email)) == 3
    if email == NEW:
        assert "Try 5" in browser.submit(code=code_to(world, NEW)).words
        fresh = Browser(world.url)
        fresh.get("/login")
        assert fresh.submit(email=NEW, password=f"{STRONG} 5").path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.usefixtures("before")
def test_another_letter_that_does_not_leave_is_not_said_to(world: World) -> None:
    browser = browser_at(world, "127.0.0.1")
    for _ in range(3):
        sign_up(browser)
    assert "several e-mails already" in browser.submit(press="resend").words


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_stranger_uses_up_no_recovery_of_the_owner(world: World) -> None:
    for address in (*[ELSEWHERE[0]] * 4, "127.0.0.1"):
        browser = browser_at(world, address)
        browser.get("/recover")
        assert browser.submit(email=world.ada.email).path == "/recover/sent"
    assert len(letters_to(world, world.ada.email)) == 4


@pytest.mark.parametrize("database", ["sqlite"])
def test_somebody_who_stole_the_password_uses_up_no_second_factor_of_the_owner(world: World) -> None:
    demand(world, factors=["password", "email"], second_factor="always")
    for address in (*[ELSEWHERE[0]] * 4, "127.0.0.1"):
        browser = browser_at(world, address)
        browser.get("/login")
        assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/factor/email"
        browser.submit(press="send")
    assert len(letters_to(world, world.ada.email)) == 4
    assert browser.submit(code=code_to(world, world.ada.email)).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.usefixtures("letters")
def test_no_address_of_an_asker_is_kept(world: World) -> None:
    by_letter(world, ELSEWHERE[0])
    with world.inside():
        [asker] = db.session.scalars(select(EmailCode.asker))
    assert asker is not None and asker.startswith("network:") and ELSEWHERE[0] not in asker
