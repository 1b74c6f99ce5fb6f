"""Nobody adds a factor to an account whose address they have not shown to be theirs: its owner would be kept out by it."""

import pytest

from shared.kit.db import transaction
from shared.kit.errors import Denied
from shared.models.audit import Actor
from shared.models.user import OPERATOR
from shared.services import audit, authenticator_apps, enrolments, recovery_codes, tenants, users
from tests.parts.browsing import Browser
from tests.parts.factoring import App, codes_on, demand, secret_on, sign_in
from tests.parts.post import code_to, letters_to, link_to, no_mail
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty

EMAIL, PASSWORD = "victor@example.com", "difference engines all the way"
FIRST_SHOW = "First show that your e-mail address is yours."
ADDING = ("/account/factors/totp/new", "/account/factors/passkey/new")


@pytest.fixture
def stranger(world: World, browser: Browser) -> Browser:
    """Somebody who made an account with an address that is not theirs."""
    browser.get("/signup")
    assert browser.submit(name="Eve", email=EMAIL, password=PASSWORD).path == "/account"
    return browser


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("place", ADDING)
def test_the_code_of_the_letter_comes_first_and_leads_back_to_adding_it(world: World, stranger: Browser, place: str) -> None:
    assert FIRST_SHOW in stranger.get("/account/security").words
    page = stranger.get(place)
    assert page.path == "/verify"
    assert FIRST_SHOW in page.words
    page = stranger.submit(code=code_to(world, EMAIL))
    assert page.path == place
    assert FIRST_SHOW not in stranger.get("/account/security").words


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_form_that_is_sent_all_the_same_adds_nothing(world: World, stranger: Browser) -> None:
    token = stranger.page.form(name="").fields["csrf_token"]
    with world.inside():
        user = users.find_by_email(world.tenant, EMAIL)
        assert user is not None
        begun = authenticator_apps.begin(world.tenant, user)
        with pytest.raises(Denied):
            authenticator_apps.finish(user, begun.ticket, App(begun.secret).code(), name="", by=Actor.of(user))
        with pytest.raises(Denied):
            recovery_codes.renew(user, by=Actor.of(user))
    code = App(begun.secret).code()
    assert stranger.post(ADDING[0], csrf_token=token, ticket=begun.ticket, code=code).path == "/verify"
    with world.inside():
        user = users.find_by_email(world.tenant, EMAIL)
        assert user is not None and enrolments.of(user) == []


def test_the_owner_comes_in_by_letter_and_meets_no_factor_of_a_stranger(world: World, stranger: Browser) -> None:
    demand(world, factors=["password", "email", "totp"])
    stranger.get(ADDING[0])
    owner = Browser(world.url)
    owner.get("/login/code")
    owner.submit(email=EMAIL)
    assert owner.submit(code=code_to(world, EMAIL)).path == "/account"
    assert stranger.get("/account").path == "/login"


@pytest.mark.parametrize("factors", [["password", "totp"], ["password", "email"], ["password", "totp", "email"]])
def test_where_a_factor_is_always_due_verifying_comes_first_and_nobody_is_kept_out(
    world: World, rp: RelyingParty, factors: list[str]
) -> None:
    demand(world, second_factor="always", factors=factors)
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), by=TESTS, email_verification="later")
    rp.start()
    rp.browser.follow("signup")
    page = rp.browser.submit(name="Victor", email=EMAIL, password=PASSWORD)
    assert page.path == "/verify"
    assert FIRST_SHOW in page.words
    assert "Not now" not in page.words
    assert rp.browser.get("/account").path == "/verify", "there is no way past it"
    assert rp.start().path == "/verify"
    page = rp.browser.submit(code=code_to(world, EMAIL))
    if "email" in factors:
        # The letter was the second factor as well.
        told = "user.second_factor_given"
        with world.inside():
            assert [event.detail["factor"] for event in audit.search(tenant=world.tenant, action=told).items] == ["email"]
    else:
        assert page.path == "/factor/new"
        rp.browser.follow("add-totp")
        app = App(secret_on(rp.browser.page))
        page = rp.browser.submit(code=app.code())
        assert len(codes_on(page)) == 10
        page = rp.browser.follow("onward")
    assert page.path == "/consent"
    assert rp.exchange(rp.allow().answer["code"]).access_token


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_has_no_code_yet_asks_for_one_on_the_way(world: World) -> None:
    person = _unverified(world)
    demand(world, second_factor="always", factors=["password", "totp"])
    browser = Browser(world.url)
    assert sign_in(browser, person, "/account/sessions").path == "/verify"
    browser.submit(press="send")
    assert browser.submit(code="WRONG1").status == 422
    assert browser.submit(code=code_to(world, EMAIL)).path == "/factor/new"
    browser.follow("add-totp")
    browser.submit(code=App(secret_on(browser.page)).code())
    assert browser.follow("onward").path == "/account/sessions"


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_mail_nothing_is_asked_first(world: World) -> None:
    person, browser = _unverified(world), Browser(world.url)
    demand(world, second_factor="always", factors=["password", "totp"])
    with no_mail(world):
        assert sign_in(browser, person).path == "/factor/new"
        browser.follow("add-totp")
        assert len(codes_on(browser.submit(code=App(secret_on(browser.page)).code()))) == 10


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_had_a_factor_before_gives_it_and_verifies_nothing(world: World) -> None:
    person = _unverified(world)
    with world.inside():
        with transaction():
            world.user(person).second_factors = ["totp"]
    browser = Browser(world.url)
    assert sign_in(browser, person).path == "/factor/totp"
    assert browser.get("/verify").path == "/factor/totp"


