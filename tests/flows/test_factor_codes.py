"""Codes of authenticator apps (RFC 6238) and recovery codes: each works once, and few may be guessed."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest

from shared.services import recovery_codes
from tests.parts.browsing import Browser
from tests.parts.factoring import App, Equipped, codes_on, equip, secret_on, sign_in
from tests.parts.post import letters_to
from tests.parts.world import World

FREE = 10


@pytest.fixture
def ada(world: World) -> Equipped:
    return equip(world, world.ada)


def halfway(world: World, ada: Equipped) -> Browser:
    """A browser of its own in which Ada gave her password."""
    browser = Browser(world.url)
    assert sign_in(browser, ada.person).path == "/factor/totp"
    return browser


def give(browser: Browser, code: str, kind: str = "totp") -> int:
    browser.get(f"/factor/{kind}")
    return browser.submit(code=code).status


def test_a_code_works_once(world: World, ada: Equipped) -> None:
    """RFC 6238 §5.2."""
    code = ada.app.code()
    assert give(halfway(world, ada), code) == 200
    assert give(halfway(world, ada), code) == 422
    assert give(halfway(world, ada), ada.app.code(-1)) == 422, "nor does an older one"
    world.later(seconds=30)
    assert give(halfway(world, ada), ada.app.code()) == 200


def test_the_code_that_proved_an_app_opens_nothing_any_more(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    app = App(secret_on(browser.get("/account/factors/totp/new")))
    code = app.code()
    browser.submit(code=code)
    assert give(halfway(world, Equipped(world.ada, app)), code) == 422


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (1, 200), (2, 422)])
def test_clocks_may_differ_by_half_a_minute(world: World, ada: Equipped, steps: int, status: int) -> None:
    world.later(minutes=5)
    assert give(halfway(world, ada), ada.app.code(steps)) == status


def race(browsers: list[Browser], kind: str, code: str) -> list[int]:
    """The statuses of one code that many browsers give at once; 303 is a right one."""

    def send(browser: Browser) -> int:
        page = browser.get(f"/factor/{kind}")
        form = page.form(code="")
        sent = {**form.fields, "code": code}
        return browser.http.post(urljoin(page.url, form.action), data=sent, allow_redirects=False, timeout=60).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        return sorted(pool.map(send, browsers))


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_fifty_at_once_one_wins(world: World, ada: Equipped, kind: str) -> None:
    # Of fifty guesses at one account ten are looked at; the rest are told to wait.
    browsers = [halfway(world, ada) for _ in range(50)]
    code = ada.app.code() if kind == "totp" else ada.codes[3]
    statuses = race(browsers, kind, code)
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 422, 429}


def test_a_recovery_code_stands_once_for_a_lost_phone(world: World, ada: Equipped) -> None:
    browser = halfway(world, ada)
    browser.follow("use-recovery")
    assert browser.submit(code=f" {ada.codes[0].lower().replace('-', ' ')} ").path == "/account"
    assert give(halfway(world, ada), ada.codes[0], "recovery") == 422
    with world.inside():
        assert recovery_codes.left(world.user(world.ada)) == 9
    [letter] = [each for each in letters_to(world, world.ada.email) if "A recovery code was used" in each]
    assert "You have 9 recovery codes left." in letter and "With: " in letter


@pytest.mark.parametrize("database", ["sqlite"])
def test_it_is_said_when_few_are_left(world: World, ada: Equipped) -> None:
    for code in ada.codes[:6]:
        assert give(halfway(world, ada), code, "recovery") == 200
    browser = halfway(world, ada)
    give(browser, ada.codes[6], "recovery")
    assert "You have 3 recovery codes left" in browser.page.words


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_new_set_ends_the_old(world: World, ada: Equipped) -> None:
    browser = halfway(world, ada)
    give(browser, ada.app.code())
    browser.get("/account/security")
    browser.follow("new-codes")
    fresh = codes_on(browser.submit(press="Make new codes"))
    assert len(fresh) == 10 and not set(fresh) & set(ada.codes)
    assert give(halfway(world, ada), ada.codes[0], "recovery") == 422
    assert give(halfway(world, ada), fresh[0], "recovery") == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_neither_secrets_nor_codes_are_kept_as_they_are(world: World, ada: Equipped) -> None:
    path = world.settings.database_url.removeprefix("sqlite:///")
    with open(path, "rb") as file, open(f"{path}-wal", "rb") as log:
        kept = file.read() + log.read()
    assert ada.person.email.encode() in kept
    for secret in (ada.app.secret, *ada.codes, *(code.replace("-", "") for code in ada.codes)):
        assert secret.encode() not in kept


def test_ten_wrong_codes_make_one_wait_and_the_right_password_does_not_help(world: World, ada: Equipped) -> None:
    browser = halfway(world, ada)
    for number in range(FREE):
        assert give(browser, f"00000{number}") == 422
        if number < FREE - 1:
            browser = halfway(world, ada)
    assert give(browser, ada.app.code()) == 429
    assert 0 < int(browser.page.headers["Retry-After"]) <= 61
    stranger = Browser(world.url)
    assert sign_in(stranger, world.ada).status == 429, "one counter for every factor"
    world.later(minutes=1, seconds=1)
    assert give(browser, ada.app.code()) == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_waits_grow_and_never_beyond_a_quarter_of_an_hour(world: World, ada: Equipped) -> None:
    browser, waits = halfway(world, ada), []
    for number in range(FREE - 1):
        give(browser, f"00000{number}")
    for _ in range(6):
        assert give(browser, "999999") == 422
        assert give(browser, "999999") == 429
        waits.append(int(browser.page.headers["Retry-After"]))
        world.later(seconds=waits[-1])
    assert [round(wait / 60) for wait in waits] == [1, 2, 4, 8, 15, 15]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_stranger_who_guesses_does_not_keep_the_owner_out(world: World) -> None:
    home = Browser(world.url)
    sign_in(home, world.ada)
    home.get("/logout")
    home.submit(press="Sign out")
    for _ in range(FREE + 1):
        thief = Browser(world.url)
        thief.get("/login")
        status = thief.submit(email=world.ada.email, password="not the password").status
    assert status == 429
    assert sign_in(home, world.ada).path == "/account"
    assert sign_in(Browser(world.url), world.ada).status == 429, "which forgives the stranger nothing"


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_a_browser_keeps_of_one_account_serves_no_other(world: World) -> None:
    eve, browser = world.add_person("eve@example.com"), Browser(world.url)
    sign_in(browser, eve)
    browser.get("/logout")
    browser.submit(press="Sign out")
    for _ in range(FREE + 1):
        browser.get("/login")
        status = browser.submit(email=world.ada.email, password="not the password").status
    assert status == 429
    kept = browser.jar.get("bailiwick-familiar-default")
    assert kept and "eve" not in kept
    assert sign_in(Browser(world.url), world.ada).status == 429, "it was the counter of strangers"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("kept", ["x", "a.b~c.d", "~~~~", "." * 3000, "%00.~"])
def test_what_somebody_made_up_makes_their_browser_no_familiar_one(world: World, kept: str) -> None:
    for number in range(FREE + 1):
        browser = Browser(world.url)
        browser.jar.set("bailiwick-familiar-default", f"{kept}{number}", domain="127.0.0.1", path="/")
        browser.get("/login")
        status = browser.submit(email=world.ada.email, password="not the password").status
    assert status == 429
