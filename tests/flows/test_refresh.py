"""Refresh tokens (RFC 6749 §6, RFC 9700 §4.14)."""

from concurrent.futures import ThreadPoolExecutor

from shared.services import password_changes
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


def test_a_refresh_token_buys_new_tokens(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    again = rp.refresh(tokens.refresh_token)
    assert again.status == 200
    assert again.access_token != tokens.access_token
    assert rp.userinfo(again.access_token).status == 200


def test_the_refreshed_id_token_is_of_the_same_login(rp: RelyingParty) -> None:
    """OpenID Connect Core §12.2."""
    tokens = rp.tokens()
    first, second = unverified_claims(tokens.id_token), unverified_claims(rp.refresh(tokens.refresh_token).id_token)
    assert {name: second[name] for name in ("iss", "sub", "aud", "auth_time")} == {
        name: first[name] for name in ("iss", "sub", "aud", "auth_time")
    }
    assert "nonce" not in second
    assert "c_hash" not in second


def test_less_may_be_asked_and_more_may_not(rp: RelyingParty) -> None:
    refresh_token = rp.tokens(scope="openid email offline_access").refresh_token
    assert rp.refresh(refresh_token, scope="openid").scope == "openid"
    assert rp.refresh(refresh_token, scope="openid profile").error == "invalid_scope"
    assert rp.refresh(refresh_token).scope == "openid email offline_access"


def test_a_confidential_client_keeps_its_token(rp: RelyingParty) -> None:
    token = rp.tokens().refresh_token
    assert rp.refresh(token).refresh_token == token
    assert rp.refresh(token).status == 200


def test_a_public_client_gets_a_new_one_each_time(spa: RelyingParty) -> None:
    first = spa.tokens().refresh_token
    second = spa.refresh(first).refresh_token
    assert second != first
    assert spa.refresh(second).status == 200


def test_a_rotated_token_used_again_ends_the_authorization(spa: RelyingParty) -> None:
    first = spa.tokens().refresh_token
    second = spa.refresh(first).refresh_token
    assert spa.refresh(first).error == "invalid_grant"
    assert spa.refresh(second).error == "invalid_grant"


def test_of_many_rotations_at_once_one_succeeds(spa: RelyingParty) -> None:
    token = spa.tokens().refresh_token
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: spa.refresh(token), range(16)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 15


def test_a_refused_refresh_spends_nothing(spa: RelyingParty) -> None:
    token = spa.tokens(scope="openid offline_access").refresh_token
    assert spa.refresh(token, scope="openid email").error == "invalid_scope"
    assert spa.refresh(token).status == 200


def test_a_refresh_token_is_bound_to_its_client(rp: RelyingParty, ours: RelyingParty) -> None:
    token = rp.tokens().refresh_token
    assert ours.refresh(token).error == "invalid_grant"
    assert rp.refresh(token).status == 200


def test_rotation_does_not_lengthen_what_was_granted(spa: RelyingParty, world: World) -> None:
    token = spa.tokens().refresh_token
    world.later(days=29)
    token = spa.refresh(token).refresh_token
    world.later(days=1, seconds=1)
    assert spa.refresh(token).error == "invalid_grant"


def test_a_changed_password_ends_what_was_granted(rp: RelyingParty, world: World) -> None:
    token = rp.tokens().refresh_token
    with world.inside():
        password_changes.change(world.user(world.ada), password="quite another long password", by=TESTS)
    assert rp.refresh(token).error == "invalid_grant"


def test_an_unknown_token_buys_nothing(spa: RelyingParty) -> None:
    assert spa.refresh("never given").error == "invalid_grant"
