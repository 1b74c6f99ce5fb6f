"""Applications written for Fief: PyPI's `fief-client`, with only its base URL changed."""

import asyncio
import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fief_client import (
    Fief,
    FiefAccessTokenACRTooLow,
    FiefAccessTokenExpired,
    FiefAccessTokenInvalid,
    FiefAccessTokenMissingPermission,
    FiefAccessTokenMissingScope,
    FiefACR,
    FiefAsync,
    FiefRequestError,
)
from fief_client.integrations.flask import FiefAuth, FiefAuthUnauthorized, get_cookie
from fief_client.pkce import get_code_challenge, get_code_verifier
from flask import Flask, g
from jwcrypto import jwt

from shared.kit import clock
from shared.models.user import OPERATOR
from shared.services import clients, tenants, user_fields, users
from tests.interop.conftest import Visit
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, Application, World

SCOPE = ["openid", "offline_access"]
# As `make run` makes its default client: Fief's client checks RS256 only.
AS_AT_FIRST_START = {"first_party": True, "id_token_alg": "RS256", "access_token_alg": "RS256"}


@pytest.fixture
def application(world: World) -> Application:
    return world.add_application("Written for Fief", **AS_AT_FIRST_START)


@pytest.fixture
def fief(world: World, application: Application) -> Fief:
    return Fief(world.url, application.client_id, application.client_secret)


def code_of(back: str) -> str:
    return parse_qs(urlsplit(back).query)["code"][0]


def sign_in(fief: Fief, application: Application, visit: Visit) -> tuple[Any, Any]:
    """The tokens, and what Fief calls userinfo: the claims of the ID token."""
    verifier = get_code_verifier()
    challenge = get_code_challenge(verifier)
    back = visit(
        fief.auth_url(
            application.redirect_uri, scope=SCOPE, state="s", code_challenge=challenge, code_challenge_method="S256", lang="en"
        )
    )
    assert back.startswith(f"{application.redirect_uri}?")
    return fief.auth_callback(code_of(back), application.redirect_uri, code_verifier=verifier)


