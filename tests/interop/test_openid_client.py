"""npm's openid-client, on Node.js."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from shared.services import clients, initial_access, resources
from tests.device import allow_devices
from tests.interop.conftest import Acme, Posted, Visit, follow, rotate_keys
from tests.interop.scenario import play
from tests.parts import needs
from tests.parts.browsing import Browser
from tests.parts.exchanging import ACCESS_TOKEN, STORE, set_up
from tests.parts.registering import let
from tests.parts.signing import new_key
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, unverified_claims

pytestmark = pytest.mark.needs("openid-client (Node.js 20 and npm)")
SCOPE = "openid profile email offline_access"

Playing = Callable[..., SimpleNamespace]


@pytest.fixture
def playing(world: World, visit: Visit, browser: Browser) -> Playing:
    """Play a scenario as `application`."""

    def played(scenario: str, application: Application, method: str, *, acts: dict[str, Any] | None = None, **more: Any) -> Any:
        told = {
            "issuer": world.url,
            "client_id": application.client_id,
            "method": method,
            "secret": application.client_secret,
            "redirect_uri": application.redirect_uri,
            "post_logout_redirect_uri": application.post_logout_redirect_uri,
            "scope": SCOPE,
            **more,
        }
        command = [needs.found("node") or "node", f"openid_client/{scenario}.js"]
        return play(command, told, {"visit": visit, **(acts or {})})

    return played


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_it_lives_through_a_whole_authorization(world: World, playing: Playing, method: str) -> None:
    whole(world, playing("code", world.web, method), world.web)


def test_a_public_client_does_too(world: World, playing: Playing) -> None:
    said = playing("code", world.spa, "none")
    whole(world, said, world.spa)
    assert said.fresh["refresh_token"] != said.tokens["refresh_token"]


def test_it_signs_with_its_secret(world: World, playing: Playing) -> None:
    application = world.add_application("Signer", token_endpoint_auth_method="client_secret_jwt")
    whole(world, playing("code", application, "client_secret_jwt"), application)


@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "Ed25519"])
def test_it_signs_with_its_key_and_pushes_its_request(world: World, playing: Playing, alg: str) -> None:
    """As FAPI 2.0 has it: the issuer is the audience, and every request is pushed."""
    application, jwk = signer(world, alg, require_par=True)
    said = playing("code", application, "private_key_jwt", jwk=jwk, par=True)
    whole(world, said, application)
    assert "request_uri=" in said.authorize and "redirect_uri=" not in said.authorize


@pytest.mark.parametrize("pushed", [False, True])
def test_it_signs_its_request(world: World, playing: Playing, pushed: bool) -> None:
    application, jwk = signer(world, "ES256", require_signed_request_object=True)
    said = playing("code", application, "private_key_jwt", jwk=jwk, jar=True, par=pushed)
    whole(world, said, application)
    assert "scope=" not in said.authorize


def test_the_answer_comes_by_form(world: World, playing: Playing, posted: Posted, visit: Visit) -> None:
    def by_form(url: str) -> Any:
        if "/logout" in url:
            return visit(url)
        form = posted(url)
        return {"action": form.action, "fields": form.fields}

    said = playing("code", world.web, "client_secret_basic", asked={"response_mode": "form_post"}, acts={"visit": by_form})
    whole(world, said, world.web)


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
def test_an_id_token_alone_signs_a_person_in(world: World, playing: Playing, posted: Posted, mode: str) -> None:
    """OpenID Connect Core §3.2, by a client that registered itself where a tenant allows it."""
    let(world, implicit_allowed=True)

    def by_form(url: str) -> Any:
        form = posted(url)
        return {"action": form.action, "fields": form.fields}

    metadata = {"redirect_uris": [world.spa.redirect_uri], "response_types": ["id_token"], "grant_types": ["implicit"]}
    told = {"registers": True, "metadata": metadata, "asked": {"response_mode": mode}}
    said = playing("implicit", world.spa, "none", **told, acts={"visit": by_form} if mode == "form_post" else None)
    assert (said.claims["sub"], said.claims["email"]) == (str(world.ada.id), world.ada.email)
    assert "response_type=id_token&" in f"{said.authorize}&" and "code" not in said.back
    assert said.client["response_types"] == ["id_token"]


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_it_finds_the_new_keys_when_ours_rotate(world: World, playing: Playing, alg: str) -> None:
    with world.inside():
        clients.update(world.client(world.web), id_token_alg=alg, by=TESTS)
    said = playing("rotation", world.web, "client_secret_basic", acts={"rotate": lambda: rotate_keys(world)})
    assert said.before["signed"] in said.before["known"]
    assert said.after["signed"] in {*said.after["known"]} - {*said.before["known"]}
    assert said.before["signed"] in said.after["known"], "what was signed before can still be checked"
    assert said.userinfo["sub"] == str(world.ada.id)


def test_a_device_gets_its_tokens(world: World, playing: Playing, browser: Browser) -> None:
    def answer(address: str) -> None:
        browser.get(address)
        browser.submit(email=world.ada.email, password=world.ada.password)
        browser.submit(press="Yes, it is this code")
        browser.submit(press="allow")
        world.later(seconds=5)

    allow_devices(world, world.spa)
    said = playing("device", world.spa, "none", acts={"answer": answer})
    assert said.early == {"error": "authorization_pending", "status": 400}
    assert said.userinfo["sub"] == str(world.ada.id)


def test_a_service_gets_a_token_in_its_own_name(world: World, playing: Playing) -> None:
    notes = "https://notes.example/api"
    with world.inside():
        resources.create(world.tenant, identifier=notes, name="Notes", scopes={"read": "Read notes"}, by=TESTS)
    robot = world.add_application("Robot", grant_types=["client_credentials"])
    said = playing("service", robot, "client_secret_basic", resource=notes, scope="read")
    assert (said.introspected["active"], said.introspected["scope"], said.introspected["aud"]) == (True, "read", [notes])


@pytest.mark.parametrize("alg", ["ES256", "PS256", "Ed25519"])
def test_it_follows_fapi_2(world: World, playing: Playing, alg: str) -> None:
    """private_key_jwt, PAR and DPoP, with the server's nonces."""
    application, jwk = signer(world, alg)
    follow(world, application, "fapi2")
    said = playing("code", application, "private_key_jwt", jwk=jwk, par=True, dpop=alg)
    whole(world, said, application)
    assert said.tokens["token_type"] == said.fresh["token_type"] == "dpop"
    assert "jkt" in said.introspected["cnf"]


