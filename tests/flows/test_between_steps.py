"""What changes while somebody is half signed in counts at their next step: nothing is decided by what was true before."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.services import enrolments, password_changes
from tests.parts.browsing import Browser
from tests.parts.factoring import Equipped, demand, equip, sign_in
from tests.parts.world import TESTS, Person, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def ada(world: World) -> Equipped:
    demand(world, factors=["password", "totp", "email"], second_factor="always")
    return equip(world, world.ada)


@pytest.fixture
def half(world: World, ada: Equipped) -> Browser:
    browser = Browser(world.url)
    assert sign_in(browser, ada.person).path == "/factor/totp"
    return browser


def test_a_factor_that_was_removed_opens_nothing(world: World, ada: Equipped, half: Browser) -> None:
    with world.inside():
        enrolments.reset(world.user(world.ada), by=TESTS)
    assert half.submit(code=ada.app.code()).status == 404
    assert half.get("/account").path == "/factor/email", "another is asked for"


def test_nor_does_its_paper(world: World, ada: Equipped, half: Browser) -> None:
    half.get("/factor/recovery")
    with world.inside():
        enrolments.reset(world.user(world.ada), by=TESTS)
    assert half.submit(code=ada.codes[0]).status == 404


def test_a_rule_that_is_turned_off_and_on_makes_the_session_whole_and_half_again(world: World, half: Browser) -> None:
    demand(world, second_factor="never")
    assert half.get("/account").path == "/account"
    demand(world, second_factor="always")
    assert half.get("/account").path == "/factor/totp"


def test_another_password_ends_what_was_half_done(world: World, ada: Equipped, half: Browser) -> None:
    with world.inside():
        password_changes.change(world.user(world.ada), password="nine engines and a kettle", by=TESTS)
    assert half.submit(code=ada.app.code()).path == "/login"


def test_a_second_account_in_the_same_browser_gets_nothing_of_the_first(world: World, ada: Equipped, half: Browser) -> None:
    eve: Person = world.add_person("eve@example.com")
    form = half.page.form(code="")
    other = Browser(world.url)
    other.jar.update(half.jar)
    sign_in(other, eve)
    # The first tab goes on with the form that it had.
    half.jar.update(other.jar)
    page = half.post("/factor/totp", **{**form.fields, "code": ada.app.code()})
    assert page.status in (400, 404)
    assert half.get("/account").path == "/factor/email"


def test_of_many_half_sessions_one_is_opened_by_one_code(world: World, ada: Equipped) -> None:
    browsers = [Browser(world.url) for _ in range(8)]
    for browser in browsers:
        assert sign_in(browser, ada.person).path == "/factor/totp"
    code = ada.app.code()
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda browser: browser.submit(code=code).path, browsers))
    assert paths.count("/account") == 1
    assert [browser.get("/account").path for browser in browsers].count("/account") == 1


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        ("/verify", {"code": "AAAAAA"}),
        ("/verify/code", {}),
        ("/verify/later", {}),
        ("/factor/new/totp", {"code": "123456", "ticket": "x"}),
        ("/account/deletion", {"confirmation": "ada@example.com"}),
        ("/account/email", {"email": "x@example.com"}),
        ("/account/data/copy", {}),
    ],
)
def test_there_is_no_other_way_than_the_factor(half: Browser, place: str, typed: dict[str, str]) -> None:
    token = half.page.form(code="").fields["csrf_token"]
    assert half.post(place, csrf_token=token, **typed).path == "/factor/totp"
