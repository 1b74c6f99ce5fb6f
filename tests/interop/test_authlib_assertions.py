"""Authlib's client, signing its authentication as it does by default (RFC 7523)."""

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc.jwk import RSAKey

from shared.kit import ids
from shared.services import clients
from tests.interop.conftest import Visit
from tests.parts.world import TESTS, World

KEY = RSAKey.generate_key(2048)


@pytest.mark.parametrize("signing", [PrivateKeyJWT, ClientSecretJWT])
def test_a_session_that_signs_gets_refreshes_and_uses_tokens(world: World, visit: Visit, signing: type[ClientSecretJWT]) -> None:
    with world.inside():
        keys = {"jwks": {"keys": [KEY.as_dict(private=False)]}} if signing is PrivateKeyJWT else {}
        client, secret = clients.register(
            world.tenant,
            name="Authlib",
            token_endpoint_auth_method=signing.name,
            redirect_uris=["https://authlib.example/cb"],
            by=TESTS,
            **keys,
        )
    session = OAuth2Session(
        client.client_id,
        secret or KEY,
        scope="openid email offline_access",
        redirect_uri="https://authlib.example/cb",
        code_challenge_method="S256",
        token_endpoint_auth_method=signing.name,
        token_endpoint=f"{world.url}/token",
    )
    session.register_client_auth_method(signing(f"{world.url}/token"))
    verifier = ids.token(32)
    url, state = session.create_authorization_url(f"{world.url}/authorize", code_verifier=verifier)
    token = session.fetch_token(authorization_response=visit(url), state=state, code_verifier=verifier)
    assert session.refresh_token(refresh_token=token["refresh_token"])["access_token"] != token["access_token"]
    assert session.get(f"{world.url}/api/userinfo").json()["email"] == world.ada.email
