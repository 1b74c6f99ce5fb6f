"""Passkeys (Web Authentication Level 3 §7.1, §7.2): each check that a server can miss, by an authenticator in software."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from shared.models.factor import Passkey
from shared.services import audit, enrolments, sessions, tenants, users
from tests.parts.authenticator import (
    COPIED,
    COPYABLE,
    PRESENT,
    VERIFIED,
    Authenticator,
    Credential,
    add_passkey,
    device_for,
    options_on,
    sign_in_with,
)
from tests.parts.browsing import Browser
from tests.parts.factoring import codes_on, sign_in
from tests.parts.world import TESTS, World, add_person
from tests.relying_party import RelyingParty, unverified_claims

REFUSED = "This passkey was not accepted."


@pytest.fixture
def phone(world: World) -> Authenticator:
    """A device of Ada's with a passkey for her account, which she added in a browser."""
    device, browser = device_for(world.url), Browser(world.url)
    sign_in(browser, world.ada)
    assert len(codes_on(add_passkey(browser, device))) == 10
    return device


def test_a_passkey_signs_in_without_a_name_and_counts_twice(rp: RelyingParty, phone: Authenticator) -> None:
    page = rp.start()
    assert rp.browser.submit(credential=phone.get(options_on(page))).path == "/consent"
    told = unverified_claims(rp.exchange(rp.allow().answer["code"]).id_token)
    assert (told["amr"], told["acr"]) == (["hwk", "user", "mfa"], "1")
    assert unverified_claims(rp.exchange(rp.start(acr_values="2", prompt="none").answer["code"]).id_token)["acr"] == "2"


def test_it_is_the_second_factor_of_whoever_gave_their_password(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    page = sign_in(browser, world.ada, "/account/sessions")
    assert page.path == "/factor/passkey"
    assert [each["id"] for each in options_on(page)["allowCredentials"]], "her own and no other"
    assert browser.submit(credential=phone.get(options_on(page), flags=PRESENT)).path == "/account/sessions"
    with world.inside():
        assert ("pwd", "hwk", "mfa") in [session.amr for session in sessions.of(world.user(world.ada))]


def test_a_passkey_that_is_copied_between_devices_says_so(world: World) -> None:
    device, browser = device_for(world.url, flags=PRESENT | VERIFIED | COPYABLE | COPIED, step=0), Browser(world.url)
    sign_in(browser, world.ada)
    add_passkey(browser, device)
    assert "Synced" in browser.get("/account/security").words
    for _ in range(2):
        browser = Browser(world.url)
        assert sign_in_with(browser, device).path == "/account", "without a counter it always says nought"
    with world.inside():
        assert {session.amr for session in sessions.of(world.user(world.ada))} >= {("swk", "user", "mfa")}


WRONG = {
    "of another site": {"origin": "https://evil.example"},
    "of another port": {"origin": "http://127.0.0.1:1"},
    "for another site": {"rp_id": "evil.example"},
    "of a frame in another site": {"cross_origin": True},
    "of another ceremony": {"type": "webauthn.create"},
    "with a challenge of its own": {"challenge": "A" * 75},
    "without a challenge": {"challenge": "AA"},
    "with a signature that does not fit": {"tampered": True},
    "of a person who was not there": {"flags": VERIFIED},
    "of a person who was not verified": {"flags": PRESENT},
    "in the name of somebody else": {"user_handle": b"0" * 16},
    "of another kind than before": {"flags": PRESENT | VERIFIED | COPYABLE},
    "backed up without being copyable": {"flags": PRESENT | VERIFIED | COPIED},
    "with the counter of before": {"step": 0},
    "with a counter that went back": {"step": -1},
}


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_an_answer_is_noticed(world: World, phone: Authenticator, wrong: dict[str, Any]) -> None:
    browser = Browser(world.url)
    page = sign_in_with(browser, phone, **wrong)
    assert (page.status, page.path) == (422, "/login/passkey")
    assert browser.get("/account").path == "/login"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "of a person who was not verified"])
def test_nor_does_it_serve_as_a_second_factor(world: World, phone: Authenticator, wrong: str) -> None:
    browser = Browser(world.url)
    page = sign_in(browser, world.ada)
    assert browser.submit(credential=phone.get(options_on(page), **WRONG[wrong])).status == 422
    assert browser.get("/account").path == "/factor/passkey"


MADE_WRONG = {
    **{name: WRONG[name] for name in list(WRONG)[:4]},
    "of another ceremony": {"type": "webauthn.get"},
    "with a challenge of its own": {"challenge": "A" * 75},
    "of a person who was not there": {"flags": VERIFIED},
    "backed up without being copyable": {"flags": PRESENT | VERIFIED | COPIED},
    "with a statement that should be empty": {"statement": {"sig": b"x"}},
    "with an attestation that nobody asked for": {"fmt": "tpm", "statement": {"sig": b"x", "x5c": [b"x"]}},
    "with certificates": {"fmt": "packed", "statement": {"alg": -7, "sig": b"x", "x5c": [b"x"]}},
    "signed by nobody": {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}},
}


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("wrong", MADE_WRONG.values(), ids=MADE_WRONG)
def test_what_is_wrong_with_a_new_passkey_is_noticed(world: World, browser: Browser, wrong: dict[str, Any]) -> None:
    sign_in(browser, world.ada)
    assert add_passkey(browser, device_for(world.url), **wrong).status == 422
    with world.inside():
        assert enrolments.of(world.user(world.ada)) == []


