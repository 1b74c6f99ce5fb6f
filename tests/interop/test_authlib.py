"""Authlib's clients."""

from collections.abc import Iterator

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from shared.kit import ids
from shared.services import clients
from tests.interop.conftest import Visit
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, Application, World

SCOPE = "openid profile email offline_access"


def session(world: World, application: Application, method: str) -> OAuth2Session:
    return OAuth2Session(
        application.client_id,
        application.client_secret,
        scope=SCOPE,
        redirect_uri=application.redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
        token_endpoint=f"{world.url}/token",
    )


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_confidential_session_gets_refreshes_and_uses_tokens(world: World, visit: Visit, method: str) -> None:
    client = session(world, world.web, method)
    verifier = ids.token(32)
    url, state = client.create_authorization_url(f"{world.url}/authorize", code_verifier=verifier, nonce=ids.token())
    token = client.fetch_token(authorization_response=visit(url), state=state, code_verifier=verifier)
    assert token["scope"] == SCOPE
    assert client.get(f"{world.url}/api/userinfo").json()["email"] == world.ada.email
    fresh = client.refresh_token(refresh_token=token["refresh_token"])
    assert fresh["access_token"] != token["access_token"]
    assert client.get(f"{world.url}/api/userinfo").status_code == 200


def test_a_public_session_needs_no_secret(world: World, visit: Visit) -> None:
    client = session(world, world.spa, "none")
    verifier = ids.token(32)
    url, state = client.create_authorization_url(f"{world.url}/authorize", code_verifier=verifier)
    token = client.fetch_token(authorization_response=visit(url), state=state, code_verifier=verifier)
    assert client.refresh_token(refresh_token=token["refresh_token"])["refresh_token"] != token["refresh_token"]


def test_a_session_refreshes_a_token_that_is_over_by_itself(world: World, visit: Visit) -> None:
    client = session(world, world.web, "client_secret_basic")
    verifier = ids.token(32)
    url, state = client.create_authorization_url(f"{world.url}/authorize", code_verifier=verifier)
    before = dict(client.fetch_token(authorization_response=visit(url), state=state, code_verifier=verifier))
    client.token["expires_at"] = 1
    assert client.get(f"{world.url}/api/userinfo").status_code == 200
    assert client.token["access_token"] != before["access_token"]


@pytest.fixture
def shop(world: World) -> Iterator[Flask]:
    """A web application as Authlib's manual writes it: everything it knows of us is our discovery document."""
    app = Flask("shop")
    app.secret_key = ids.token()
    oauth = OAuth(app)
    oauth.register(
        "bailiwick",
        client_id=world.web.client_id,
        client_secret=world.web.client_secret,
        server_metadata_url=f"{world.url}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> ResponseReturnValue:
        return oauth.bailiwick.authorize_redirect(url_for("callback", _external=True))

    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        token = oauth.bailiwick.authorize_access_token()
        asked = oauth.bailiwick.userinfo(token=token)
        return {"claims": token["userinfo"], "userinfo": asked, "id_token": token["id_token"]}

    @app.get("/logout/<hint>")
    def logout(hint: str) -> ResponseReturnValue:
        url = oauth.bailiwick.load_server_metadata()["end_session_endpoint"]
        return redirect(f"{url}?id_token_hint={hint}&post_logout_redirect_uri={world.web.post_logout_redirect_uri}")

    yield app


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_flask_application_signs_in_by_our_discovery_and_checks_the_id_token(
    world: World, visit: Visit, browser: Browser, shop: Flask, algorithm: str
) -> None:
    with world.inside():
        clients.update(world.client(world.web), id_token_alg=algorithm, by=TESTS)
    origin = world.web.redirect_uri.removesuffix("/callback")
    person = shop.test_client()
    back = visit(person.get("/login", base_url=origin).headers["Location"])
    said = person.get(back).get_json()
    assert said["claims"]["iss"] == world.url
    assert said["claims"]["sub"] == said["userinfo"]["sub"] == str(world.ada.id)
    assert said["userinfo"]["email"] == world.ada.email
    page = browser.get(person.get(f"/logout/{said['id_token']}", base_url=origin).headers["Location"])
    assert page.left_to == world.web.post_logout_redirect_uri
    assert browser.get("/account").path == "/login"


def test_a_flask_application_is_told_of_a_refusal(world: World, browser: Browser, shop: Flask) -> None:
    origin = world.web.redirect_uri.removesuffix("/callback")
    person = shop.test_client()
    browser.get(person.get("/login", base_url=origin).headers["Location"])
    browser.submit(email=world.ada.email, password=world.ada.password)
    back = browser.submit(press="deny").left_to
    shop.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(OAuthError, match="access_denied: The person refused"):
        person.get(back)