@pytest.mark.parametrize("profile", ["oauth21", "openid"])
def test_it_follows_a_profile(world: World, playing: Playing, profile: str) -> None:
    follow(world, world.web, profile)
    whole(world, playing("code", world.web, "client_secret_basic"), world.web)


def test_a_public_client_s_refresh_token_is_bound_too(world: World, playing: Playing) -> None:
    said = playing("code", world.spa, "none", dpop="ES256")
    whole(world, said, world.spa)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"])
def test_it_registers_itself(world: World, playing: Playing, method: str) -> None:
    let(world)
    said = playing("code", world.web, method, **registration(world.web, method))
    whole(world, said, world.web, client_id=said.client["client_id"])
    assert said.client["token_endpoint_auth_method"] == method


def test_it_registers_itself_with_an_initial_access_token(world: World, playing: Playing) -> None:
    let(world, "token")
    with world.inside():
        _, token = initial_access.create(world.tenant, name="Partners", uses=1, by=TESTS)
    told = registration(world.web, "client_secret_basic")
    said = playing("code", world.web, "client_secret_basic", initial_access_token=token, **told)
    whole(world, said, world.web, client_id=said.client["client_id"])


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_what_it_reads_of_a_person_is_signed(world: World, playing: Playing, alg: str) -> None:
    """OpenID Connect Core §5.3.2, and a sub of its own for the sector (§8.1)."""
    signed = {"userinfo_signed_response_alg": alg}
    application = world.add_application("Press", subject_type="pairwise", **signed)
    said = playing("code", application, "client_secret_basic", metadata=signed)
    assert said.claims["sub"] == said.userinfo["sub"] == said.introspected["sub"] != str(world.ada.id)
    assert (said.userinfo["iss"], said.userinfo["aud"]) == (world.url, application.client_id)
    assert said.again["email"] == world.ada.email


