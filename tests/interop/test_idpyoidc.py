"""PyPI's idpyoidc."""

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptojwt.key_jar import KeyJar, init_key_jar
from idpyoidc.client.exception import ResponseError
from idpyoidc.client.oauth2.stand_alone_client import StandAloneClient, backchannel_logout

from shared.services import clients, tenants
from shared.services.client_settings import TOKEN_EXCHANGE
from tests.interop.conftest import Acme, Posted, Visit, rotate_keys, sign_out
from tests.parts.browsing import Browser
from tests.parts.exchanging import ACCESS_TOKEN, STORE, set_up
from tests.parts.https import Https
from tests.parts.registering import let
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, unverified_claims

SCOPE = ["openid", "profile", "email", "offline_access"]
OIDC, OAUTH = "idpyoidc.client.oidc.{}", "idpyoidc.client.oauth2.{}"
SERVICES = {
    "discovery": {"class": OIDC.format("provider_info_discovery.ProviderInfoDiscovery")},
    "registration": {"class": OIDC.format("registration.Registration")},
    "authorization": {"class": OIDC.format("authorization.Authorization")},
    "access_token": {"class": OIDC.format("access_token.AccessToken")},
    "refresh_access_token": {"class": OIDC.format("refresh_access_token.RefreshAccessToken")},
    "userinfo": {"class": OIDC.format("userinfo.UserInfo")},
    "end_session": {"class": OIDC.format("end_session.EndSession")},
    "introspection": {"class": OAUTH.format("introspection.Introspection")},
    "token_exchange": {"class": OAUTH.format("token_exchange.TokenExchange")},
    "token_revocation": {"class": OAUTH.format("token_revocation.TokenRevocation")},
}
PKCE = {
    "function": OAUTH.format("add_on.pkce.add_support"),
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}


def new_keyjar() -> KeyJar:
    """Keys of its own."""
    return init_key_jar(key_defs=[{"type": "EC", "crv": "P-256", "use": ["sig"]}, {"type": "RSA", "use": ["sig"]}])


def client_of(
    world: World, application: Application, method: str, *, keyjar: KeyJar | None = None, **more: Any
) -> StandAloneClient:
    """The client as its configuration file would have it."""
    config = {
        "issuer": world.url,
        "base_url": application.redirect_uri.rpartition("/")[0],
        "client_id": application.client_id or None,
        "client_type": "oidc",
        "redirect_uris": [application.redirect_uri],
        "preference": {
            "response_types": ["code"],
            "token_endpoint_auth_methods_supported": [method],
            "token_endpoint_auth_signing_alg_values_supported": ["HS256" if method == "client_secret_jwt" else "ES256"],
        },
        "client_authn_methods": [method],
        "add_ons": {"pkce": PKCE},
        **({"client_secret": application.client_secret} if application.client_secret else {}),
        **more,
    }
    client = StandAloneClient(config=config, services=SERVICES, keyjar=keyjar, httpc_params={"timeout": 30})
    client.do_provider_info()
    client.do_client_registration()
    return client


def signed_in(client: StandAloneClient, visit: Visit) -> dict[str, Any]:
    back = visit(client.init_authorization(req_args={"scope": SCOPE}))
    said = client.finalize(dict(parse_qsl(urlsplit(back).query)))
    assert "error" not in said, said
    return said


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"])
def test_it_signs_in_refreshes_and_ends(world: World, visit: Visit, method: str) -> None:
    keyjar = new_keyjar()
    jwks = keyjar.export_jwks() if method == "private_key_jwt" else None
    application = world.add_application("Research", token_endpoint_auth_method=method, jwks=jwks)
    client = client_of(world, application, method, keyjar=keyjar)
    said = signed_in(client, visit)
    assert said["userinfo"]["email"] == world.ada.email
    assert said["id_token"]["sub"] == str(world.ada.id)
    fresh = client.refresh_access_token(said["state"])
    assert fresh["access_token"] != said["token"]
    about = {"token": fresh["access_token"]}
    assert client.do_request("introspection", request_args=about, authn_method=method)["active"] is True
    with suppress(ResponseError):  # it looks for words in an answer that has none (RFC 7009 §2.2)
        client.do_request("token_revocation", request_args=about, authn_method=method)
    assert client.do_request("introspection", request_args=about, authn_method=method)["active"] is False


def test_it_hears_that_a_session_has_ended(world: World, visit: Visit, browser: Browser, https: Https) -> None:
    """OpenID Connect Back-Channel Logout 1.0. Unless it registered itself it takes RS256 only."""
    https.answer("/ended", b"")
    told = {"backchannel_logout_uri": f"{https.url}/ended", "id_token_alg": "RS256"}
    client = client_of(world, world.add_application("Research", **told), "client_secret_basic")
    said = signed_in(client, visit)
    sign_out(world, browser)
    (asked,) = https.asked
    assert backchannel_logout(client, request=asked["body"]) == said["state"]


