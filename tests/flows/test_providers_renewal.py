"""Tokens of a provider that are kept for the operator's applications: renewed when asked for, by one at a time (RFC 6749 §6)."""

import threading
from typing import Any

import pytest
import requests

from shared.kit.db import transaction
from shared.models.provider import Provider
from shared.models.scope import ADMIN
from shared.services import audit, clients, providers, users
from shared.services.provider_presets import DISCOVERY
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere, come_back, leave, sent, sign_in
from tests.parts.https import Https
from tests.parts.listening import Logs
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

NEW = {"access_token": "a-new-one", "token_type": "Bearer", "expires_in": 300}


@pytest.fixture
def keeps(world: World, https: Https) -> Elsewhere:
    """A provider whose tokens are kept; somebody has signed in with it."""
    made = Elsewhere(https)
    made.add_to(world, keeps_tokens=True)
    sign_in(Browser(world.url), made)
    return made


@pytest.fixture
def operator(world: World) -> requests.Session:
    """A session with the token of an operator, for an hour."""
    with world.inside():
        clients.update(world.client(world.web), scopes=["openid", ADMIN], access_token_seconds=3600, by=TESTS)
    session = requests.Session()
    token = RelyingParty(world.url, world.web, world.admin).tokens(scope=f"openid {ADMIN}").json["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


@pytest.fixture
def ask(world: World, keeps: Elsewhere, operator: requests.Session) -> Any:
    with world.inside():
        user = users.find_by_email(world.tenant, "some@body.example")
        assert user is not None
        root = f"{world.url}/api/admin/users/{user.id}/identities"
    identifier = operator.get(root).json()["items"][0]["id"]
    return lambda: operator.get(f"{root}/{identifier}/tokens")


def renewals(keeps: Elsewhere) -> int:
    return sum("grant_type=refresh_token" in asked.get("body", "") for asked in keeps.https.asked)


def test_tokens_that_serve_are_not_renewed(ask: Any, keeps: Elsewhere) -> None:
    assert ask().status_code == 200 and renewals(keeps) == 0


def test_tokens_that_have_ended_are_renewed_and_the_new_ones_kept(world: World, ask: Any, keeps: Elsewhere) -> None:
    world.later(minutes=10)
    keeps.json("/token", {**NEW, "refresh_token": "rotated", "scope": "x"})
    told = ask().json()
    assert (told["access_token"], told["refresh_token"], told["scope"]) == ("a-new-one", "rotated", "x")
    form = keeps.exchanged()
    assert form["grant_type"] == "refresh_token" and form["refresh_token"] == "a refresh token" and "scope" not in form
    assert form["authorization"].startswith("Basic ") and "redirect_uri" not in form
    assert ask().json() == told and renewals(keeps) == 1
    world.later(minutes=10)
    keeps.json("/token", {**NEW, "access_token": "third"})
    # No new refresh token came: the old one goes on.
    assert (ask().json()["access_token"], keeps.exchanged()["refresh_token"]) == ("third", "rotated")
    assert ask().json()["refresh_token"] == "rotated"
    with world.inside():
        assert len(audit.search(action="identity.tokens_renewed").items) == 2


def test_of_many_who_ask_at_once_one_renews(world: World, ask: Any, keeps: Elsewhere) -> None:
    """A refresh token that is brought twice ends them all, at providers that rotate it (RFC 9700 §4.14.2)."""
    world.later(minutes=10)
    body = b'{"access_token": "a-new-one", "token_type": "Bearer", "expires_in": 300, "refresh_token": "rotated"}'
    head = f"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    keeps.https.raw("/op/token", [head, body], pause=0.7)
    told: list[Any] = []
    threads = [threading.Thread(target=lambda: told.append(ask())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert renewals(keeps) == 1
    assert {answer.json().get("access_token") for answer in told} == {"a-new-one"}, [answer.text for answer in told]


def test_a_login_renews_nothing_and_keeps_the_refresh_token(world: World, ask: Any, keeps: Elsewhere) -> None:
    world.later(minutes=10)
    browser = Browser(world.url)
    asked = leave(browser)
    keeps.tokens(keeps.id_token(asked), refresh_token=None, access_token="of-the-login")
    assert come_back(browser, asked).path == "/account" and renewals(keeps) == 0
    assert (ask().json()["access_token"], ask().json()["refresh_token"]) == ("of-the-login", "a refresh token")


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (({"error": "invalid_grant"}, 400), 409, "sign in with Elsewhere once more"),
        (({"error": "server_error"}, 503), 503, "Ask again later"),
        (({"access_token": "a\r\nb"}, 200), 502, "Check its endpoints"),
        (([], 200), 502, "Check its endpoints"),
        (({}, 302), 502, "Check its endpoints"),
    ],
)
def test_a_provider_that_renews_nothing_is_named_with_the_mend(
    world: World, ask: Any, keeps: Elsewhere, answer: tuple[Any, int], status: int, words: str
) -> None:
    world.later(minutes=10)
    keeps.json("/token", answer[0], status=answer[1])
    refused = ask()
    assert (refused.status_code, words in refused.text) == (status, True) and "Elsewhere" in refused.text, refused.text
    # And once it does, the next who asks has them at once.
    keeps.json("/token", NEW)
    answered = ask()
    assert answered.json().get("access_token") == "a-new-one", answered.text


@pytest.mark.parametrize("error", ["a\r\nb", 'a"b', "back\\slash", "\u202egnp.exe", "", "x" * 65, 7, ["invalid_grant"]])
def test_of_what_a_provider_says_its_error_alone_is_told_on(
    world: World, ask: Any, keeps: Elsewhere, logs: Logs, error: Any
) -> None:
    """An application shows it to somebody, perhaps as it came (RFC 6749 §5.2)."""
    world.later(minutes=10)
    keeps.json("/token", {"error": error, "error_description": "<b>call 555-0100</b>"}, status=400)
    refused = ask()
    assert refused.status_code in (409, 502) and "555-0100" not in refused.text
    assert str(error) not in refused.json()["detail"] or error in ("", 7)
    keeps.json("/token", {"error": "invalid_grant", "error_description": "<b>call 555-0100</b>"}, status=400)
    refused = ask()
    assert "does not renew the tokens: invalid_grant." in refused.json()["detail"] and "555-0100" not in refused.text
    assert "555-0100" in logs.text, "operators read the rest"


def test_nor_is_what_it_answers_in_place_of_a_token(world: World, ask: Any, keeps: Elsewhere) -> None:
    world.later(minutes=10)
    keeps.https.answer("/op/token", b"<b>call 555-0100</b>", {"Content-Type": "text/call-555-0100"})
    refused = ask()
    assert refused.status_code == 502 and "555-0100" not in refused.text


def test_without_a_refresh_token_the_mend_is_said(world: World, https: Https, ask: Any, keeps: Elsewhere) -> None:
    with world.inside():
        providers.update(providers.called(world.tenant, "elsewhere"), keeps_tokens=False, by=TESTS)
    assert ask().status_code == 404, "whoever stops keeping tokens keeps no old ones"
    with world.inside():
        providers.update(providers.called(world.tenant, "elsewhere"), keeps_tokens=True, by=TESTS)
    browser = Browser(world.url)
    asked = leave(browser)
    keeps.tokens(keeps.id_token(asked), refresh_token=None)
    come_back(browser, asked)
    assert ask().status_code == 200
    world.later(minutes=10)
    assert ask().status_code == 409 and "gave no refresh token" in ask().text and "once more" in ask().text


def test_providers_are_asked_for_tokens_that_can_be_renewed_where_they_are_kept(world: World, https: Https) -> None:
    for slug, name, kept, plain in (("google", "access_type", "offline", None), ("reddit", "duration", "permanent", "temporary")):
        made = Elsewhere(https, f"/{slug}")
        row = made.add_to(world, slug, preset=slug)
        for keeps_tokens, expected in ((False, plain), (True, kept)):
            with world.inside():
                providers.update(providers.get(None, row.id), keeps_tokens=keeps_tokens, by=TESTS)
                if slug == "google":
                    with transaction() as session:
                        session.get_one(Provider, row.id).discovery_url = made.issuer + DISCOVERY
            browser = Browser(world.url)
            browser.get("/login")
            assert sent(browser.submit(press=f"with-{slug}")).get(name) == expected
