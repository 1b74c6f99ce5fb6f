"""Signing out: OpenID Connect RP-Initiated Logout 1.0, and Fief's /logout?redirect_uri=."""

import pytest

from shared.services import clients, tenants
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty, unverified_claims

EVIL = "https://evil.example/"
# Everything here is about the browser and its session in Redis; the database makes no difference to it.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").path == "/account"


def shown(page: Page) -> None:
    assert (page.status, page.left_to) == (400, None)
    assert "not registered" in page.words


def sign_in(browser: Browser, person: Person) -> None:
    browser.get("/login")
    browser.submit(email=person.email, password=person.password)


def test_with_a_hint_the_session_ends_at_once_and_the_browser_returns(rp: RelyingParty) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri, state='a b&c="ä')
    assert page.left_to is not None
    assert page.left_to.startswith(f"{uri}?state=")
    assert page.answer == {"state": 'a b&c="ä'}
    assert not is_signed_in(rp.browser)


def test_without_a_state_none_is_sent(rp: RelyingParty) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    assert rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri).left_to == uri


def test_with_a_hint_and_nowhere_to_return_to_it_says_so(rp: RelyingParty) -> None:
    page = rp.logout(id_token_hint=rp.tokens().id_token)
    assert page.status == 200
    assert "You are signed out" in page.words
    assert not is_signed_in(rp.browser)