@pytest.fixture
def squatter(world: World, stranger: Browser) -> Browser:
    """The stranger, who has put an authenticator app into the account while no letter could leave."""
    demand(world, factors=["password", "email", "totp"])
    with no_mail(world):
        stranger.get(ADDING[0])
        assert len(codes_on(stranger.submit(code=App(secret_on(stranger.page)).code()))) == 10
    return stranger


@pytest.mark.parametrize("way", ["letter", "link", "password"])
def test_an_app_from_before_anybody_proved_the_address_keeps_its_owner_out_no_longer(
    world: World, squatter: Browser, way: str
) -> None:
    owner = Browser(world.url)
    owner.get("/recover" if way == "password" else "/login/code")
    owner.submit(email=EMAIL)
    if way == "letter":
        owner.submit(code=code_to(world, EMAIL))
    elif way == "link":
        owner.get(link_to(world, EMAIL))
        owner.submit(press="submit")
    else:
        owner.get(link_to(world, EMAIL))
        owner.submit(password="a wholly new and longer password")
        owner.submit(email=EMAIL, password="a wholly new and longer password")
    assert owner.page.path == "/account"
    assert squatter.get("/account").path == "/login"
    assert any("was removed" in letter and "Authenticator app" in letter for letter in letters_to(world, EMAIL)), "they are told"
    with world.inside():
        user = users.find_by_email(world.tenant, EMAIL)
        assert user is not None and enrolments.of(user) == [] and recovery_codes.left(user) == 0
        assert audit.search(action="user.factors_reset").items
    # What they add from now on is theirs, and is asked for whatever a letter says.
    owner.get(ADDING[0])
    owner.submit(code=App(secret_on(owner.page)).code())
    again = Browser(world.url)
    again.get("/login/code")
    again.submit(email=EMAIL)
    assert again.submit(code=code_to(world, EMAIL)).path == "/factor/totp"


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_proves_the_address_in_their_session_keeps_their_app(world: World, squatter: Browser) -> None:
    """They have given it: nobody is kept out by it."""
    squatter.get("/verify")
    squatter.submit(press="resend")
    squatter.submit(code=code_to(world, EMAIL))
    with world.inside():
        user = users.find_by_email(world.tenant, EMAIL)
        assert user is not None and user.email_verified and user.second_factors == ["totp"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_operator_s_app_is_for_another_operator_to_take_away(world: World, squatter: Browser) -> None:
    """Or else a mailbox alone would open the server."""
    with world.inside():
        user = users.find_by_email(world.tenant, EMAIL)
        assert user is not None
        users.set_permissions(user, [OPERATOR], by=TESTS)
    owner = Browser(world.url)
    owner.get("/login/code")
    owner.submit(email=EMAIL)
    assert owner.submit(code=code_to(world, EMAIL)).path == "/factor/totp"


def _unverified(world: World) -> Person:
    with world.inside():
        user = users.create(world.tenant, email=EMAIL, password=PASSWORD, by=TESTS)
        return Person(user.id, EMAIL, "", PASSWORD)
