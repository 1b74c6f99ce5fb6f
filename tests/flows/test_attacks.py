"""Attacks that once went through, each as its attacker would send it."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

from shared.kit import log, origin
from shared.kit.errors import TooMany
from shared.kit.origin import Origin
from shared.services import clients, guesses, passwords, users
from tests.parts.browsing import Browser
from tests.parts.listening import Logs
from tests.parts.world import TESTS, World, settings_for
from tests.relying_party import RelyingParty

PASSWORD = "a few words in a row"
# One letter that is compared as eighteen (NFKC).
GROWS = "\ufdfa"


def attempt(world: World, email: str, password: str) -> int:
    """The status of one try by a browser of its own; 200 when it is let in."""
    browser = Browser(world.url)
    browser.get("/login")
    return browser.submit(email=email, password=password).status


def sign_up(world: World, email: str, name: str = "") -> int:
    """The status of one sign-up by a browser of its own; 200 when it is let in."""
    browser = Browser(world.url)
    browser.get("/signup")
    return browser.submit(email=email, password=PASSWORD, name=name).status


def guess(world: World, account: str, address: str) -> None:
    origin.enter(Origin(address))
    try:
        guesses.take(guesses.of(world.tenant, account))
    finally:
        origin.enter(Origin())


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_way_of_writing_an_address_gives_new_guesses_at_its_account(world: World) -> None:
    vic = world.add_person("vic@example.com")
    assert [attempt(world, vic.email, PASSWORD) for _ in range(11)] == [422] * 10 + [429]
    for blanks in ("\u2028", "\u2029", "\u1680", "\u0085"):
        # U+2175 is compared as "vi": the address grows by a letter, the x falls off its end, and then the blanks do.
        written = f"\u2175c@example.com{blanks}".ljust(319, "\u2028") + "x"
        assert attempt(world, written, vic.password) != 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_beyond_its_limit_uses_up_nobody_s_guesses(inside: World) -> None:
    for number in range(100):
        guess(inside, f"{number}@example.com", "192.0.2.1")
    for _ in range(10):
        with pytest.raises(TooMany):
            guess(inside, inside.ada.email, "192.0.2.1")
    guess(inside, inside.ada.email, "192.0.2.2")


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_household_with_2_to_the_64_addresses_guesses_as_one(inside: World) -> None:
    for number in range(100):
        guess(inside, f"{number}@example.com", f"2001:db8::{number:x}")
        guess(inside, f"{number}@example.org", f"::ffff:192.0.2.{number}")
    with pytest.raises(TooMany):
        guess(inside, "x@example.com", "2001:db8::ffff:1")
    guess(inside, "x@example.com", "2001:db8:0:1::1")


def test_no_password_takes_seconds_to_be_judged() -> None:
    began = time.process_time()
    passwords.check("4@8({[<369&#!1/|0$5+7%2" * 4, least=12)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("age", ["0" * 5000, "0" * 20 + "9" * 4400, "9" * 8000])
def test_a_max_age_of_thousands_of_digits_is_refused(rp: RelyingParty, age: str) -> None:
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    page = rp.browser.post("/authorize", **fields, max_age=age)
    assert page.answer["error"] == "invalid_request"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("crit", [1, None, {}, [1], "b64"])
def test_a_hint_with_an_odd_header_is_no_hint(browser: Browser, crit: object) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "crit": crit}).encode()).rstrip(b"=").decode()
    assert browser.get("/logout", id_token_hint=f"{header}.e30.AA").status == 200


def test_names_that_grow_when_compared_fit_where_they_are_kept(world: World) -> None:
    assert sign_up(world, "eve@example.com", GROWS * 200) == 200
    assert sign_up(world, f"{GROWS * 40}@example.com") == 422
    with world.inside():
        client, _ = clients.register(world.tenant, name=GROWS * 200, by=TESTS)
        assert clients.search(world.tenant, GROWS * 3).items == [client]
        eve = users.find_by_email(world.tenant, "eve@example.com")
        assert users.rename(eve, name=GROWS * 199, by=TESTS).name == GROWS * 199


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_pending_request_keeps_only_what_is_read_of_it(rp: RelyingParty, world: World) -> None:
    fields = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    junk = {f"x{number}": "y" * 8000 for number in range(7)}
    assert rp.browser.post("/authorize", **fields, **junk).path == "/login"
    kept = [world.valkey.client.strlen(key) for key in world.valkey.client.scan_iter("pending:*")]
    assert kept and max(kept) < 2000


@pytest.mark.parametrize("database", ["sqlite"])
def test_of_many_browsers_that_bring_a_request_at_once_one_gets_it(rp: RelyingParty) -> None:
    sent = dict(parse_qsl(urlsplit(rp.authorize_url()).query))
    pushed = rp.http.post(rp.metadata["authorization_endpoint"], data=sent, allow_redirects=False, timeout=30)
    address = urljoin(pushed.url, pushed.headers["Location"])

    def bring(_: int) -> int:
        return requests.get(address, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(bring, range(20))) == [303] + [400] * 19


def test_a_consent_that_is_given_many_times_at_once_is_given_once(rp: RelyingParty) -> None:
    rp.start()
    page = rp.sign_in()
    form, cookies = page.form(press="allow"), rp.browser.jar.get_dict()
    target, sent = urljoin(page.url, form.action), {**form.fields, "decision": "allow"}

    def send(_: int) -> int:
        return rp.http.post(target, data=sent, cookies=cookies, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {303}


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("odd", ["endpoint", "_method", "_scheme", "_external", "_anchor", "values"])
def test_the_links_of_a_list_carry_nothing_but_its_own_filters(world: World, browser: Browser, odd: str) -> None:
    with world.inside():
        for number in range(26):
            users.create(world.tenant, email=f"{number}@example.com", by=TESTS)
    browser.get("/login")
    browser.submit(email=world.admin.email, password=world.admin.password)
    page = browser.get("/admin/users", **{odd: "x", "q": ""})
    assert page.status == 200
    assert odd not in page.links["Next"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_gives_no_orders_to_the_terminal(world: World, logs: Logs) -> None:
    log.setup(settings_for(world.url, world.valkey.url, "sqlite://", world.settings.outbox_dir, log_format="console"))
    Browser(world.url).get("/%1B%5D0;forged%07%9B2J")
    assert "forged" in logs.text
    assert not set(logs.text) & {"\x1b", "\x07", "\x9b"}
