"""The session of an operator who tries an application as somebody else: set aside, for the dashboard alone."""

import pytest

from shared.models.user import OPERATOR
from shared.services import sessions, users
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty

# Sessions are in Redis.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

SESSION, ASIDE = "bailiwick-session-default", "bailiwick-operator-default"


def sign_in(browser: Browser, person: Person) -> None:
    browser.get("/login")
    assert browser.submit(email=person.email, password=person.password).path == "/account"


def test_an_operator_who_tries_an_application_as_somebody_else_stays_at_the_dashboard(rp: RelyingParty, world: World) -> None:
    sign_in(rp.browser, world.admin)
    rp.start(prompt="login")
    rp.sign_in()
    assert world.ada.email in rp.browser.get("/account").words
    assert rp.browser.get("/admin/users").status == 200
    thief = Browser(world.url)
    thief.jar.set(SESSION, rp.browser.jar.get(ASIDE), domain="127.0.0.1", path="/")
    rp.browser.get("/logout")
    rp.browser.submit(press="Sign out")
    assert rp.browser.get("/admin/users").path == "/login"
    assert ASIDE not in rp.browser.jar
    assert thief.get("/account").path == "/login", "signing out ends both"


def test_an_operators_session_is_set_aside_for_an_application_only(browser: Browser, world: World) -> None:
    sign_in(browser, world.admin)
    token = browser.get("/account").form(name="").fields["csrf_token"]
    browser.post("/login", csrf_token=token, email=world.ada.email, password=world.ada.password)
    assert world.ada.email in browser.get("/account").words
    assert browser.get("/admin/users").status == 403
    with world.inside():
        assert sessions.of(world.user(world.admin)) == []


def test_a_session_that_was_set_aside_ends_with_the_right_to_it(rp: RelyingParty, world: World) -> None:
    sign_in(rp.browser, world.admin)
    rp.start(prompt="login")
    rp.sign_in()
    with world.inside():
        users.create(world.tenant, email="another@example.com", permissions=(OPERATOR,), by=TESTS)
        users.set_permissions(world.user(world.admin), (), by=TESTS)
    assert rp.browser.get("/admin/users").status == 403
    with world.inside():
        users.set_permissions(world.user(world.admin), (OPERATOR,), by=TESTS)
    assert rp.browser.get("/admin/users").status == 200
    with world.inside():
        users.disable(world.user(world.admin), by=TESTS)
    assert rp.browser.get("/admin/users").status == 403


def test_what_is_set_aside_opens_the_dashboard_and_nothing_of_an_ordinary_person(rp: RelyingParty, world: World) -> None:
    rp.tokens()
    rp.browser.jar.set(ASIDE, rp.browser.jar.get(SESSION), domain="127.0.0.1", path="/")
    assert rp.browser.get("/admin/users").status == 403


def test_signing_in_as_the_operator_again_leaves_one_session(rp: RelyingParty, world: World) -> None:
    sign_in(rp.browser, world.admin)
    rp.start(prompt="login")
    rp.sign_in()
    rp.start(prompt="login")
    rp.browser.submit(email=world.admin.email, password=world.admin.password)
    assert ASIDE not in rp.browser.jar
    with world.inside():
        assert len(sessions.of(world.user(world.admin))) == 1
        assert sessions.of(world.user(world.ada)) == []


def test_no_other_site_ends_what_was_set_aside(rp: RelyingParty, world: World) -> None:
    sign_in(rp.browser, world.admin)
    rp.start(prompt="login")
    rp.sign_in()
    with world.inside():
        sessions.end_all(world.user(world.ada))
    assert rp.browser.get("/logout").path == "/logout"
    assert rp.browser.get("/admin/users").status == 200
    rp.browser.get("/logout")
    rp.browser.submit(press="Sign out")
    assert rp.browser.get("/admin/users").path == "/login"
