"""What an authorization request must be, and where its errors go (RFC 6749 §4.1.2.1, RFC 7636, RFC 9207, RFC 9700)."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from limits import RateLimitItemPerHour

from shared.services import clients, guesses, tenants
from tests.flows.test_par import address, push
from tests.parts.browsing import Page
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


def shown(rp: RelyingParty, **params: str | None) -> None:
    page = rp.start(**params)
    assert page.left_to is None, f"the browser was sent to {page.left_to}"
    assert 400 <= page.status < 500
    assert "text/html" in page.headers["Content-Type"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://default-web-shop.example/callback/",
        "https://default-web-shop.example/callback?a=b",
        "https://default-web-shop.example/callback#f",
        "https://default-web-shop.example@evil.example/callback",
        "http://default-web-shop.example/callback",
        "javascript:alert(1)",
        'https://evil.example/"',
        "https://evil.example/ä",
        "\\",
        None,
    ],
)
def test_an_unregistered_redirect_uri_is_shown_and_never_followed(rp: RelyingParty, uri: str | None) -> None:
    shown(rp, redirect_uri=uri)


def test_a_redirect_uri_that_is_missing_is_called_missing(rp: RelyingParty) -> None:
    assert "redirect_uri is missing" in rp.start(redirect_uri=None).words
    assert "not registered" in rp.start(redirect_uri="https://evil.example/callback").words


@pytest.mark.parametrize("client_id", ["nobody", "", '"', "ä", "x" * 10_000, "' or 1=1 --", None])
def test_an_unknown_client_is_shown_an_error(rp: RelyingParty, client_id: str | None) -> None:
    shown(rp, client_id=client_id)


def test_a_nul_in_the_address_is_shown_an_error(rp: RelyingParty) -> None:
    shown(rp, client_id="a\0b")


def test_the_client_of_another_tenant_is_unknown(rp: RelyingParty, world: World) -> None:
    with world.inside():
        tenants.create(name="Acme", by=TESTS)
    page = rp.browser.get(rp.authorize_url().replace("/authorize", "/t/acme/authorize"))
    assert (page.status, page.left_to) == (400, None)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": 'code"'}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"scope": 'openid "'}, "invalid_scope"),
        ({"scope": "x " * 990}, "invalid_scope"),
        ({"scope": "x" * 5000}, "invalid_request"),
        ({"nonce": "x" * 5000}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "ä" * 43}, "invalid_request"),
        ({"request": "a.b.c"}, "invalid_request_object"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"request_uri": "https://client.example/request.jwt"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"prompt": "none", "response_mode": "query"}, "login_required"),
    ],
)
def test_every_other_error_goes_to_the_client(rp: RelyingParty, params: dict[str, str | None], error: str) -> None:
    page = rp.start(**params)
    assert page.left_to is not None
    assert page.left_to.startswith(rp.application.redirect_uri + "?")
    assert (page.answer["error"], page.answer["state"], page.answer["iss"]) == (error, rp.asked.state, rp.issuer)


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "response_type", "code_challenge", "unknown"])
def test_a_repeated_parameter_is_refused(rp: RelyingParty, name: str) -> None:
    page = rp.browser.get(f"{rp.authorize_url()}&{name}=a&{name}=b")
    assert page.answer["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_address_or_client_is_shown(rp: RelyingParty, name: str) -> None:
    page = rp.browser.get(f"{rp.authorize_url()}&{name}=a")
    assert (page.status, page.left_to) == (400, None)


def test_unknown_parameters_are_ignored(rp: RelyingParty) -> None:
    """RFC 6749 §3.1."""
    assert rp.sign_in_and_allow(ui_mood="calm")


@pytest.mark.parametrize("state", ["a b", "ä", '"<script>', "&code=x", "%00", "x" * 4096, "#", "\r\nLocation: x"])
def test_the_state_comes_back_as_it_was(rp: RelyingParty, state: str) -> None:
    assert rp.start(prompt="none", state=state).answer["state"] == state


def test_a_redirect_uri_keeps_the_query_it_was_registered_with(rp: RelyingParty, world: World) -> None:
    uri = "https://app.example/callback?tenant=1&x="
    with world.inside():
        clients.update(world.client(world.web), redirect_uris=[uri], by=TESTS)
    page = rp.start(prompt="none", redirect_uri=uri)
    assert page.left_to is not None
    assert page.left_to.startswith(uri + "&error=login_required")


def test_an_installed_application_returns_to_its_own_scheme(spa: RelyingParty, world: World) -> None:
    uri = "com.example.app:/callback"
    with world.inside():
        clients.update(world.client(world.spa), redirect_uris=[uri], by=TESTS)
    code = spa.sign_in_and_allow(redirect_uri=uri)
    assert spa.exchange(code).status == 200


def test_the_verifier_must_be_the_right_one(rp: RelyingParty) -> None:
    code = rp.sign_in_and_allow()
    for verifier in ("x" * 43, "short", "ä" * 43, None, rp.asked.verifier + "x"):
        assert rp.exchange(code, code_verifier=verifier).error == "invalid_grant"
    assert rp.exchange(code).status == 200, "a wrong guess spends nothing"


def test_a_policy_can_lift_pkce_for_a_confidential_client(rp: RelyingParty, world: World) -> None:
    with world.inside():
        clients.update(world.client(world.web), require_pkce=False, by=TESTS)
    code = rp.sign_in_and_allow(code_challenge=None, code_challenge_method=None)
    # RFC 9700 §2.1.1: a verifier for a code without a challenge is how a downgrade shows itself.
    assert rp.exchange(code).error == "invalid_grant"
    assert rp.exchange(code, code_verifier=None).status == 200


def test_no_policy_lifts_pkce_for_a_public_client(spa: RelyingParty, world: World) -> None:
    with world.inside():
        clients.update(world.client(world.spa), require_pkce=False, by=TESTS)
    assert spa.start(code_challenge=None, code_challenge_method=None).answer["error"] == "invalid_request"


def test_so_many_wait_for_their_people_from_one_address_and_those_that_are_answered_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes room in Redis, from which what honest people began would have to go."""
    monkeypatch.setattr(guesses, "REQUESTS", RateLimitItemPerHour(3, namespace="test:request"))
    for _ in range(4):
        rp = RelyingParty(world.url, world.web, world.ada)
        assert rp.exchange(rp.sign_in_and_allow()).access_token, "one waits at a time"
    asked = [RelyingParty(world.url, world.web, world.ada).start() for _ in range(5)]
    assert [page.status for page in asked] == [200] * 3 + [429] * 2
    assert rp.start(prompt="none").answer["code"], "what needs no page never waits"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("way", ["POST", "PAR"])
def test_what_was_pushed_counts_from_when_it_waits_for_its_person_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(guesses, "REQUESTS", RateLimitItemPerHour(3, namespace="test:pushed"))

    def ask(rp: RelyingParty, **params: str) -> Page:
        if way == "PAR":
            return rp.browser.get(address(rp, push(rp, **params).request_uri))
        fields = dict(parse_qsl(urlsplit(rp.authorize_url(**params)).query))
        return rp.browser.post("/authorize", **fields)

    quiet = RelyingParty(world.url, world.web, world.ada)
    quiet.sign_in_and_allow()
    for _ in range(5):
        assert ask(quiet, prompt="none").answer["code"], "what needs no page never waits, and takes nothing from the count"
    statuses = [ask(RelyingParty(world.url, world.web, world.ada)).status for _ in range(5)]
    assert statuses == [200] * 3 + [429] * 2
