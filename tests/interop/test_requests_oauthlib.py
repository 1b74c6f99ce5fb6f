"""requests-oauthlib."""

import pytest
from oauthlib.oauth2 import InvalidGrantError, WebApplicationClient
from requests_oauthlib import OAuth2Session

from tests.interop.conftest import Visit
from tests.parts.world import Application, World

SCOPE = ["openid", "profile", "email", "offline_access"]


def session(application: Application) -> OAuth2Session:
    return OAuth2Session(application.client_id, redirect_uri=application.redirect_uri, scope=SCOPE, pkce="S256")


def test_a_confidential_session_gets_refreshes_and_uses_tokens(world: World, visit: Visit) -> None:
    client = session(world.web)
    url, _ = client.authorization_url(f"{world.url}/authorize")
    secret = world.web.client_secret
    token = client.fetch_token(f"{world.url}/token", authorization_response=visit(url), client_secret=secret)
    assert client.get(f"{world.url}/api/userinfo").json()["sub"] == str(world.ada.id)
    fresh = client.refresh_token(f"{world.url}/token", auth=(world.web.client_id, secret))
    assert fresh["access_token"] != token["access_token"]
    assert client.get(f"{world.url}/api/userinfo").status_code == 200


def test_a_secret_may_come_in_the_body(world: World, visit: Visit) -> None:
    client = session(world.web)
    url, _ = client.authorization_url(f"{world.url}/authorize")
    token = client.fetch_token(
        f"{world.url}/token",
        authorization_response=visit(url),
        client_secret=world.web.client_secret,
        include_client_id=True,
        auth=None,
    )
    assert token["id_token"]


def test_a_public_session_needs_no_secret(world: World, visit: Visit) -> None:
    client = session(world.spa)
    url, _ = client.authorization_url(f"{world.url}/authorize")
    token = client.fetch_token(f"{world.url}/token", authorization_response=visit(url), include_client_id=True)
    client.auto_refresh_kwargs = {"client_id": world.spa.client_id}
    fresh = client.refresh_token(f"{world.url}/token")
    assert fresh["refresh_token"] != token["refresh_token"]


def test_a_token_that_is_over_is_refreshed_by_itself(world: World, visit: Visit) -> None:
    kept: list[dict[str, object]] = []
    client = OAuth2Session(
        client=WebApplicationClient(world.spa.client_id),
        redirect_uri=world.spa.redirect_uri,
        scope=SCOPE,
        pkce="S256",
        auto_refresh_url=f"{world.url}/token",
        auto_refresh_kwargs={"client_id": world.spa.client_id},
        token_updater=kept.append,
    )
    url, _ = client.authorization_url(f"{world.url}/authorize")
    client.fetch_token(f"{world.url}/token", authorization_response=visit(url), include_client_id=True)
    client.token = {**client.token, "expires_in": -1, "expires_at": 1}
    assert client.get(f"{world.url}/api/userinfo").status_code == 200
    assert kept[0]["access_token"] == client.token["access_token"]


def test_it_understands_our_errors(world: World, visit: Visit) -> None:
    client = session(world.web)
    url, _ = client.authorization_url(f"{world.url}/authorize")
    back, secret = visit(url), world.web.client_secret
    client.fetch_token(f"{world.url}/token", authorization_response=back, client_secret=secret)
    with pytest.raises(InvalidGrantError):
        client.fetch_token(f"{world.url}/token", authorization_response=back, client_secret=secret)
