"""Forms come from our own pages: any other request that would change something is refused, and changes nothing."""

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from shared.kit import ids
from shared.services import audit, pending, sessions, users
from tests.parts.browsing import Browser
from tests.parts.world import Person, World
from tests.relying_party import RelyingParty

# It is refused before the database is asked.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

# Called by programs and other sites, with proof of their own: client authentication, a code, a hint, a page that asks.
OPEN = ("protocol.", "pages.provider_callback")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def rules(world: World) -> Iterator[Rule]:
    for rule in world.auth.url_map.iter_rules():
        if (rule.methods or set()) & UNSAFE and not rule.endpoint.startswith(OPEN):
            yield rule


def addresses(world: World) -> list[str]:
    """Every address that changes something, with what is there in its place where that is known."""
    adapter = world.auth.url_map.bind("")
    known = {"id": world.web.id, "sid": _sid(world)}
    return [
        adapter.build(rule.endpoint, {name: known.get(name, ids.uuid7()) for name in rule.arguments}) for rule in rules(world)
    ]


def signed_in(world: World, person: Person) -> Browser:
    browser = Browser(world.url)
    browser.get("/login")
    browser.submit(email=person.email, password=person.password)
    return browser


def state(world: World) -> object:
    """All that a form could change."""
    with world.inside():
        people = [(user.email, user.name, user.disabled_at, user.permissions) for user in users.search(None, "").items]
        return people, len(audit.search(limit=100).items), len(sessions.of(world.user(world.admin)))


def _sid(world: World) -> str:
    with world.inside():
        return next((each.sid for each in sessions.of(world.user(world.admin))), "none")


def test_without_a_token_nothing_happens(world: World) -> None:
    operator = signed_in(world, world.admin)
    before, tried = state(world), addresses(world)
    assert len(tried) > 20
    for address in tried:
        page = operator.post(
            address, name="Changed", email="new@example.com", password="a long enough password", decision="allow"
        )
        assert page.status == 400, address
        assert "Open the page again" in page.words, address
    assert state(world) == before
    assert operator.get("/account").path == "/account"


def test_a_token_of_another_browser_does_not_count(world: World) -> None:
    operator, attacker = signed_in(world, world.admin), signed_in(world, world.ada)
    token = attacker.get("/account").form(name="").fields["csrf_token"]
    before = state(world)
    for address in addresses(world):
        page = operator.post(
            address, csrf_token=token, name="Changed", email="new@example.com", password="a long enough password"
        )
        assert page.status == 400, address
    assert state(world) == before


def test_a_token_from_before_the_login_does_not_count_after_it(world: World) -> None:
    browser = Browser(world.url)
    before = browser.get("/login").form(email="").fields["csrf_token"]
    browser.submit(email=world.ada.email, password=world.ada.password)
    assert browser.post("/account", csrf_token=before, name="Changed").status == 400
    with world.inside():
        assert world.user(world.ada).name == "Ada Lovelace"


def test_nobody_is_signed_in_by_another_site(world: World) -> None:
    """Login CSRF (RFC 6749 §10.12): the victim would use the attacker's account without knowing."""
    browser = Browser(world.url)
    page = browser.post("/login", email=world.ada.email, password=world.ada.password)
    assert page.status == 400
    assert "bailiwick-session-default" not in browser.jar


def test_a_consent_is_not_given_by_another_site(rp: RelyingParty, world: World) -> None:
    rp.start()
    consent = rp.sign_in()
    address = consent.url.removeprefix(world.url)
    assert rp.browser.post(address, decision="allow").status == 400
    assert rp.browser.get(address.replace("/consent", "/authorize")).path == "/consent", "it is still asked"


def test_a_token_is_of_a_form_and_not_of_an_address(world: World) -> None:
    browser = signed_in(world, world.ada)
    token = browser.get("/account").form(name="").fields["csrf_token"]
    page = browser.post(f"/account?csrf_token={token}", name="Changed")
    assert page.status == 400


def test_what_reads_changes_nothing(world: World) -> None:
    """Every address that a link or a picture could open."""
    operator = signed_in(world, world.admin)
    before = state(world)
    for address in addresses(world):
        operator.get(address, name="Changed", decision="allow", confirmed="1")
    assert state(world) == before


def test_a_pending_request_keeps_its_person_from_page_to_page(rp: RelyingParty) -> None:
    rp.start()
    for _ in range(3):
        page = rp.browser.page
        assert pending.PREFIX.replace(":", "%3A") in page.form(password="").action.replace(":", "%3A")
        page = rp.browser.submit(email=rp.person.email, password="not the password")
    assert rp.sign_in().path == "/consent"
