"""Browser sessions: their cookies, their ends, and the list of them."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import auth_service
from shared.services import session_ends, sessions, users
from tests.parts.browsing import Browser
from tests.parts.signed_in import IPHONE, SESSION, is_signed_in, listed, sign_in, signed_in
from tests.parts.world import TESTS, World, settings_for
from tests.relying_party import RelyingParty


def post_login(app: Flask, world: World) -> TestResponse:
    """The very answer to a right password."""
    client: FlaskClient = app.test_client()
    base = world.url if app is world.auth else "https://id.example.com"
    token = client.get("/login", base_url=base).text.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(
        "/login",
        base_url=base,
        data={"csrf_token": token, "email": world.ada.email, "password": world.ada.password},
    )


def cookies(answer: TestResponse) -> dict[str, str]:
    """The cookies that an answer sets, by name, as they are written."""
    return {header.partition("=")[0]: header for header in answer.headers.getlist("Set-Cookie")}


@pytest.mark.parametrize("database", ["sqlite"])
def test_on_loopback_the_cookies_are_for_this_site_and_not_for_scripts(world: World) -> None:
    set_here = cookies(post_login(world.auth, world))
    assert set(set_here) == {SESSION, "bailiwick-browser", "bailiwick-familiar-default"}
    for header in set_here.values():
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
        assert "Domain" not in header
        assert "Secure" not in header


@pytest.mark.parametrize("database", ["sqlite"])
def test_over_https_the_cookies_are_bound_to_host_and_transport(world: World, tmp_path: Path) -> None:
    told = settings_for("https://id.example.com", world.settings.redis_url, world.settings.database_url, tmp_path)
    answer = post_login(auth_service.create_app(told), world)
    assert answer.status_code == 303
    set_here = cookies(answer)
    assert set(set_here) == {f"__Host-{SESSION}", "__Host-bailiwick-browser", "__Host-bailiwick-familiar-default"}
    for header in set_here.values():
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
        assert "Domain" not in header
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_cookie_is_long_random_and_not_what_the_store_keeps(world: World) -> None:
    header = cookies(post_login(world.auth, world))[SESSION]
    value = header.partition("=")[2].partition(";")[0]
    assert len(value) >= 43
    kept = b" ".join(world.valkey.client.keys("*"))
    assert value.encode() not in kept
    assert str(world.ada.id) not in value


@pytest.mark.parametrize("database", ["sqlite"])
def test_signing_in_makes_a_new_session_and_ends_the_one_before(world: World) -> None:
    """Session fixation: whatever the browser brought is worth nothing afterwards."""
    browser = Browser(world.url)
    browser.jar.set(SESSION, "chosen by somebody else", domain="127.0.0.1", path="/")
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    first = browser.jar.get(SESSION)
    assert first != "chosen by somebody else"
    browser.get("/logout")
    browser.submit(press="Sign out")
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.jar.get(SESSION) != first


def test_a_second_login_in_one_browser_leaves_one_session(rp: RelyingParty, world: World) -> None:
    rp.sign_in_and_allow()
    before = rp.browser.jar.get(SESSION)
    rp.start(prompt="login")
    rp.sign_in()
    assert rp.browser.jar.get(SESSION) != before
    with world.inside():
        assert len(sessions.of(world.user(world.ada))) == 1
    thief = Browser(world.url)
    thief.jar.set(SESSION, before, domain="127.0.0.1", path="/")
    assert not is_signed_in(thief)


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_old_cookie_is_worth_nothing_after_signing_out(world: World) -> None:
    browser = signed_in(world)
    thief = Browser(world.url)
    thief.jar.update(browser.jar)
    assert is_signed_in(thief)
    browser.get("/logout")
    browser.submit(press="Sign out")
    assert browser.jar.get(SESSION) is None
    assert not is_signed_in(thief)


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("value", ["", "x", "x" * 5000, "a b", "ä", "../..", "*"])
def test_a_cookie_of_somebodys_own_making_opens_nothing(world: World, value: str) -> None:
    signed_in(world)
    browser = Browser(world.url, Cookie=f"{SESSION}={value}".encode())
    assert browser.get("/account").path == "/login"


@pytest.mark.parametrize("database", ["sqlite"])
def test_fourteen_days_without_a_visit_end_a_session(world: World) -> None:
    browser = signed_in(world)
    world.later(days=13, hours=23)
    assert is_signed_in(browser)
    world.later(days=13, hours=23)
    assert is_signed_in(browser), "a visit begins the fourteen days anew"
    world.later(days=14, seconds=1)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("database", ["sqlite"])
def test_thirty_days_end_a_session_however_often_it_is_used(world: World) -> None:
    browser = signed_in(world)
    for _ in range(5):
        world.later(days=5, hours=23)
        assert is_signed_in(browser)
    world.later(hours=6)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_limits_hold_by_our_own_clock_too(world: World) -> None:
    """A Redis that was restored from a copy, or whose clock is wrong, brings nothing back."""
    browser = signed_in(world)
    for key in world.valkey.client.keys("session:*"):
        world.valkey.client.persist(key)
    world.later(days=14, seconds=1)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_person_sees_where_they_are_signed_in(world: World) -> None:
    browser, phone = signed_in(world), signed_in(world, IPHONE)
    page = browser.get("/account/sessions")
    assert "Firefox on Linux" in page.words
    assert "Safari on iPhone" in page.words
    assert page.words.count("This browser") == 1
    assert page.words.count("This network last used") == 2
    moment = r"\d+ \w+ \d{4}, \d\d:\d\d UTC"
    assert len(re.findall(f"last used {moment} since {moment}", page.words)) == 2, "to the minute, in full"
    for cookie in (browser.jar.get(SESSION), phone.jar.get(SESSION)):
        assert cookie not in page.text


def test_ending_one_session_ends_that_one(world: World) -> None:
    browser, phone, tablet = signed_in(world), signed_in(world, IPHONE), signed_in(world)
    sid = next(each.sid for each in listed(world) if "iPhone" in each.user_agent)
    browser.get(f"/account/sessions/{sid}/end")
    assert browser.submit(press="End session").path == "/account/sessions"
    assert [is_signed_in(each) for each in (browser, phone, tablet)] == [True, False, True]


def test_ending_all_others_keeps_this_one(world: World) -> None:
    browser, phone, tablet = signed_in(world), signed_in(world, IPHONE), signed_in(world)
    browser.get("/account/sessions")
    browser.follow("end-others")
    assert browser.submit(press="End them all").path == "/account/sessions"
    assert [is_signed_in(each) for each in (browser, phone, tablet)] == [True, False, False]
    assert "End all others" not in browser.page.words


@pytest.mark.parametrize("database", ["sqlite"])
def test_nobody_ends_the_session_of_somebody_else(world: World) -> None:
    ada = signed_in(world)
    sid = listed(world)[0].sid
    grace = sign_in(Browser(world.url), world.admin)
    grace.get(f"/account/sessions/{sid}/end")
    assert "Firefox" not in grace.page.words
    grace.submit(press="End session")
    assert is_signed_in(ada)


def test_a_disabled_person_is_signed_out_everywhere_at_once(world: World) -> None:
    browsers = [signed_in(world), signed_in(world, IPHONE)]
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
    assert not any(is_signed_in(each) for each in browsers)
    with world.inside():
        users.enable(world.user(world.ada), by=TESTS)
    assert not any(is_signed_in(each) for each in browsers), "what was ended stays ended"


def test_losing_redis_means_signing_in_again_and_nothing_worse(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    world.valkey.client.flushall()
    assert not is_signed_in(rp.browser)
    assert rp.refresh(tokens.refresh_token).status == 200
    assert rp.userinfo(tokens.access_token).status == 200
    # Consent is remembered in SQL: a password is all that is asked.
    rp.start()
    assert "code" in rp.sign_in().answer


def test_many_uses_at_once_of_a_session_that_ends_do_not_bring_it_back(world: World) -> None:
    browser = signed_in(world)
    world.later(minutes=2)
    sid, cookie = listed(world)[0].sid, browser.jar.get(SESSION)

    def use(number: int) -> None:
        if number == 5:
            with world.inside():
                session_ends.one(world.user(world.ada), sid, by=TESTS)
            return
        other = Browser(world.url)
        other.jar.set(SESSION, cookie, domain="127.0.0.1", path="/")
        other.get("/account")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(use, range(12)))
    assert not is_signed_in(browser)
