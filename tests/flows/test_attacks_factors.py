"""Ways around the rules of factors, guesses and addresses that an attacker found."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin
from uuid import UUID

import pytest

from shared.kit.db import db, transaction
from shared.kit.errors import Invalid
from shared.models.provider import Identity
from shared.models.user import User
from shared.services import enrolments, familiar_browsers, identities, session_ends, sessions, tenants
from tests.parts.authenticator import add_passkey, device_for
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere
from tests.parts.elsewhere import sign_in as sign_in_elsewhere
from tests.parts.factoring import App, demand, secret_on, sign_in
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


@pytest.mark.parametrize("rule", ["always"])
def test_of_two_browsers_that_are_half_signed_in_one_adds_the_first_factor(world: World, rule: str) -> None:
    demand(world, second_factor=rule)
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


def test_browsers_in_which_a_link_was_used_share_one_counter_until_somebody_signs_in(world: World) -> None:
    tenant, account = world.tenant, "ada@example.com"
    with world.inside():
        by_letter = [familiar_browsers.added("", tenant, account, by_letter=True) for _ in range(2)]
        assert len({familiar_browsers.find(kept, tenant, account) for kept in by_letter}) == 1
        whole = [familiar_browsers.added(kept, tenant, account) for kept in by_letter]
        assert len({familiar_browsers.find(kept, tenant, account) for kept in (*whole, by_letter[0])}) == 3
        assert familiar_browsers.added(whole[0], tenant, account, by_letter=True) == whole[0]
        assert familiar_browsers.find(by_letter[0], tenant, "eve@example.com") == ""


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
