"""Back-channel logout: clients are told, by a signed token, that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from auth_service import worker
from shared.services import password_changes
from tests.parts import process
from tests.parts.https import Https
from tests.parts.telling import deliver, elsewhere, end_it, notices, tokens_at
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ONLINE = "openid email"

Listen = Callable[..., str]


def test_a_client_is_told_of_the_end_of_its_session(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    """§2.4 to §2.8."""
    hint = rp.tokens().id_token
    rp.logout(id_token_hint=hint)
    deliver(world)
    (asked,) = https.asked
    assert (asked["method"], asked["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    (token,) = tokens_at(https)
    read = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=["RS256", "ES256"])
    said, of = read.claims, unverified_claims(hint)
    assert read.header["typ"] == "logout+jwt"
    assert read.header["alg"] == "ES256"
    assert set(said) == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}, "and above all no nonce"
    assert (said["iss"], said["sub"], said["sid"]) == (of["iss"], of["sub"], of["sid"])
    assert said["aud"] == rp.application.client_id
    assert said["events"] == {EVENT: {}}
    assert 0 < said["exp"] - said["iat"] <= 120
    (notice,) = notices(world)
    assert (notice.attempts, notice.failed_at, notice.last_error) == (1, None, None)
    assert notice.confirmed_at is not None


def test_it_is_announced(rp: RelyingParty) -> None:
    assert rp.metadata["backchannel_logout_supported"] is True
    assert rp.metadata["backchannel_logout_session_supported"] is True


def test_the_token_is_signed_as_the_clients_id_tokens_are(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    listen(world.web, id_token_alg="RS256", subject_type="pairwise")
    hint = rp.tokens().id_token
    rp.logout(id_token_hint=hint)
    deliver(world)
    (token,) = tokens_at(https)
    read = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=["RS256"])
    assert read.claims["sub"] == unverified_claims(hint)["sub"] != str(world.ada.id)


def test_a_logout_token_is_no_id_token(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    """It names a person and a session, and must open nothing: neither as a hint, nor at the resource server."""
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    (token,) = tokens_at(https)
    rp.tokens()
    assert rp.logout(id_token_hint=token).path == "/logout", "it asks, as without a hint"
    assert rp.browser.get("/account").path == "/account"
    assert rp.userinfo(token).status == 401


@pytest.mark.parametrize("database", ["sqlite"])
def test_only_clients_of_this_session_are_told(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    for application in (world.web, world.spa, world.ours):
        listen(application, f"/{application.client_id}")
    hint = rp.tokens().id_token
    elsewhere(rp, world.ours).tokens()
    RelyingParty(world.url, world.spa, world.ada).tokens()  # in another browser of hers
    RelyingParty(world.url, world.web, world.admin).tokens()
    rp.logout(id_token_hint=hint)
    deliver(world)
    assert {asked["path"] for asked in https.asked} == {f"/{world.web.client_id}", f"/{world.ours.client_id}"}
    (token,) = tokens_at(https, f"/{world.web.client_id}")
    assert unverified_claims(token)["sub"] == str(world.ada.id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_client_without_an_address_is_not_told(rp: RelyingParty, world: World, https: Https) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert (https.asked, notices(world)) == ([], [])


@pytest.mark.parametrize("how", ["one", "every one", "every other one", "a new password", "disabled"])
def test_however_a_session_ends_its_clients_are_told(
    rp: RelyingParty, world: World, https: Https, told_at: str, how: str
) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    end_it(world, how, sid)
    deliver(world)
    assert [unverified_claims(token)["sid"] for token in tokens_at(https)] == [sid]


@pytest.mark.parametrize("database", ["sqlite"])
def test_signing_out_at_our_own_page_tells_them_too(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    rp.tokens()
    rp.browser.get("/logout")
    rp.browser.submit(press="Sign out")
    deliver(world)
    assert len(tokens_at(https)) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_that_is_kept_is_not_told_of(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    with world.inside():
        password_changes.change(world.user(world.ada), password="a wholly new, long one", by=TESTS, except_sid=sid)
    deliver(world)
    assert https.asked == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_proves_again_who_they_are_stays_in_their_session(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    first = unverified_claims(rp.tokens().id_token)
    rp.start(prompt="login")
    old = [cookie.value for cookie in rp.browser.jar if "session" in cookie.name]
    again = unverified_claims(rp.exchange(rp.sign_in().answer["code"]).id_token)
    assert again["sid"] == first["sid"]
    assert again["auth_time"] >= first["auth_time"]
    deliver(world)
    assert https.asked == []
    assert [cookie.value for cookie in rp.browser.jar if "session" in cookie.name] != old, "the cookie is another"
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert len(tokens_at(https)) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_person_at_the_same_browser_ends_the_first_ones_session(
    rp: RelyingParty, world: World, https: Https, told_at: str
) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    eve = world.add_person("eve@example.com")
    rp.start(prompt="login")
    rp.browser.submit(email=eve.email, password=eve.password)
    deliver(world)
    assert [unverified_claims(token)["sid"] for token in tokens_at(https)] == [sid]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_that_lasted_for_weeks_is_told_of(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    hint = rp.tokens(scope=ONLINE).id_token
    for _ in range(2):
        world.later(days=13)
        rp.browser.get("/account")
        with world.inside():
            worker.purge()
    rp.logout(id_token_hint=hint)
    deliver(world)
    assert len(tokens_at(https)) == 1


def test_what_was_granted_for_the_time_of_the_session_ends_with_it(rp: RelyingParty, world: World) -> None:
    """§2.7: offline_access outlives it, nothing else does."""
    online, offline = rp.tokens(scope=ONLINE), elsewhere(rp, world.spa).tokens()
    assert [rp.userinfo(each.access_token).status for each in (online, offline)] == [200, 200]
    rp.logout(id_token_hint=online.id_token)
    process.until(lambda: rp.userinfo(online.access_token).status == 401, seconds=2, what="the end of the access token")
    assert rp.userinfo(offline.access_token).status == 200
    assert elsewhere(rp, world.spa).refresh(offline.refresh_token).status == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_each_session_is_told_of_once(rp: RelyingParty, world: World, https: Https, told_at: str) -> None:
    rp.tokens()
    rp.tokens(prompt="consent")
    for _ in range(2):
        end_it(world, "every one", "")
    deliver(world)
    assert len(tokens_at(https)) == 1
