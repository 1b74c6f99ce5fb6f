"""What a request for tokens without a code must be, and how it is answered (OpenID Connect Core §3.2.2.1, §3.2.2.6)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.kit import db
from shared.services import person_claims, tenants
from tests.parts.asking import made
from tests.parts.implicit import KINDS, NO_PKCE, allow, asks, behind, verified
from tests.parts.proofs import Holder
from tests.parts.signers import register as register_signer
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


@sqlite
@KINDS
def test_it_needs_a_nonce(implicit_rp: RelyingParty, kind: str) -> None:
    """Core §3.2.2.1."""
    refusal = behind(implicit_rp.start(response_type=kind, nonce=None, **NO_PKCE))
    assert (refusal["error"], refusal["state"], refusal["iss"]) == (
        "invalid_request",
        implicit_rp.asked.state,
        implicit_rp.issuer,
    )


@sqlite
@KINDS
def test_tokens_never_stand_in_a_query(implicit_rp: RelyingParty, world: World, kind: str) -> None:
    """OAuth Multiple Response Types §5."""
    allow(world, world.web, response_modes=["query", "fragment", "form_post"])
    assert behind(implicit_rp.start(response_type=kind, response_mode="query"))["error"] == "invalid_request"


@sqlite
@pytest.mark.parametrize("scope", ["profile", "openid bailiwick:admin", "openid everything"])
def test_it_is_a_login_and_never_for_operators(implicit_rp: RelyingParty, world: World, scope: str) -> None:
    """Core §3.2.2.1, §3.1.2.1. What runs this server is not sent through addresses, whatever a client may ask for."""
    allow(world, world.web, scopes=["openid", "profile", "bailiwick:admin"])
    assert behind(implicit_rp.start(response_type="id_token token", scope=scope))["error"] == "invalid_scope"


@sqlite
def test_http_is_for_installed_applications(implicit_rp: RelyingParty, world: World) -> None:
    """Core §3.2.2.1."""
    back = "http://127.0.0.1:4711/callback"
    allow(world, world.web, redirect_uris=[world.web.redirect_uri, back])
    assert behind(implicit_rp.start(response_type="id_token", redirect_uri=back))["error"] == "invalid_request"
    allow(world, world.web, application_type="native")
    assert "id_token" in asks(implicit_rp, "id_token", redirect_uri=back)


@sqlite
def test_what_must_be_bound_to_a_key_is_not_given_here(implicit_rp: RelyingParty, world: World) -> None:
    """RFC 9449 §5.2, §10."""
    for kind in ("id_token", "id_token token"):
        assert behind(implicit_rp.start(response_type=kind, dpop_jkt="x" * 43))["error"] == "invalid_request"
    allow(world, world.web, dpop_bound_access_tokens=True)
    assert behind(implicit_rp.start(response_type="id_token token"))["error"] == "invalid_request"
    assert "access_token" not in asks(implicit_rp, "id_token")


@sqlite
@pytest.mark.parametrize("profile", ["oauth21", "fapi2", "mcp"])
def test_only_openid_connect_has_it(implicit_rp: RelyingParty, world: World, profile: str) -> None:
    """A client that is held to another profile never gets them, however that came to be."""
    with world.inside():
        row = world.client(world.web)
        with db.transaction():
            row.profile = profile
    assert behind(implicit_rp.start(response_type="id_token"))["error"] == "unauthorized_client"


@sqlite
def test_an_answer_that_is_too_long_for_an_address_is_refused(implicit_rp: RelyingParty, world: World) -> None:
    """A header that no front door takes would be its error page, and not ours."""
    with world.inside():
        long = dict.fromkeys(("picture", "website", "profile"), f"https://ada.example/{'x' * 1900}")
        person_claims.change(world.user(world.ada), long, by=TESTS)
    said = asks(implicit_rp, "id_token", scope="openid profile", state="&" * 2700)
    assert (said["error"], said["state"]) == ("invalid_request", "&" * 2700)
    page = implicit_rp.start(response_type="id_token", response_mode="form_post", scope="openid profile", **NO_PKCE)
    assert "id_token" in page.form(press="Continue").fields


@sqlite
@KINDS
def test_prompt_none_gives_them_at_once_or_says_why_not(implicit_rp: RelyingParty, kind: str) -> None:
    """Core §3.1.2.1, §3.1.2.6, §3.2.2.6."""
    silent = {"response_type": kind, "prompt": "none", **NO_PKCE}
    refusal = behind(implicit_rp.start(**silent))
    assert (refusal["error"], refusal["state"]) == ("login_required", implicit_rp.asked.state)
    first = verified(implicit_rp, asks(implicit_rp, kind)["id_token"])
    again = verified(implicit_rp, behind(implicit_rp.start(**silent))["id_token"])
    assert (again["auth_time"], again["sid"], again["acr"]) == (first["auth_time"], first["sid"], "0")
    assert behind(implicit_rp.start(**{**silent, "scope": "openid phone"}))["error"] == "consent_required"


@sqlite
def test_the_person_may_refuse(implicit_rp: RelyingParty) -> None:
    implicit_rp.start(response_type="id_token", **NO_PKCE)
    implicit_rp.sign_in()
    assert behind(implicit_rp.deny())["error"] == "access_denied"


@sqlite
def test_an_old_login_is_not_good_enough(implicit_rp: RelyingParty, world: World) -> None:
    """Core §3.1.2.1: max_age, and acr of a login for this request."""
    asks(implicit_rp, "id_token")
    world.later(minutes=10)
    assert implicit_rp.start(response_type="id_token", max_age="60", **NO_PKCE).path == "/login"
    claims = verified(implicit_rp, behind(implicit_rp.sign_in())["id_token"])
    assert claims["acr"] == "1"


@sqlite
def test_it_can_be_pushed_and_stand_in_a_request_object(world: World) -> None:
    """RFC 9126 §2.1, RFC 9101 §5; Core §6.1: the response type outside is the one inside, in whatever order."""
    rp, signer = register_signer(world)
    allow(world, rp.application)
    params = dict(parse_qsl(urlsplit(rp.authorize_url(response_type="id_token token", **NO_PKCE)).query))
    pushed = rp.post(f"{rp.issuer}/par", {**params, **signer.form()}, {})
    assert pushed.status == 201, pushed.text
    rp.browser.get("/authorize", client_id=rp.application.client_id, request_uri=pushed.request_uri)
    rp.sign_in()
    assert {"access_token", "id_token"} <= behind(rp.allow()).keys()
    outside = {"scope": "openid", "response_type": "token id_token", "client_id": rp.application.client_id}
    page = rp.browser.get("/authorize", **outside, request=made(signer, {**params, "iss": signer.client_id, "aud": rp.issuer}))
    assert {"access_token", "id_token"} <= behind(page).keys()


@sqlite
def test_a_proof_at_par_does_not_bind_them(world: World) -> None:
    """RFC 9449 §10.1: whoever proves a key there wants its token bound to it, which cannot be done here."""
    rp, signer = register_signer(world)
    allow(world, rp.application)
    params = dict(parse_qsl(urlsplit(rp.authorize_url(response_type="id_token token", **NO_PKCE)).query))
    assert Holder().post(rp, "/par", {**params, **signer.form()}).error == "invalid_request"


@sqlite
def test_an_operator_who_turns_it_off_is_heard_at_once(implicit_rp: RelyingParty, world: World) -> None:
    implicit_rp.start(response_type="id_token token", **NO_PKCE)
    implicit_rp.sign_in()
    with world.inside():
        tenants.update(world.tenant, implicit_allowed=False, by=TESTS)
    answer = implicit_rp.allow().answer
    assert answer["error"] == "unsupported_response_type" and "access_token" not in answer
