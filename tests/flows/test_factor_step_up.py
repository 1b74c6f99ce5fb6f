"""A second factor that a client or a request asks for, whatever the tenant demands (acr 2)."""

import pytest

from tests.parts.factoring import App, Equipped, demand, equip, secret_on
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def ada(world: World) -> Equipped:
    """Ada with an authenticator app."""
    return equip(world, world.ada)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_client_may_ask_for_a_second_factor_where_the_tenant_does_not(rp: RelyingParty, world: World, ada: Equipped) -> None:
    demand(world, second_factor="never")
    strict = RelyingParty(world.url, world.add_application("Bank", require_second_factor=True), world.ada, rp.browser)
    assert rp.tokens().status == 200
    assert strict.start(prompt="none").answer["error"] == "interaction_required"
    assert strict.start().path == "/factor/totp"
    assert strict.browser.submit(code=ada.app.code()).path == "/consent"
    assert strict.allow().answer["code"]
    assert rp.start(prompt="none").answer["code"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_acr_is_reached_by_a_second_factor(rp: RelyingParty, world: World) -> None:
    rp.tokens()
    assert rp.start(acr_values="2", prompt="none").answer["error"] == "interaction_required"
    assert rp.start(acr_values="2").path == "/factor/new"
    app = App(secret_on(rp.browser.follow("add-totp")))
    rp.browser.submit(code=app.code())
    answer = rp.browser.follow("onward").answer
    assert unverified_claims(rp.exchange(answer["code"]).id_token)["acr"] == "2"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_tenant_without_a_second_factor_cannot_reach_the_acr(rp: RelyingParty, world: World) -> None:
    demand(world, factors=["password"])
    world.later(seconds=3)
    assert rp.http.get(f"{world.url}/.well-known/openid-configuration", timeout=30).json()["acr_values_supported"] == ["0", "1"]
    essential = '{"id_token": {"acr": {"essential": true, "values": ["2"]}}}'
    assert rp.start(claims=essential).answer["error"] == "unmet_authentication_requirements"
    strict = RelyingParty(world.url, world.add_application("Bank", require_second_factor=True), world.ada)
    assert strict.start().answer["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize("database", ["sqlite"])
def test_prompt_login_asks_for_both_again(rp: RelyingParty, ada: Equipped, world: World) -> None:
    rp.start()
    rp.sign_in()
    rp.browser.submit(code=ada.app.code())
    rp.allow()
    world.later(seconds=60)
    assert rp.start(prompt="login").path == "/login"
    assert rp.sign_in().path == "/factor/totp"
    assert rp.browser.submit(code=ada.app.code()).answer["code"]
