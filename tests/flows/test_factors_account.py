"""The factors of one's account: added and removed by whoever signed in lately, told by letter, and a code by letter."""

import re

import pytest

from shared.kit.db import transaction
from shared.kit.errors import Invalid
from shared.models.device import GRANT_TYPE
from shared.models.user import User
from shared.services import clients, enrolments
from tests.parts.authenticator import add_passkey, device_for, sign_in_with
from tests.parts.browsing import Browser
from tests.parts.factoring import App, codes_on, demand, equip, secret_on, sign_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
WITH_LETTERS = ["password", "passkey", "totp", "email"]


def test_an_app_is_added_and_its_owner_is_told(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    browser.get("/account/security")
    app = App(secret_on(browser.follow("add-totp")))
    assert len(codes_on(browser.submit(code=app.code(), name="My phone"))) == 10
    assert "My phone" in browser.follow("onward").words
    letter = world.letters()[-1]
    assert world.ada.email in letter and "My phone" in letter and "Authenticator app" in letter


def test_adding_one_makes_other_sessions_give_it_or_ends_them(world: World, browser: Browser) -> None:
    elsewhere, third = Browser(world.url), Browser(world.url)
    for each in (elsewhere, third, browser):
        sign_in(each, world.ada)
    app = App(secret_on(browser.get("/account/factors/totp/new")))
    browser.submit(code=app.code())
    assert browser.get("/account").path == "/account", "who added it has proven it"
    assert elsewhere.get("/account").path == "/factor/totp"
    browser.get("/account/factors/passkey/new")
    device = device_for(world.url)
    add_passkey(browser, device)
    app = App(secret_on(browser.get("/account/factors/totp/new")))
    filled = {**browser.page.form(code="").fields, "code": app.code(), "others": "y"}
    assert browser.post("/account/factors/totp/new", **filled).path == "/account/security"
    assert third.get("/account").path == "/login"


@pytest.mark.parametrize("place", ["totp/new", "passkey/new", "recovery-codes"])
def test_whoever_signed_in_a_while_ago_proves_it_again(world: World, browser: Browser, place: str) -> None:
    sign_in(browser, world.ada)
    world.later(minutes=11)
    assert browser.get(f"/account/factors/{place}").path == "/login"


def test_another_person_s_factor_is_not_there(world: World, browser: Browser) -> None:
    eve = world.add_person("eve@example.com")
    equip(world, eve)
    with world.inside():
        [factor] = enrolments.of(world.user(eve))
    sign_in(browser, world.ada)
    for address in (f"/account/factors/totp/{factor.id}", f"/account/factors/totp/{factor.id}/removed"):
        assert browser.get(address).status == 404
    token = browser.get("/account").form(name="").fields["csrf_token"]
    assert browser.post(f"/account/factors/totp/{factor.id}/removed", csrf_token=token).status == 404
    with world.inside():
        assert len(enrolments.of(world.user(eve))) == 1


def test_with_the_last_one_the_recovery_codes_end(world: World, browser: Browser) -> None:
    ada = equip(world, world.ada)
    sign_in(browser, world.ada)
    browser.submit(code=ada.app.code())
    browser.follow("Remove") if "Remove" in browser.page.links else browser.get("/account/security")
    address = re.search(r'href="(/account/factors/totp/[^"]+/removed)"', browser.page.text)
    assert address
    browser.get(address[1])
    assert browser.submit(press="Remove").path == "/account/security"
    assert sign_in(Browser(world.url), world.ada).path == "/account"
    equip(world, world.ada)
    other = Browser(world.url)
    sign_in(other, world.ada)
    other.follow("use-recovery")
    assert other.submit(code=ada.codes[0]).status == 422


def test_the_only_way_in_is_not_taken_away(world: World, browser: Browser) -> None:
    device = device_for(world.url)
    sign_in(browser, world.ada)
    add_passkey(browser, device)
    with world.inside():
        ada = world.user(world.ada)
        _forget_password(ada)
        [passkey] = enrolments.of(ada)
        with pytest.raises(Invalid):
            enrolments.remove(ada, passkey, by=TESTS)
        assert len(enrolments.of(ada)) == 1
    assert sign_in_with(Browser(world.url), device).path == "/account"


def test_a_code_by_letter_is_a_second_factor_for_whoever_has_none(world: World, browser: Browser) -> None:
    demand(world, factors=WITH_LETTERS, second_factor="always")
    assert sign_in(browser, world.ada).path == "/factor/email"
    browser.submit(press="send")
    code = _code(world.letters()[-1])
    assert browser.submit(code="AAAAAA").status == 422
    assert browser.submit(code=code).path == "/account"
    other = Browser(world.url)
    sign_in(other, world.ada)
    assert other.page.path == "/factor/email"
    assert "E-mail me a code" in other.page.words, "it was used"


def test_a_letter_does_not_stand_for_a_better_factor(world: World, browser: Browser) -> None:
    """Or else a mailbox alone, by a new password and a code, would open the account."""
    demand(world, factors=WITH_LETTERS, second_factor="always")
    equip(world, world.ada)
    assert sign_in(browser, world.ada).path == "/factor/totp"
    token = browser.page.form(code="").fields["csrf_token"]
    assert browser.get("/factor/email").status == 404
    assert browser.post("/factor/email/code", csrf_token=token).status == 404
    assert browser.post("/factor/email", csrf_token=token, code="ABCDEF").status == 404
    assert world.letters() == [letter for letter in world.letters() if "Authenticator app" in letter]


def test_a_device_is_let_in_only_with_the_second_factor_that_its_client_asks_for(world: World, spa: RelyingParty) -> None:
    ada = equip(world, world.ada)
    demand(world, second_factor="never")
    with world.inside():
        clients.update(world.client(world.spa), grant_types=[GRANT_TYPE], require_second_factor=True, by=TESTS)
    fields = {"client_id": spa.application.client_id, "scope": "openid"}
    asked = spa.post(spa.metadata["device_authorization_endpoint"], fields, {})
    sign_in(spa.browser, world.ada)
    spa.browser.get("/device")
    page = spa.browser.submit(user_code=asked.user_code)
    assert page.path == "/factor/totp"
    request = re.search(r"next=([^&\"]+)", page.url)
    assert request
    address = request[1].replace("%2F", "/")
    token = page.form(code="").fields["csrf_token"]
    assert spa.browser.post(address, csrf_token=token, decision="allow").path == "/factor/totp"
    spa.browser.get(f"/factor/totp?next={address}")
    assert spa.browser.submit(code=ada.app.code()).path == address
    spa.browser.submit(press="Allow")
    assert spa.token(grant_type=GRANT_TYPE, device_code=asked.device_code).access_token


@pytest.mark.parametrize(
    "changes",
    [
        {"factors": []},
        {"factors": ["totp"]},
        {"factors": ["passkey"]},
        {"factors": ["fax"]},
        {"second_factor": "sometimes"},
        {"factors": ["password"], "second_factor": "always"},
        {"factors": ["email"], "second_factor": "operators"},
    ],
)
def test_a_tenant_in_which_nobody_could_sign_in_is_refused(world: World, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        demand(world, **changes)


def test_where_passwords_are_not_offered_none_opens_an_account(world: World, browser: Browser) -> None:
    demand(world, factors=["passkey", "email"])
    world.later(seconds=3)
    token = browser.get("/login").forms[0].fields["csrf_token"]
    assert not [form for form in browser.page.forms if "password" in form.fields]
    page = browser.post("/login", csrf_token=token, email=world.ada.email, password=world.ada.password)
    assert page.status == 422
    assert browser.get("/account").path == "/login"


def _code(letter: str) -> str:
    found = re.search(r"\b([A-Z0-9]{6})\b", letter.partition("\n\n")[2])
    assert found, letter
    return found[1]


def _forget_password(user: User) -> None:
    with transaction() as session:
        session.get_one(User, user.id).password_hash = None