def test_a_person_signs_in(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    tokens, userinfo = sign_in(fief, application, visit)
    assert (userinfo["sub"], userinfo["email"]) == (str(world.ada.id), world.ada.email)
    assert (userinfo["tenant_id"], userinfo["is_active"], userinfo["fields"]) == (str(world.tenant.id), True, {})
    assert {"access_token", "id_token", "refresh_token", "token_type", "expires_in"} <= set(tokens)


def test_an_access_token_is_validated(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    with world.inside():
        users.set_permissions(world.user(world.ada), (OPERATOR,), by=TESTS)
    token = sign_in(fief, application, visit)[0]["access_token"]
    known = fief.validate_access_token(
        token, required_scope=["openid"], required_acr=FiefACR.LEVEL_ONE, required_permissions=[OPERATOR]
    )
    assert known["id"] == world.ada.id
    assert known["scope"] == SCOPE
    assert known["permissions"] == [OPERATOR]
    with pytest.raises(FiefAccessTokenMissingScope):
        fief.validate_access_token(token, required_scope=["castles"])
    with pytest.raises(FiefAccessTokenMissingPermission):
        fief.validate_access_token(token, required_permissions=["castles:create"])
    with pytest.raises(FiefAccessTokenInvalid):
        fief.validate_access_token(token[:-6] + "AAAAAA")


def test_a_session_is_level_zero_and_a_login_level_one(fief: Fief, application: Application, visit: Visit) -> None:
    sign_in(fief, application, visit)
    token = sign_in(fief, application, visit)[0]["access_token"]
    assert fief.validate_access_token(token)["acr"] == FiefACR.LEVEL_ZERO
    with pytest.raises(FiefAccessTokenACRTooLow):
        fief.validate_access_token(token, required_acr=FiefACR.LEVEL_ONE)


def test_an_access_token_that_is_over_is_seen_to_be(
    fief: Fief, application: Application, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_in(fief, application, visit)[0]["access_token"]
    in_an_hour = clock.timestamp() + 3600
    monkeypatch.setattr(jwt, "time", SimpleNamespace(time=lambda: in_an_hour))
    with pytest.raises(FiefAccessTokenExpired):
        fief.validate_access_token(token)


def test_tokens_are_refreshed_and_userinfo_is_read(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    tokens, _ = sign_in(fief, application, visit)
    fresh, userinfo = fief.auth_refresh_token(tokens["refresh_token"], scope=SCOPE)
    assert fresh["access_token"] != tokens["access_token"]
    assert userinfo["email"] == world.ada.email
    said = fief.userinfo(fresh["access_token"])
    assert (said["sub"], said["email"], said["fields"]) == (str(world.ada.id), world.ada.email, {})


def test_signing_out_ends_the_session_and_returns(fief: Fief, application: Application, visit: Visit, browser: Browser) -> None:
    sign_in(fief, application, visit)
    assert browser.get(fief.logout_url(application.redirect_uri)).path == "/logout"
    assert browser.submit(press="Sign out").left_to == application.redirect_uri
    assert browser.get("/account").path == "/login"


def test_signing_out_never_returns_to_a_stranger(fief: Fief, application: Application, visit: Visit, browser: Browser) -> None:
    sign_in(fief, application, visit)
    page = browser.get(fief.logout_url("https://evil.example/"))
    assert (page.status, page.left_to) == (400, None)
    assert browser.get("/account").path == "/account"


def test_an_error_has_our_words(fief: Fief, application: Application) -> None:
    with pytest.raises(FiefRequestError) as told:
        fief.auth_callback("nothing", application.redirect_uri)
    assert told.value.status_code == 400
    assert '"invalid_grant"' in told.value.detail
    with pytest.raises(FiefRequestError) as told:
        fief.userinfo("nothing")
    assert told.value.status_code == 401


def test_an_application_without_pkce_works_once_its_policy_lifts_it(
    fief: Fief, application: Application, visit: Visit, world: World
) -> None:
    """Most applications of Fief send no challenge."""
    with world.inside():
        clients.update(world.client(application), require_pkce=False, by=TESTS)
    back = visit(fief.auth_url(application.redirect_uri, scope=SCOPE))
    assert fief.auth_callback(code_of(back), application.redirect_uri)[1]["sub"] == str(world.ada.id)


def test_a_tenant_of_its_own_is_a_base_url_of_its_own(world: World, browser: Browser) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
    application = world.add_application("Written for Fief", tenant=acme, **AS_AT_FIRST_START)
    bob = world.add_person("bob@acme.example", tenant=acme)
    fief = Fief(f"{world.url}/t/acme", application.client_id, application.client_secret)
    verifier = get_code_verifier()
    challenge = get_code_challenge(verifier)
    browser.get(fief.auth_url(application.redirect_uri, scope=SCOPE, code_challenge=challenge, code_challenge_method="S256"))
    back = browser.submit(email=bob.email, password=bob.password).left_to
    tokens, userinfo = fief.auth_callback(code_of(back or ""), application.redirect_uri, code_verifier=verifier)
    assert userinfo["sub"] == str(bob.id)
    assert fief.userinfo(tokens["access_token"])["email"] == bob.email
    assert fief.auth_refresh_token(tokens["refresh_token"])[1]["sub"] == str(bob.id)
    assert urlsplit(fief.logout_url(application.redirect_uri)).path == "/t/acme/logout"


def test_the_asynchronous_client_works_too(world: World, application: Application, visit: Visit) -> None:
    async def everything() -> None:
        fief = FiefAsync(world.url, application.client_id, application.client_secret)
        verifier = get_code_verifier()
        challenge = get_code_challenge(verifier)
        back = visit(
            await fief.auth_url(application.redirect_uri, scope=SCOPE, code_challenge=challenge, code_challenge_method="S256")
        )
        tokens, _ = await fief.auth_callback(code_of(back), application.redirect_uri, code_verifier=verifier)
        assert (await fief.validate_access_token(tokens["access_token"]))["id"] == world.ada.id
        assert (await fief.userinfo(tokens["access_token"]))["email"] == world.ada.email
        fresh, _ = await fief.auth_refresh_token(tokens["refresh_token"])
        assert fresh["id_token"]

    asyncio.run(everything())


def test_the_flask_integration_knows_the_person(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    app = Flask("castle")
    auth = FiefAuth(fief, get_cookie("user_session"))
    app.register_error_handler(FiefAuthUnauthorized, lambda error: ("", 401))

    @app.get("/")
    @auth.current_user(scope=["openid"])
    def index() -> str:
        return g.user["email"]

    person = app.test_client()
    assert person.get("/").status_code == 401
    person.set_cookie("user_session", sign_in(fief, application, visit)[0]["access_token"])
    assert person.get("/").text == world.ada.email


def test_a_password_is_changed(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    token = sign_in(fief, application, visit)[0]["access_token"]
    with pytest.raises(FiefRequestError) as told:
        fief.change_password(token, "short")
    assert told.value.status_code == 400 and "USER_UPDATE_INVALID_PASSWORD" in told.value.detail
    assert fief.change_password(token, "nine engines and a kettle")["sub"] == str(world.ada.id)
    with world.inside():
        assert users.authenticate(world.tenant, world.ada.email, "nine engines and a kettle").id == world.ada.id


def test_a_password_is_not_changed_by_an_old_session(fief: Fief, application: Application, visit: Visit) -> None:
    sign_in(fief, application, visit)
    token = sign_in(fief, application, visit)[0]["access_token"]
    with pytest.raises(FiefRequestError) as told:
        fief.change_password(token, "nine engines and a kettle")
    assert told.value.status_code == 403 and "ACR_TOO_LOW" in told.value.detail


def test_an_address_is_changed_and_verified(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    token = sign_in(fief, application, visit)[0]["access_token"]
    assert fief.email_change(token, "countess@example.org")["email"] == world.ada.email
    with pytest.raises(FiefRequestError) as told:
        fief.email_verify(token, "AAAAAA")
    assert told.value.status_code == 400 and "USER_UPDATE_INVALID_EMAIL_VERIFICATION_CODE" in told.value.detail
    code = re.search(r"\b[34679ACDEFGHJKMNPQRTVWXY]{6}\b", world.letters()[-1].split("\n\n", 1)[1])[0]
    assert fief.email_verify(token, code)["email"] == "countess@example.org"
    assert fief.userinfo(token)["email"] == "countess@example.org"


def test_fields_are_changed_and_unknown_ones_ignored(fief: Fief, application: Application, visit: Visit, world: World) -> None:
    with world.inside():
        user_fields.create(world.tenant, kind="string", name="Motto", by=TESTS)
    token = sign_in(fief, application, visit)[0]["access_token"]
    changed = fief.update_profile(token, {"fields": {"motto": "Sapere aude", "nobody_asked": "x"}})
    assert changed["fields"] == {"motto": "Sapere aude"}


def test_another_s_application_changes_nothing(world: World, visit: Visit) -> None:
    told = world.add_application("Of others", id_token_alg="RS256", access_token_alg="RS256")
    fief = Fief(world.url, told.client_id, told.client_secret)
    token = sign_in(fief, told, visit)[0]["access_token"]
    for change in (
        lambda: fief.change_password(token, "nine engines and a kettle"),
        lambda: fief.email_change(token, "countess@example.org"),
        lambda: fief.update_profile(token, {"fields": {}}),
    ):
        with pytest.raises(FiefRequestError) as refused:
            change()
        assert refused.value.status_code == 403
