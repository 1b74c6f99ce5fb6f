"""What was begun before an end, and arrives after it: held back by whoever began it, or by a server that is slow."""

import threading
import time
from collections.abc import Callable

import pytest

from shared.kit.db import transaction
from shared.models.audit import Actor
from shared.services import (
    authenticator_apps,
    authorizations,
    enrolments,
    granted,
    identities,
    locks,
    passwords,
    pending,
    providers,
    session_ends,
    users,
)
from shared.services.arrivals import Told
from tests.parts.authenticator import Authenticator, add_passkey, device_for, options_on
from tests.parts.browsing import Browser, Page
from tests.parts.elsewhere import Elsewhere, come_back, leave, linked, sent, slow_token
from tests.parts.elsewhere import sign_in as sign_in_elsewhere
from tests.parts.factoring import App, secret_on, sign_in
from tests.parts.signed_in import is_signed_in, listed
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

End = Callable[[World], None]


def all_sessions(world: World) -> None:
    with world.inside():
        session_ends.every(world.user(world.ada), by=TESTS)


def each_session(world: World) -> None:
    """One by one, as their person does in the list."""
    for each in listed(world):
        with world.inside():
            session_ends.one(world.user(world.ada), each.sid, by=TESTS)


def account(world: World) -> None:
    with world.inside():
        users.enable(users.disable(world.user(world.ada), by=TESTS), by=TESTS)


@pytest.fixture
def thief(world: World, browser: Browser) -> Browser:
    """Somebody who sits in the account."""
    sign_in(browser, world.ada)
    return browser


@pytest.mark.parametrize("end", [all_sessions, each_session, account])
def test_an_account_elsewhere_that_is_slow_to_arrive(world: World, elsewhere: Elsewhere, thief: Browser, end: End) -> None:
    """It would open the account for good."""
    thief.get("/account/identities")
    asked = sent(thief.submit(press="link-elsewhere"))
    elsewhere.tokens(elsewhere.id_token(asked))
    slow_token(elsewhere, 0.7)
    page = meanwhile(lambda: come_back(thief, asked), elsewhere, lambda: end(world))
    assert page.status in (400, 401), page.words
    assert linked(world) == []


@pytest.mark.parametrize("end", [all_sessions, account])
def test_a_way_back_from_elsewhere_that_was_held(world: World, elsewhere: Elsewhere, browser: Browser, end: End) -> None:
    """The provider knew the person; whoever sat there kept the answer until all sessions had ended."""
    known(world, elsewhere)
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    world.later(seconds=2)
    end(world)
    page = come_back(browser, asked)
    assert page.path == "/login" and "Your session has ended" in page.words
    assert not is_signed_in(browser)
    assert sign_in_elsewhere(browser, elsewhere).path == "/account", "and again, from the beginning"


@pytest.mark.parametrize("end", [all_sessions, account])
def test_what_a_passkey_signed_before(world: World, end: End) -> None:
    phone, browser = phone_of_ada(world), Browser(world.url)
    signed = phone.get(options_on(browser.get("/login")))
    world.later(seconds=2)
    end(world)
    assert browser.submit(credential=signed).status == 422
    assert not is_signed_in(browser)
    page = browser.get("/login")
    assert browser.submit(credential=phone.get(options_on(page))).path == "/account"


def test_a_page_of_the_very_second_of_an_end_serves(world: World) -> None:
    """Whoever has just chosen a new password is led to the login page at once."""
    phone, browser = phone_of_ada(world), Browser(world.url)
    all_sessions(world)
    page = browser.get("/login")
    assert browser.submit(credential=phone.get(options_on(page))).path == "/account"


