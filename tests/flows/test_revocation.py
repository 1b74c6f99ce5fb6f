"""Ending what was granted, and asking whether it still stands (RFC 7009, RFC 7662)."""

import time

import pytest

from shared.services import clients, password_changes, users
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply


def revoke(rp: RelyingParty, token: str, **params: str) -> Reply:
    headers = rp.basic() if rp.application.client_secret else {}
    named = {} if rp.application.client_secret else {"client_id": rp.application.client_id}
    return rp.post(rp.metadata["revocation_endpoint"], {"token": token, **named, **params}, headers)


def introspect(rp: RelyingParty, token: str, headers: dict[str, str] | None = None) -> Reply:
    return rp.post(rp.metadata["introspection_endpoint"], {"token": token}, rp.basic() if headers is None else headers)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_revoked_token_is_refused_everywhere_within_a_second(rp: RelyingParty, world: World, kind: str) -> None:
    tokens = rp.tokens()
    assert rp.userinfo(tokens.access_token).status == 200
    assert revoke(rp, tokens.json[kind]).status == 200
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
    for token in (tokens.access_token, tokens.refresh_token):
        assert introspect(rp, token).json == {"active": False}
    world.valkey.client.flushall()
    refused_within_a_second(rp, tokens.access_token)


def refused_within_a_second(rp: RelyingParty, access_token: str) -> None:
    deadline = time.monotonic() + 1
    while rp.userinfo(access_token).status == 200:
        assert time.monotonic() < deadline, "still believed after a second"
    refused = rp.userinfo(access_token)
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_a_public_client_revokes_by_name(spa: RelyingParty) -> None:
    tokens = spa.tokens()
    assert revoke(spa, tokens.refresh_token, token_type_hint="refresh_token").status == 200
    assert spa.refresh(tokens.refresh_token).error == "invalid_grant"


def test_another_client_revokes_nothing_and_learns_nothing(rp: RelyingParty, ours: RelyingParty) -> None:
    tokens = rp.tokens()
    for token in (tokens.access_token, tokens.refresh_token):
        assert (revoke(ours, token).status, introspect(ours, token).json) == (200, {"active": False})
    assert rp.refresh(tokens.refresh_token).status == 200


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "ä", '"', "x" * 9000, "\0"])
def test_an_unknown_token_is_no_error(rp: RelyingParty, token: str) -> None:
    """RFC 7009 §2.2."""
    if token in ("x" * 9000, "\0"):
        assert revoke(rp, token).error == "invalid_request"
        return
    assert revoke(rp, token).status == 200
    assert introspect(rp, token).json == {"active": False}


def test_introspection_says_what_the_token_says(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    access = introspect(rp, tokens.access_token)
    assert (access.active, access.client_id, access.scope) == (True, rp.application.client_id, tokens.scope)
    assert (access.iss, access.token_type) == (rp.issuer, "Bearer")
    assert access.headers["Cache-Control"] == "no-store"
    refresh = introspect(rp, tokens.refresh_token)
    assert (refresh.active, refresh.sub) == (True, access.sub)
    assert introspect(rp, tokens.id_token).json == {"active": False}, "an ID token is no token to act with"


def test_an_expired_token_is_not_active(rp: RelyingParty, world: World) -> None:
    token = rp.tokens().access_token
    world.later(minutes=11)
    assert introspect(rp, token).json == {"active": False}


def test_only_who_proves_itself_may_ask(rp: RelyingParty, spa: RelyingParty) -> None:
    token = rp.tokens().access_token
    assert introspect(rp, token, headers=rp.basic("wrong")).status == 401
    public = spa.post(spa.metadata["introspection_endpoint"], {"token": token, "client_id": spa.application.client_id}, {})
    assert (public.status, public.error) == (401, "invalid_client")


@pytest.mark.parametrize("end", ["disable the person", "change the password", "delete the client"])
def test_what_ends_a_grant_ends_its_access_tokens(rp: RelyingParty, world: World, end: str) -> None:
    token = rp.tokens().access_token
    assert rp.userinfo(token).status == 200
    with world.inside():
        match end:
            case "disable the person":
                users.disable(world.user(world.ada), by=TESTS)
            case "change the password":
                password_changes.change(world.user(world.ada), password="quite another long password", by=TESTS)
            case "delete the client":
                clients.delete(world.client(world.web), by=TESTS)
    refused_within_a_second(rp, token)


def test_withdrawn_consent_ends_what_the_application_holds(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    rp.browser.get("/account/applications")
    rp.browser.follow("Withdraw access") if "Withdraw access" in rp.browser.page.links else None
    rp.browser.submit(press="Withdraw")
    refused_within_a_second(rp, tokens.access_token)
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