def test_a_logout_may_be_posted(rp: RelyingParty) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    page = rp.browser.post("/logout", id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert page.left_to == f"{uri}?state=s"
    assert not is_signed_in(rp.browser)


def test_without_a_hint_the_person_is_asked_first(rp: RelyingParty) -> None:
    rp.tokens()
    uri = rp.application.post_logout_redirect_uri
    page = rp.logout(client_id=rp.application.client_id, post_logout_redirect_uri=uri, state="s")
    assert (page.status, page.path) == (200, "/logout")
    assert rp.person.email in page.words
    assert rp.browser.submit(press="Sign out").left_to == f"{uri}?state=s"
    assert not is_signed_in(rp.browser)


def test_who_is_asked_may_stay(rp: RelyingParty) -> None:
    rp.tokens()
    rp.logout()
    assert rp.browser.follow("stay").path == "/account"


def test_asking_cannot_be_skipped_by_another_site(rp: RelyingParty) -> None:
    rp.tokens()
    for fields in ({"confirmed": "1"}, {"confirmed": "1", "csrf_token": "x"}, {}):
        assert rp.browser.post("/logout", **fields).status in (200, 400)
        assert is_signed_in(rp.browser)
    assert rp.browser.get("/logout", confirmed="1").status == 200
    assert is_signed_in(rp.browser)


def test_an_expired_hint_still_names_whose_session_it_was(rp: RelyingParty, world: World) -> None:
    """RP-Initiated Logout 1.0 §4: the exp of a hint is not looked at."""
    hint = rp.tokens().id_token
    world.later(days=2)
    rp.logout(id_token_hint=hint)
    assert not is_signed_in(rp.browser)


def test_a_hint_from_a_refresh_ends_the_session_too(rp: RelyingParty) -> None:
    hint = rp.refresh(rp.tokens().refresh_token).id_token
    rp.logout(id_token_hint=hint)
    assert not is_signed_in(rp.browser)


def test_a_hint_of_another_person_asks_first(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    grace = Browser(world.url)
    sign_in(grace, world.admin)
    page = grace.get("/logout", id_token_hint=hint, post_logout_redirect_uri=rp.application.post_logout_redirect_uri)
    assert (page.left_to, page.path) == (None, "/logout")
    assert is_signed_in(grace)


def test_a_hint_of_another_session_of_the_same_person_asks_first(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    elsewhere = Browser(world.url)
    sign_in(elsewhere, world.ada)
    assert elsewhere.get("/logout", id_token_hint=hint).path == "/logout"
    assert is_signed_in(elsewhere)


def test_what_is_no_id_token_of_ours_is_no_hint(rp: RelyingParty, ours: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    head, body, signature = tokens.id_token.split(".")
    for unverified in (
        "x",
        "a.b.c",
        "..",
        "ä",
        tokens.access_token,
        f"{head}.{body}.{'A' * len(signature)}",
        f"{head}.{ours_body(ours)}.{signature}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{tokens.id_token}.x.y",
        "x" * 8000,
    ):
        page = rp.logout(id_token_hint=unverified)
        assert (page.status, page.path) == (200, "/logout"), unverified
        assert is_signed_in(rp.browser), unverified


def ours_body(ours: RelyingParty) -> str:
    return ours.tokens().id_token.split(".")[1]


@pytest.mark.parametrize("name", ["post_logout_redirect_uri", "redirect_uri"])
def test_an_address_that_is_not_registered_is_shown_and_never_followed(rp: RelyingParty, name: str) -> None:
    hint, registered = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    near = (registered + "/", registered + "?a=b", registered + "#f", registered.upper(), "//evil.example", "javascript:alert(1)")
    for unverified in (EVIL, *near, f"{registered}@evil.example", "/\\evil.example", "/account"):
        shown(rp.logout(**{name: unverified, "id_token_hint": hint}))
        shown(rp.logout(**{name: unverified, "client_id": rp.application.client_id}))
        if name == "redirect_uri":
            shown(rp.logout(**{name: unverified}))
    assert is_signed_in(rp.browser), "nothing ended on the way"


def test_an_address_without_a_client_is_nobodys(rp: RelyingParty, world: World) -> None:
    """§3: neither with a session nor without one does the browser go there, whatever the person answers."""
    rp.tokens()
    for browser in (rp.browser, Browser(world.url)):
        for address in (rp.application.post_logout_redirect_uri, EVIL, "javascript:alert(1)"):
            page = browser.get("/logout", post_logout_redirect_uri=address, state="s")
            assert (page.status, page.left_to) == (200, None)
    rp.logout(post_logout_redirect_uri=rp.application.post_logout_redirect_uri)
    page = rp.browser.submit(press="Sign out")
    assert (page.status, page.left_to) == (200, None)
    assert not is_signed_in(rp.browser)


def test_an_address_of_another_client_is_not_followed(rp: RelyingParty, world: World) -> None:
    shown(rp.logout(id_token_hint=rp.tokens().id_token, post_logout_redirect_uri=world.spa.post_logout_redirect_uri))


def test_a_client_id_that_is_not_the_hints_is_refused(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    shown(
        rp.logout(
            id_token_hint=hint,
            client_id=world.spa.client_id,
            post_logout_redirect_uri=world.spa.post_logout_redirect_uri,
        )
    )


def test_an_address_to_sign_in_at_is_not_one_to_return_to(rp: RelyingParty) -> None:
    """Only Fief's form takes them."""
    shown(rp.logout(id_token_hint=rp.tokens().id_token, post_logout_redirect_uri=rp.application.redirect_uri))


def test_who_is_signed_out_already_returns_at_once(rp: RelyingParty, world: World) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    assert Browser(world.url).get("/logout", id_token_hint=hint, post_logout_redirect_uri=uri).left_to == uri
    assert Browser(world.url).get("/logout").status == 200


def test_a_registered_query_is_kept_beside_the_state(rp: RelyingParty, world: World) -> None:
    uri = "https://app.example/bye?from=us&x="
    with world.inside():
        clients.update(world.client(world.web), post_logout_redirect_uris=[uri], by=TESTS)
    page = rp.logout(id_token_hint=rp.tokens().id_token, post_logout_redirect_uri=uri, state="s")
    assert page.left_to == f"{uri}&state=s"


def test_fiefs_form_returns_to_where_one_signs_in(ours: RelyingParty) -> None:
    ours.tokens()
    assert ours.logout(redirect_uri=ours.application.redirect_uri).path == "/logout"
    assert ours.browser.submit(press="Sign out").left_to == ours.application.redirect_uri
    assert not is_signed_in(ours.browser)


def test_fiefs_form_returns_to_applications_of_this_tenant_only(ours: RelyingParty, world: World) -> None:
    ours.tokens()
    assert ours.logout(redirect_uri=world.web.redirect_uri).status == 200, "it asks first"
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
    shown(ours.logout(redirect_uri=world.add_application("Shop", tenant=acme).redirect_uri))


def test_signing_out_keeps_what_the_applications_hold(rp: RelyingParty) -> None:
    """Logging out ends a session; what the person granted for the time without it stays (OpenID Connect Core §11)."""
    tokens = rp.tokens()
    rp.logout(id_token_hint=tokens.id_token)
    assert rp.refresh(tokens.refresh_token).status == 200


def test_a_hint_of_another_tenant_ends_nothing_here(rp: RelyingParty, world: World) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
    bob = world.add_person("bob@acme.example", tenant=acme)
    theirs = RelyingParty(f"{world.url}/t/acme", world.add_application("Shop", tenant=acme), bob, rp.browser)
    hint = theirs.tokens().id_token
    rp.tokens()
    assert unverified_claims(hint)["iss"] == f"{world.url}/t/acme"
    assert rp.logout(id_token_hint=hint).path == "/logout"
    assert is_signed_in(rp.browser)
    assert theirs.logout(id_token_hint=hint).status == 200
    assert is_signed_in(rp.browser), "each tenant has a session of its own"
    assert rp.browser.get("/t/acme/account").path == "/t/acme/login"


def test_a_repeated_parameter_is_refused(rp: RelyingParty) -> None:
    rp.tokens()
    page = rp.browser.get("/logout?state=a&state=b")
    assert (page.status, page.left_to) == (400, None)
    assert is_signed_in(rp.browser)


def test_fiefs_sign_out_of_nobody_returns_at_once(browser: Browser, world: World) -> None:
    page = browser.get("/logout", redirect_uri=world.web.redirect_uri)
    assert page.left_to == world.web.redirect_uri


def test_fiefs_sign_out_never_leads_to_an_unregistered_address(browser: Browser, world: World) -> None:
    for address in ("https://evil.example/", world.web.redirect_uri + "/", world.web.post_logout_redirect_uri + "?x"):
        page = browser.get("/logout", redirect_uri=address)
        assert (page.status, page.left_to) == (400, None)