@pytest.mark.parametrize("end", [all_sessions, each_session, account])
def test_another_password_that_is_being_hashed(world: World, thief: Browser, end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    thief.get("/account/password")
    during(monkeypatch, passwords, "hashed", lambda: end(world))
    assert thief.submit(password="nine engines and a kettle").status == 401
    assert sign_in(Browser(world.url), world.ada).path == "/account", "the old one goes on"


@pytest.mark.parametrize("end", [all_sessions, each_session])
def test_an_authenticator_app_that_is_being_added(
    world: World, thief: Browser, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(secret_on(thief.get("/account/factors/totp/new")))
    during(monkeypatch, authenticator_apps, "_step", lambda: end(world))
    assert thief.submit(code=app.code()).status == 401
    with world.inside():
        assert enrolments.of(world.user(world.ada)) == []


@pytest.mark.parametrize("end", [all_sessions, each_session, account])
def test_an_application_that_is_being_let_in(rp: RelyingParty, world: World, end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    rp.tokens()
    during(monkeypatch, pending, "finish", lambda: end(world))
    page = rp.start()
    assert page.left_to is None and page.status == 401
    with world.inside():
        user = world.user(world.ada)
        left = granted.of(user, world.tenant)
        # What may act while nobody is there outlives a single session; nothing was added to it.
        assert len(left) == (1 if end is each_session else 0)


def test_an_application_whose_access_is_withdrawn_just_then(
    rp: RelyingParty, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rp.tokens()

    def withdraw() -> None:
        with world.inside():
            user = world.user(world.ada)
            authorizations.withdraw(user, world.web.id, by=Actor.of(user))

    during(monkeypatch, pending, "finish", withdraw)
    page = rp.start()
    assert page.left_to is None and page.status == 401
    assert rp.start().path == "/consent", "it is asked for again"


def test_the_end_of_somebody_else_s_sessions_stops_nobody(world: World, thief: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    eve = world.add_person("eve@example.com")

    def end() -> None:
        with world.inside():
            session_ends.every(world.user(eve), by=TESTS)

    thief.get("/account/password")
    during(monkeypatch, passwords, "hashed", end)
    assert thief.submit(password="nine engines and a kettle").path == "/account/security"


def test_an_operator_s_change_goes_on(world: World) -> None:
    """They act in a session of their own."""
    with world.inside():
        user = world.user(world.ada)
        elsewhere = threading.Thread(target=lambda: all_sessions(world))
        elsewhere.start()
        elsewhere.join()
        assert users.disable(user, by=Actor("user", str(world.admin.id), "Grace")).disabled


def known(world: World, elsewhere: Elsewhere) -> None:
    with world.inside():
        identities.link(world.user(world.ada), providers.called(world.tenant, "elsewhere"), Told("somebody-1"), by=TESTS)


def phone_of_ada(world: World) -> Authenticator:
    """A device with a passkey for her account."""
    device, browser = device_for(world.url), Browser(world.url)
    sign_in(browser, world.ada)
    add_passkey(browser, device)
    return device


def meanwhile(act: Callable[[], Page], elsewhere: Elsewhere, end: Callable[[], None]) -> Page:
    """What `act` comes to, where `end` happens while the provider is asked for tokens."""
    pages: list[Page] = []
    thread = threading.Thread(target=lambda: pages.append(act()))
    thread.start()
    while not elsewhere.https.seen("/op/token"):
        time.sleep(0.02)
    end()
    thread.join()
    return pages[0]


def during(monkeypatch: pytest.MonkeyPatch, module: object, name: str, end: Callable[[], None]) -> None:
    """The next call of this function ends with `end` having happened elsewhere, before anything follows from it."""
    true = getattr(module, name)

    def late(*given: object, **more: object) -> object:
        made = true(*given, **more)
        monkeypatch.setattr(module, name, true)
        elsewhere = threading.Thread(target=end)
        elsewhere.start()
        elsewhere.join()
        return made

    monkeypatch.setattr(module, name, late)


def test_a_passkey_that_waits_for_the_end_signs_nobody_in(world: World, browser: Browser) -> None:
    """It was looked at before the end, and would begin a session of the time after it."""
    device = device_for(world.url)
    sign_in(browser, world.ada)
    add_passkey(browser, device)
    other = Browser(world.url)
    signed = device.get(options_on(other.get("/login")))
    answers: list[Page] = []
    late = threading.Thread(target=lambda: answers.append(other.submit(credential=signed)))
    world.later(seconds=2)
    with world.inside(), transaction():
        user = locks.person(world.user(world.ada))
        late.start()
        time.sleep(0.5)
        session_ends.every(user, by=TESTS)
    late.join()
    assert answers[0].status == 422
    assert other.get("/account").path == "/login"