ODD = [
    "",
    "x",
    "{}",
    "[]",
    "null",
    "1" * 19000,
    '{"id": 1}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
]


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_no_answer_at_all_is_refused(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    for odd in ODD:
        browser.get("/login")
        assert browser.submit(credential=odd).status == 422, odd[:80]
    page = browser.get("/login")
    answer = json.loads(phone.get(options_on(page)))
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for odd in ("", "AA", "é", "/w", "A" * 3000):
            spoilt = {**answer, "response": {**answer["response"], name: odd}}
            browser.get("/login")
            page = browser.submit(credential=json.dumps(spoilt))
            assert page.status == 422, (name, odd)


def test_an_answer_that_was_seen_opens_nothing_a_second_time(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    page = browser.get("/login")
    form, answer = page.form(credential=""), phone.get(options_on(page))
    assert browser.submit(credential=answer).path == "/account"
    browser.get("/logout")
    browser.submit(press="Sign out")
    token = browser.get("/login").form(credential="").fields["csrf_token"]
    again = browser.post(urljoin(page.url, form.action), csrf_token=token, credential=answer)
    assert again.status == 422
    assert browser.get("/account").path == "/login"


def test_of_many_who_send_one_answer_at_once_one_is_let_in(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    page = browser.get("/login")
    form = page.form(credential="")
    sent = {**form.fields, "credential": phone.get(options_on(page))}
    cookies = browser.jar.get_dict()

    def send(_: int) -> int:
        target = urljoin(page.url, form.action)
        return requests.post(target, data=sent, cookies=cookies, allow_redirects=False, timeout=60).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(send, range(12))) == [303] + [422] * 11


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_challenge_of_another_browser_is_worth_nothing(world: World, phone: Authenticator) -> None:
    asked = options_on(Browser(world.url).get("/login"))
    browser = Browser(world.url)
    browser.get("/login")
    assert browser.submit(credential=phone.get(asked)).status == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_challenge_of_another_ceremony_or_person_is_worth_nothing(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    for_login = options_on(browser.get("/login"))
    page = sign_in(browser, world.ada)
    assert browser.submit(credential=phone.get(for_login)).status == 422
    for_ada = options_on(browser.get("/factor/passkey"))
    eve, laptop = world.add_person("eve@example.com"), device_for(world.url)
    other = Browser(world.url)
    sign_in(other, eve)
    add_passkey(other, laptop)
    page = sign_in(browser, eve)
    assert page.path == "/factor/passkey"
    assert browser.submit(credential=laptop.get(for_ada)).status == 422
    assert browser.submit(credential=phone.get(options_on(page))).status == 422, "nor is another person's passkey"
    assert browser.submit(credential=laptop.get(options_on(page))).path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_challenge_expires(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    asked = options_on(browser.get("/login"))
    world.later(hours=1, seconds=1)
    assert browser.submit(credential=phone.get(asked)).status == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_challenge_costs_no_row_until_it_is_used(world: World) -> None:
    with world.inside():
        before = _rows(world)
    for _ in range(5):
        Browser(world.url).get("/login")
    with world.inside():
        assert _rows(world) == before


def test_a_counter_that_goes_back_is_written_down(world: World, phone: Authenticator) -> None:
    assert sign_in_with(Browser(world.url), phone).path == "/account"
    copy = phone.credentials[0]
    copy.count -= 2
    assert sign_in_with(Browser(world.url), phone).status == 422
    with world.inside():
        [event] = audit.search(action="user.passkey_counter_went_back").items
    assert event.actor_id == str(world.ada.id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_passkey_that_nobody_has_answers_like_a_wrong_one(world: World, phone: Authenticator) -> None:
    browser = Browser(world.url)
    unknown = Credential("127.0.0.1", world.ada.id.bytes)
    page = browser.get("/login")
    one = browser.submit(credential=phone.get(options_on(page), unknown))
    page = browser.get("/login")
    other = browser.submit(credential=phone.get(options_on(page), tampered=True))
    assert REFUSED in one.words and REFUSED in other.words
    assert (one.status, one.words) == (other.status, other.words)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_passkey_of_another_tenant_opens_nothing(world: World, phone: Authenticator) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
        add_person(acme, world.ada.email)
    assert sign_in_with(Browser(world.url), phone, f"{world.url}/t/acme/login").status == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_disabled_person_does_not_sign_in_by_a_passkey(world: World, phone: Authenticator) -> None:
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
    assert sign_in_with(Browser(world.url), phone).status == 422


def _rows(world: World) -> int:
    return len(audit.search(limit=100).items) + len(enrolments.of_kind(world.user(world.ada), Passkey))
