"""An API that asks for a better or fresher login, and the application that brings it (RFC 9470)."""

import re

import pytest
import requests

import api_service
from shared.web import bearer
from tests.parts.serving import Origin
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


def change_name(rp: RelyingParty, access_token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {access_token}"}
    return rp.http.patch(f"{rp.issuer}/api/me", json={"name": "Ada King"}, headers=headers, timeout=30)


def challenge_of(answer: requests.Response) -> dict[str, str]:
    """What the challenge says, by name."""
    return dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["WWW-Authenticate"]))


def test_an_old_login_is_told_what_to_ask_for_and_then_serves(ours: RelyingParty, world: World) -> None:
    """§3, §4, §5: 401 with max_age, which the application sends to the authorization endpoint."""
    ours.tokens()
    world.later(hours=2)
    old = ours.exchange(ours.start(prompt="none").answer["code"])
    refused = change_name(ours, old.access_token)
    challenge = challenge_of(refused)
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Bearer ")
    assert challenge["error"] == refused.json()["code"] == "insufficient_user_authentication"
    assert (challenge["max_age"], challenge["scope"]) == ("3600", "openid profile")
    assert "acr_values" not in challenge
    assert ours.start(max_age=challenge["max_age"]).path == "/login"
    fresh = ours.exchange(ours.sign_in().answer["code"])
    assert change_name(ours, fresh.access_token).json()["name"] == "Ada King"


def test_a_refresh_does_not_make_a_login_fresh(ours: RelyingParty, world: World) -> None:
    """RFC 9068 §2.2.1: auth_time is that of the login."""
    tokens = ours.tokens()
    assert change_name(ours, tokens.access_token).status_code == 200
    world.later(hours=2)
    again = ours.refresh(tokens.refresh_token)
    assert change_name(ours, again.access_token).status_code == 401


def test_reading_needs_no_fresh_login(ours: RelyingParty, world: World) -> None:
    tokens = ours.tokens()
    world.later(hours=2)
    again = ours.refresh(tokens.refresh_token)
    assert ours.userinfo(again.access_token).status == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_acr_is_asked_for_and_reached(rp: RelyingParty, world: World, origin: Origin) -> None:
    api = api_service.create_app(world.settings)
    origin.show(world.auth, api)
    api.add_url_rule("/api/vault", view_func=bearer.require("openid", acr="1", max_age=300)(lambda: "open"))

    def enter(access_token: str) -> requests.Response:
        return rp.http.get(f"{world.url}/api/vault", headers={"Authorization": f"Bearer {access_token}"}, timeout=30)

    first = rp.tokens()
    assert enter(first.access_token).text == "open", "it was a login"
    session = rp.exchange(rp.start(prompt="none").answer["code"])
    challenge = challenge_of(enter(session.access_token))
    assert (challenge["error"], challenge["acr_values"], challenge["max_age"]) == ("insufficient_user_authentication", "1", "300")
    rp.start(acr_values=challenge["acr_values"], max_age=challenge["max_age"])
    assert enter(rp.exchange(rp.sign_in().answer["code"]).access_token).text == "open"


def test_introspection_tells_how_and_when_the_person_signed_in(rp: RelyingParty) -> None:
    """§6.2."""
    tokens = rp.tokens()
    said = rp.post(rp.metadata["introspection_endpoint"], {"token": tokens.access_token}, rp.basic())
    assert (said.acr, said.auth_time) == ("1", unverified_claims(tokens.id_token)["auth_time"])


def test_discovery_names_the_values(rp: RelyingParty) -> None:
    """§7."""
    assert rp.metadata["acr_values_supported"] == ["0", "1", "2"]
