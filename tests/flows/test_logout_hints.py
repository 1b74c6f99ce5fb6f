"""Hints that are wrong, old or missing, and forms from other sites (OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4)."""

import base64
import json

import pytest

from shared.services import clients, keys
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").path == "/account"


def unsigned(id_token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{id_token.split('.')[1]}."


@pytest.mark.parametrize("made", [unsigned, lambda token: token[:-8] + "AAAAAAAA", lambda token: "no token at all"])
def test_with_a_false_hint_it_asks_and_stays(rp: RelyingParty, made) -> None:
    hint, uri = made(rp.tokens().id_token), rp.application.post_logout_redirect_uri
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert (page.status, page.path, page.left_to) == (200, "/logout", None)
    assert is_signed_in(rp.browser)
    rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    page = rp.browser.submit(press="Sign out")
    assert (page.status, page.left_to) == (200, None)
    assert not is_signed_in(rp.browser)


def test_a_state_alone_means_nothing(rp: RelyingParty) -> None:
    page = rp.logout(id_token_hint=rp.tokens().id_token, state="s")
    assert (page.status, page.left_to) == (200, None)
    assert "You are signed out" in page.words


def test_without_parameters_it_asks(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.logout().path == "/logout"
    assert is_signed_in(rp.browser)


def test_a_query_that_is_added_makes_another_address(rp: RelyingParty) -> None:
    uri = rp.application.post_logout_redirect_uri + "?foo=bar"
    page = rp.logout(id_token_hint=rp.tokens().id_token, post_logout_redirect_uri=uri)
    assert (page.status, page.left_to) == (400, None)
    assert is_signed_in(rp.browser)


def test_a_hint_that_was_signed_by_a_retired_key_is_one(rp: RelyingParty, world: World) -> None:
    hint = rp.tokens().id_token
    with world.inside():
        keys.rotate(world.tenant, by=TESTS, at_once=True)
    world.later(hours=1)
    uri = rp.application.post_logout_redirect_uri
    assert rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri).left_to == uri
    assert not is_signed_in(rp.browser)


def test_a_disabled_client_gets_nobody_back(rp: RelyingParty, world: World) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    with world.inside():
        clients.disable(world.client(world.web), by=TESTS)
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri)
    assert (page.status, page.left_to) == (200, None)
    assert not is_signed_in(rp.browser)


def test_ui_locales_and_unknown_parameters_are_no_error(rp: RelyingParty) -> None:
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri, ui_locales="de-CH fr", logout_hint="ada", foo="bar")
    assert page.left_to == uri


def test_a_form_of_another_site_comes_without_cookies_and_signs_out_all_the_same(rp: RelyingParty) -> None:
    """§2 has POST, and browsers keep SameSite=Lax cookies from it."""
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    stranger = Browser(rp.browser.origin)
    sent = stranger.http.post(
        f"{stranger.origin}/logout",
        data={"id_token_hint": hint, "post_logout_redirect_uri": uri, "state": "a b&c"},
        allow_redirects=False,
    )
    assert sent.status_code == 303
    page = rp.browser.get(sent.headers["Location"])
    assert page.left_to == f"{uri}?state=a+b%26c"
    assert not is_signed_in(rp.browser)


def test_a_form_that_is_too_long_for_an_address_is_answered_as_it_is(rp: RelyingParty) -> None:
    answer = Browser(rp.browser.origin).http.post(
        f"{rp.browser.origin}/logout", data={"state": "x" * 3500, "logout_hint": "x" * 3500}, allow_redirects=False
    )
    assert answer.status_code == 200


def test_a_repeated_parameter_is_refused_in_a_form_of_another_site_too(rp: RelyingParty) -> None:
    browser = Browser(rp.browser.origin)
    answer = browser.http.post(f"{browser.origin}/logout", data=[("state", "a"), ("state", "b")])
    assert answer.status_code == 400
