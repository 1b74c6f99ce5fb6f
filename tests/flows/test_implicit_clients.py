"""Clients that register tokens without a code, or are given them (OpenID Connect Registration 1.0 §2, RFC 7591 §2.1)."""

from typing import Any

import pytest

from shared.kit.errors import Invalid
from shared.services import client_profiles, clients
from tests.parts.implicit import BOTH, GRANTS, asks, verified
from tests.parts.registering import call, let, party, refused, register
from tests.parts.signers import sqlite
from tests.parts.world import TESTS, World
from tests.relying_party import Reply


@sqlite
@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        (["id_token"], ["id_token"]),
        (["token id_token"], ["id_token token"]),
        (["id_token token", "id_token"], ["id_token", "id_token token"]),
    ],
)
def test_a_client_registers_it(world: World, asked: list[str], kinds: list[str]) -> None:
    """RFC 7591 §2, §2.1; OpenID Connect Registration 1.0 §2."""
    let(world, implicit_allowed=True)
    registered = register(world, response_types=asked, grant_types=["implicit"])
    rp = party(world, registered)
    assert (registered.response_types, registered.grant_types) == (kinds, ["implicit"])
    assert verified(rp, asks(rp, asked[0])["id_token"])["sub"] == str(world.ada.id)
    assert rp.start().answer["error"] == "unauthorized_client", "it registered no code"


@sqlite
def test_who_registers_every_flow_gets_those_that_there_are(world: World) -> None:
    flows = [*BOTH, "code id_token", "code token", "code id_token token"]
    let(world, implicit_allowed=True)
    registered = register(world, response_types=flows, grant_types=[*GRANTS, "refresh_token"])
    assert (registered.response_types, {*registered.grant_types}) == (BOTH, {*GRANTS, "refresh_token"})
    shown: Reply = call("GET", registered.registration_client_uri, registered.registration_access_token)
    assert (shown.response_types, shown.grant_types) == (registered.response_types, registered.grant_types)


@sqlite
@pytest.mark.parametrize(
    ("kinds", "grants", "left"),
    [
        (["code", "id_token"], ["authorization_code"], (["code"], ["authorization_code"])),
        (["id_token"], GRANTS, (["id_token"], ["implicit"])),
        (["code"], GRANTS, (["code"], ["authorization_code"])),
        (None, GRANTS, (["code"], ["authorization_code"])),
    ],
)
def test_flows_and_grants_go_together(world: World, kinds: list[str] | None, grants: list[str], left: tuple[Any, Any]) -> None:
    """RFC 7591 §2.1: what has no counterpart is left out, and the answer says so."""
    let(world, implicit_allowed=True)
    registered = register(world, response_types=kinds, grant_types=grants)
    assert (registered.response_types, registered.grant_types) == left


@sqlite
@pytest.mark.parametrize(
    "metadata",
    [
        {"response_types": ["id_token"]},
        {"response_types": ["id_token"], "grant_types": ["authorization_code"]},
        {"response_types": ["code"], "grant_types": ["implicit"]},
        {"grant_types": ["implicit"]},
        {"response_types": ["code id_token"], "grant_types": GRANTS},
    ],
)
def test_what_does_not_go_together_at_all_is_refused(world: World, metadata: dict[str, Any]) -> None:
    let(world, implicit_allowed=True)
    refused(register(world, **metadata))


@sqlite
def test_where_it_is_off_nobody_registers_it(world: World) -> None:
    let(world)
    refused(register(world, response_types=["id_token"], grant_types=["implicit"]))
    registered = register(world, response_types=BOTH, grant_types=GRANTS)
    assert (registered.response_types, registered.grant_types) == (["code"], ["authorization_code"])


@sqlite
def test_it_needs_an_address_to_return_to(world: World) -> None:
    let(world, implicit_allowed=True)
    refused(register(world, response_types=["id_token"], grant_types=["implicit"], redirect_uris=None), "invalid_redirect_uri")


@sqlite
def test_the_settings_keep_it_to_one_profile(world: World) -> None:
    """And a profile that is applied takes it away; the linter names it in each."""
    with world.inside():
        row = world.client(world.web)
        for profile in ("oauth21", "fapi2", "mcp"):
            with pytest.raises(Invalid, match="profile openid"):
                clients.update(row, profile=profile, response_types=["token id_token"], by=TESTS)
        row = clients.update(row, profile="openid", response_types=["token id_token"], by=TESTS)
        assert row.response_types == ["id_token token"]
        for profile in client_profiles.PROFILES:
            [found] = [each for each in client_profiles.departures(row, profile) if each.setting == "response_types"]
            assert (found.change, "RFC 9700 §2.1.2" in found.why) == (["code"], True)
        assert clients.apply_profile(row, "oauth21", by=TESTS).response_types == ["code"]
        assert clients.update(row, response_types=[], by=TESTS).response_types == ["code"]
        with pytest.raises(Invalid):
            clients.update(row, response_types=["token"], by=TESTS)
