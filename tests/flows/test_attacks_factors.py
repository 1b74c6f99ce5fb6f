"""Ways around the rules of factors, guesses and addresses that an attacker found."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin
from uuid import UUID

import pytest

from shared.kit.db import db, transaction
from shared.kit.errors import Invalid
from shared.models.provider import Identity
from shared.models.user import User
from shared.services import audit, clients, enrolments, identities, session_ends, sessions, tenants
from tests.parts.authenticator import add_passkey, device_for
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere
from tests.parts.elsewhere import sign_in as sign_in_elsewhere
from tests.parts.factoring import App, demand, equip, secret_on, sign_in
from tests.parts.post import code_to, link_to
from tests.parts.signed_in import listed
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty

NEW = "a wholly new and longer password"
MORE = 12  # guesses, which is beyond what is free


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("rule", ["never", "always"])
def test_a_mailbox_alone_is_one_factor_and_no_two(world: World, rp: RelyingParty, rule: str) -> None:
    demand(world, factors=["email", "totp"], second_factor=rule)
    email, browser = "mary@example.com", rp.browser
    browser.get("/signup")
    assert browser.submit(name="", email=email).path in ("/account", "/verify")
    browser.get("/verify")
    browser.submit(code=code_to(world, email))
    page = rp.start(acr_values="2")
    assert page.path == "/factor/new", "a letter after a letter is no second factor"
    assert browser.get("/factor/email").status == 404
    with world.inside():
        [session] = sessions.of(world.user(Person(_id_of(world, email), email, "", "")))
        assert "mfa" not in session.amr


def test_of_two_browsers_that_are_half_signed_in_one_adds_the_first_factor(world: World) -> None:
    demand(world, second_factor="always")
    browsers = [Browser(world.url) for _ in range(2)]
    for browser in browsers:
        sign_in(browser, world.ada)
        browser.get("/factor/new/totp")

    def send(browser: Browser) -> str:
        page, app = browser.page, App(secret_on(browser.page))
        form = page.form(code="")
        fields = {**form.fields, "code": app.code()}
        return browser.post(urljoin(page.url, form.action), **fields).path

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, browsers))
    with world.inside():
        assert len(enrolments.of(world.user(world.ada))) == 1
    assert sorted(browser.get("/account").path for browser in browsers) == ["/account", "/factor/totp"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_strangers_who_guess_do_not_keep_the_owner_from_the_password_that_they_have_just_chosen(world: World) -> None:
    for _ in range(MORE):
        thief = Browser(world.url)
        thief.get("/login")
        status = thief.submit(email=world.ada.email, password="not the password").status
    assert status == 429
    owner = Browser(world.url)
    owner.get("/recover")
    owner.submit(email=world.ada.email)
    owner.get(link_to(world, world.ada.email))
    owner.submit(password=NEW)
    assert owner.submit(email=world.ada.email, password=NEW).path == "/account"
    assert thief.submit(email=world.ada.email, password=NEW).status == 429, "which forgives the stranger nothing"


@pytest.mark.parametrize("database", ["sqlite"])
def test_however_many_browsers_know_the_account_ten_codes_are_looked_at(world: World) -> None:
    """Whoever knew the password gathered them before a factor was added."""
    browsers = [Browser(world.url) for _ in range(4)]
    for browser in browsers:
        assert sign_in(browser, world.ada).path == "/account"
    ada = equip(world, world.ada)
    with world.inside():
        session_ends.every(world.user(world.ada), by=TESTS)
    statuses = []
    for browser in browsers:
        sign_in(browser, world.ada)
        statuses += [_give(browser, "000000") for _ in range(4)]
    assert statuses == [422] * 10 + [429] * 6
    assert _give(browsers[0], ada.app.code()) == 429
    world.later(minutes=1, seconds=1)
    assert _give(browsers[0], ada.app.code()) == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_name_that_is_typed_at_the_login_locks_no_other_counter(world: World, browser: Browser) -> None:
    for name in (f"device codes of {world.ada.id}", f"device codes:{world.ada.id}", f"second:{world.ada.id}"):
        stranger = Browser(world.url)
        stranger.get("/login")
        for _ in range(MORE):
            status = stranger.submit(email=name, password="not the password").status
        assert status == 429
    sign_in(browser, world.ada)
    browser.get("/device")
    assert browser.submit(user_code="BBBB-BBBB").status == 422


def test_a_letter_that_verifies_an_address_is_a_factor_in_the_session_that_asked_for_it_alone(world: World) -> None:
    demand(world, factors=["password", "email"], second_factor="always")
    owner, thief, email = Browser(world.url), Browser(world.url), "mary@example.com"
    owner.get("/signup")
    assert owner.submit(name="", email=email, password=NEW).path == "/verify"
    thief.get("/login")
    assert thief.submit(email=email, password=NEW).path == "/verify"
    # Whoever knows the password and is told the code of another session.
    assert thief.submit(code=code_to(world, email)).path == "/factor/email"
    assert thief.get("/account").path == "/factor/email"
    assert owner.get("/account").path == "/factor/email", "it is verified, and their letter was used elsewhere"


@pytest.mark.parametrize("database", ["sqlite"])
def test_wrong_codes_of_such_a_letter_count_for_the_account(world: World) -> None:
    demand(world, factors=["password", "email"], second_factor="always")
    browser, email = Browser(world.url), "mary@example.com"
    browser.get("/signup")
    browser.submit(name="", email=email, password=NEW)
    assert [browser.submit(code="AAAAAA").status for _ in range(3)] == [422] * 3
    with world.inside():
        failed = audit.search(tenant=world.tenant, action="user.login_failed").items
        assert [event.detail["factor"] for event in failed] == ["email"] * 3


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_client_that_asks_for_two_factors_has_the_letter_counted_too(world: World, rp: RelyingParty) -> None:
    demand(world, factors=["password", "email"], second_factor="never")
    with world.inside():
        clients.update(world.client(world.web), require_second_factor=True, by=TESTS)
    rp.start()
    rp.browser.follow("signup")
    rp.browser.submit(name="", email="mary@example.com", password=NEW)
    page = rp.browser.get("/verify") if rp.browser.page.path != "/verify" else rp.browser.page
    assert page.path == "/verify"
    rp.browser.submit(code=code_to(world, "mary@example.com"))
    with world.inside():
        [session] = sessions.of(world.user(Person(_id_of(world, "mary@example.com"), "mary@example.com", "", "")))
        assert session.amr == ("pwd", "otp", "mfa")


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_way_in_that_the_tenant_does_not_offer_is_none(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """A password that nobody asks for, and a passkey that no page takes, open nothing."""
    device = device_for(world.url)
    sign_in(browser, world.ada)
    add_passkey(browser, device)
    with world.inside():
        user = world.user(world.ada)
        [passkey] = enrolments.of(user)
        tenants.update(tenants.get(world.tenant.id), factors=["passkey"], by=TESTS)
        with pytest.raises(Invalid, match="only way in"):
            enrolments.remove(user, passkey, by=TESTS)
    sign_in_elsewhere(Browser(world.url), elsewhere)
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), factors=["totp"], by=TESTS)
        [identity] = db.session.query(Identity).all()
        with transaction():
            identity.user_id = world.ada.id
        with pytest.raises(Invalid, match="only way in"):
            identities.unlink(world.user(world.ada), identity.id, by=TESTS)
        ada = world.user(world.ada)
        enrolments.remove(ada, *enrolments.of(ada), by=TESTS)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_change_of_address_waits_in_the_session_that_asked_for_it_and_in_no_other(world: World) -> None:
    thief, owner, mine = Browser(world.url), Browser(world.url), "thief@example.org"
    sign_in(thief, world.ada)
    thief.get("/account/email")
    assert thief.submit(email=mine).path == "/account/email/code"
    [stolen] = listed(world)
    sign_in(owner, world.ada)
    with world.inside():
        session_ends.one(world.user(world.ada), stolen.sid, by=TESTS)
    assert mine not in owner.get("/account/email/code").text
    sign_in(thief, world.ada)
    for browser in (owner, thief):
        token = browser.get("/account").form(name="").fields["csrf_token"]
        assert browser.post("/account/email/code", csrf_token=token, code=code_to(world, mine)).status in (200, 422)
    with world.inside():
        assert world.user(world.ada).email == world.ada.email


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_has_an_address_of_the_organization_moves_to_none_elsewhere(world: World, browser: Browser) -> None:
    with world.inside():
        changes = {"sign_up": "domain", "sign_up_domains": ["example.com"], "email_verification": "required"}
        tenants.update(tenants.get(world.tenant.id), by=TESTS, **changes)
    outside = world.add_person("guest@example.net")
    sign_in(browser, world.ada)
    browser.get("/account/email")
    page = browser.submit(email="ada@evil.example")
    assert page.status == 422 and "Accounts here have an address of certain organizations." in page.words
    browser.get("/account/email")
    assert browser.submit(email="ada.king@example.com").path == "/account/email/code"
    guest = Browser(world.url)
    sign_in(guest, outside)
    guest.get("/account/email")
    assert guest.submit(email="guest@evil.example").path == "/account/email/code", "who was outside may stay there"


def _id_of(world: World, email: str) -> UUID:
    with world.inside():
        return db.session.query(User).filter_by(email=email).one().id


def _give(browser: Browser, code: str) -> int:
    browser.get("/factor/totp")
    return browser.submit(code=code).status