def test_it_asks_for_claims_one_by_one(world: World, playing: Playing) -> None:
    """OpenID Connect Core §5.5."""
    claims = json.dumps({"id_token": {"email": None, "auth_time": {"essential": True}}, "userinfo": {"name": None}})
    said = playing("code", world.web, "client_secret_basic", scope="openid offline_access", asked={"claims": claims})
    assert (said.claims["email"], said.userinfo["name"]) == (world.ada.email, world.ada.name)
    assert "auth_time" in said.claims and "email" not in said.userinfo


def test_a_service_exchanges_a_token(world: World, rp: RelyingParty, playing: Playing) -> None:
    """RFC 8693, as a service that passes on what it was sent."""
    scene = set_up(world, rp)
    asked = {"subject_token": scene.sent().access_token, "subject_token_type": ACCESS_TOKEN, "resource": STORE, "scope": "read"}
    said = playing("exchange", scene.notes.application, "client_secret_basic", asked=asked)
    assert (said.token["issued_token_type"], said.token["token_type"]) == (ACCESS_TOKEN, "bearer")
    claims = unverified_claims(said.token["access_token"])
    assert (claims["aud"], claims["sub"]) == ([STORE], str(world.ada.id))
    assert claims["act"]["sub"] == scene.notes.application.client_id


def test_it_finds_a_tenant_beside_the_default_one(world: World, playing: Playing, acme: Acme) -> None:
    application = world.add_application("Web shop", tenant=acme.tenant)
    said = playing("code", application, "client_secret_basic", issuer=acme.issuer, acts={"visit": acme.visit})
    assert (said.claims["iss"], said.userinfo["email"]) == (acme.issuer, acme.person.email)


def signer(world: World, alg: str, **more: Any) -> tuple[Application, dict[str, Any]]:
    """An application that signs, and its key."""
    key = new_key(alg)
    settings = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "assertion_audience": "issuer",
    }
    return world.add_application("Bank", **settings, **more), {**key.as_dict(private=True), "alg": alg}


def registration(application: Application, method: str) -> dict[str, Any]:
    """What to tell a client that registers itself."""
    key = new_key("ES256")
    metadata = {
        "client_name": "Self-made",
        "redirect_uris": [application.redirect_uri],
        "post_logout_redirect_uris": [application.post_logout_redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": "ES256",
    }
    if method == "private_key_jwt":
        metadata["jwks"] = {"keys": [key.as_dict(private=False)]}
    return {"registers": True, "secret": None, "metadata": metadata, "jwk": {**key.as_dict(private=True), "alg": "ES256"}}


def whole(world: World, said: SimpleNamespace, application: Application, client_id: str | None = None) -> None:
    """The authorization lived and ended as it should."""
    assert said.claims["iss"] == world.url
    assert said.claims["sub"] == said.userinfo["sub"] == str(world.ada.id)
    assert said.userinfo["email"] == said.again["email"] == world.ada.email
    assert said.fresh["access_token"] != said.tokens["access_token"]
    if said.introspected is not None:
        assert (said.introspected["active"], said.introspected["client_id"]) == (True, client_id or application.client_id)
    assert said.refused == {"error": "invalid_grant", "status": 400}
    assert said.left == f"{application.post_logout_redirect_uri}?state=bye"
