"""What is known of Apple: a secret that is signed, an answer that is posted, and a name that comes once."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.kit import clock
from shared.kit.db import transaction
from shared.models.provider import Provider
from shared.services import users
from shared.services.provider_presets import DISCOVERY
from tests.parts.browsing import Browser
from tests.parts.elsewhere import CLIENT_ID, SOMEBODY, Elsewhere, come_back, leave
from tests.parts.https import Https
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
APPLE_KEY = ECKey.generate_key("P-256")


def apple(world: World, https: Https) -> Elsewhere:
    """As if Apple were here."""
    elsewhere = Elsewhere(https, "/apple", claims={"sub": "001", "email": "some@body.example", "email_verified": "true"})
    key = APPLE_KEY.as_pem(private=True).decode()
    row = elsewhere.add_to(
        world, "apple", preset="apple", secret=key, team_id="ABCDEFGHIJ", key_id="0123456789", trusts_email=None
    )
    with world.inside(), transaction() as session:
        session.get_one(Provider, row.id).discovery_url = elsewhere.issuer + DISCOVERY
    return elsewhere


def test_apple_is_shown_a_signed_secret_and_posts_its_answer(world: World, https: Https, browser: Browser) -> None:
    elsewhere = apple(world, https)
    elsewhere.claims["name"] = SOMEBODY["name"]
    asked = leave(browser, "apple")
    assert asked["response_mode"] == "form_post" and asked["scope"] == "openid name email"
    # It writes booleans as text.
    elsewhere.tokens(elsewhere.id_token(asked, email_verified="true"))
    callback = f"{world.url}/login/with/apple/callback"
    posted = Browser(world.url).http.post(
        callback, data={"state": asked["state"], "code": "a-code", "user": "{}"}, allow_redirects=False, headers={"Origin": "x"}
    )
    assert browser.get(posted.headers["Location"]).path == "/account"
    form = elsewhere.exchanged()
    assert form["authorization"] is None and form["client_id"] == CLIENT_ID
    secret = jwt.decode(form["client_secret"], APPLE_KEY, algorithms=["ES256"])
    assert secret.header["kid"] == "0123456789"
    assert (secret.claims["iss"], secret.claims["sub"], secret.claims["aud"]) == ("ABCDEFGHIJ", CLIENT_ID, elsewhere.issuer)
    assert 0 < secret.claims["exp"] - clock.timestamp() <= 300
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made is not None and made.email_verified


APPLE_USER = '{"name": {"firstName": " Ada", "lastName": "<b>King</b>\\r\\nof Lovelace"}, "email": "x@evil.example"}'


def post_from_apple(world: World, browser: Browser, asked: dict[str, str], user: str) -> Any:
    """What Apple has the browser post, without our cookies, and then the link of ours."""
    callback = f"{world.url}/login/with/apple/callback"
    posted = Browser(world.url).http.post(
        callback, data={"state": asked["state"], "code": "a-code", "user": user}, allow_redirects=False, headers={"Origin": "x"}
    )
    assert "Lovelace" not in posted.headers["Location"], "names are not written to logs"
    return browser.get(posted.headers["Location"])


def test_apple_tells_a_name_once_and_it_is_text(world: World, https: Https, browser: Browser) -> None:
    elsewhere = apple(world, https)
    asked = leave(browser, "apple")
    elsewhere.tokens(elsewhere.id_token(asked))
    page = post_from_apple(world, browser, asked, APPLE_USER)
    assert page.path == "/account" and "<b>" not in page.text
    name = who(world)
    assert name == "Ada <b>King</b> of Lovelace", name
    # Whoever is known is not renamed by what a browser posts.
    again = Browser(world.url)
    asked = leave(again, "apple")
    elsewhere.tokens(elsewhere.id_token(asked))
    post_from_apple(world, again, asked, '{"name": {"firstName": "Mallory", "lastName": "Lovelace"}}')
    assert who(world) == name and "Mallory" not in again.get("/account/identities").words


@pytest.mark.parametrize(
    "user",
    [
        "",
        "{}",
        "[]",
        "x",
        "[" * 4000,
        '{"name": null}',
        '{"name": "Ada"}',
        '{"name": {"firstName": ["x"], "lastName": 7}}',
        '{"name": {"firstName": "' + "x" * 5000 + '"}}',
        '{"name": {"firstName": "\\ud800"}}',
        '{"name": {"firstName": "\\u0000"}}',
        '{"name": {"firstName": "Ada\\u202e"}}',
    ],
)
def test_a_name_that_is_none_is_left_out(world: World, https: Https, browser: Browser, user: str) -> None:
    elsewhere = apple(world, https)
    asked = leave(browser, "apple")
    elsewhere.tokens(elsewhere.id_token(asked))
    assert post_from_apple(world, browser, asked, user).path == "/account"
    assert who(world) == ""


def test_a_name_is_taken_from_apple_alone_and_for_a_state_of_ours(world: World, https: Https, browser: Browser) -> None:
    elsewhere = Elsewhere(https)
    elsewhere.claims.pop("name")
    elsewhere.add_to(world)
    asked = leave(browser)
    elsewhere.tokens(elsewhere.id_token(asked))
    callback = f"{world.url}/login/with/elsewhere/callback"
    Browser(world.url).http.post(callback, data={"state": asked["state"], "code": "c", "user": APPLE_USER}, allow_redirects=False)
    Browser(world.url).http.post(callback, data={"state": "nobody's", "user": APPLE_USER}, allow_redirects=False)
    assert come_back(browser, asked).path == "/account" and who(world) == ""


def who(world: World) -> str:
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made is not None
        return made.name or ""