def test_it_exchanges_a_token(world: World, rp: RelyingParty) -> None:
    """RFC 8693, as a service that passes on what it was sent."""
    scene = set_up(world, rp)
    client = client_of(world, scene.notes.application, "client_secret_basic")
    asked = {"subject_token": scene.sent().access_token, "subject_token_type": ACCESS_TOKEN, "resource": [STORE]}
    asked |= {"grant_type": TOKEN_EXCHANGE, "scope": ["read"]}
    given = client.do_request("token_exchange", request_args=asked, authn_method="client_secret_basic")
    claims = unverified_claims(given["access_token"])
    assert (claims["aud"], claims["sub"]) == ([STORE], str(world.ada.id))
    assert claims["act"]["sub"] == client.get_client_id()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_it_registers_itself(world: World, visit: Visit, method: str) -> None:
    let(world)
    nobody = Application(world.web.id, "Self-made", "", None, "https://self-made.example/callback", "")
    client = client_of(world, nobody, method, keyjar=new_keyjar())
    assert client.get_client_id()
    assert signed_in(client, visit)["userinfo"]["email"] == world.ada.email


def test_it_finds_a_tenant_beside_the_default_one(world: World, acme: Acme) -> None:
    application = world.add_application("Research", tenant=acme.tenant)
    client = client_of(world, application, "client_secret_basic", issuer=acme.issuer)
    assert signed_in(client, acme.visit)["userinfo"]["email"] == acme.person.email


def test_it_signs_its_request(world: World, visit: Visit) -> None:
    keyjar = new_keyjar()
    application = world.add_application("Research", jwks=keyjar.export_jwks(), require_signed_request_object=True)
    jar = {"function": OAUTH.format("add_on.jar.add_support"), "kwargs": {"request_object_signing_alg": "ES256"}}
    client = client_of(world, application, "client_secret_basic", keyjar=keyjar, add_ons={"pkce": PKCE, "jar": jar})
    assert signed_in(client, visit)["userinfo"]["email"] == world.ada.email


def test_the_answer_comes_by_form(world: World, posted: Posted) -> None:
    client = client_of(world, world.web, "client_secret_basic")
    form = posted(client.init_authorization(req_args={"scope": SCOPE, "response_mode": "form_post"}))
    assert client.finalize(form.fields)["userinfo"]["email"] == world.ada.email


@pytest.mark.parametrize("kind", ["id_token", "id_token token"])
def test_tokens_come_without_a_code_where_a_tenant_allows_it(world: World, visit: Visit, kind: str) -> None:
    """OpenID Connect Core §3.2."""
    with world.inside():
        tenants.update(world.tenant, implicit_allowed=True, by=TESTS)
    settings = {"profile": "openid", "response_types": [kind], "id_token_alg": "RS256"}
    preference = {"response_types": [kind], "token_endpoint_auth_methods_supported": ["client_secret_basic"]}
    client = client_of(
        world, world.add_application("Research", **settings), "client_secret_basic", preference=preference, add_ons={}
    )
    back = visit(client.init_authorization(req_args={"scope": SCOPE, "response_type": kind}))
    said = client.finalize(dict(parse_qsl(urlsplit(back).fragment)))
    assert "error" not in said, said
    assert said["id_token"]["sub"] == str(world.ada.id)
    if "token" in kind.split():
        assert said["userinfo"]["email"] == world.ada.email
    else:
        assert said["id_token"]["email"] == world.ada.email


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_it_finds_the_new_keys_when_ours_rotate(world: World, visit: Visit, alg: str) -> None:
    with world.inside():
        clients.update(world.client(world.web), id_token_alg=alg, by=TESTS)
    client = client_of(world, world.web, "client_secret_basic")
    before = signed_in(client, visit)
    rotate_keys(world)
    fresh = client.refresh_access_token(before["state"])
    after = signed_in(client, visit)
    kids = [each.jws_header["kid"] for each in (before["id_token"], fresh["__verified_id_token"], after["id_token"])]
    assert kids[0] != kids[1] == kids[2]


def test_it_signs_out(world: World, visit: Visit, browser: Browser) -> None:
    client = client_of(world, world.web, "client_secret_basic")
    said = signed_in(client, visit)
    asked = client.logout(said["state"], post_logout_redirect_uri=world.web.post_logout_redirect_uri)
    left = visit(asked["url"])
    assert left.startswith(f"{world.web.post_logout_redirect_uri}?state=")
    assert browser.get("/account").path == "/login"
