"""Profiles of clients, and the linter over them."""

import re
from typing import Any

import pytest

from shared.kit.errors import Invalid
from shared.models.client import PUBLIC, Client
from shared.services import audit, client_profiles, clients
from tests.parts.signing import new_key
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def register(world: World, profile: str | None = None, **settings: Any) -> Client:
    chosen = {"profile": profile} if profile else {}
    back = {"redirect_uris": ["https://app.example/callback"]}
    return clients.register(world.tenant, name="App", by=TESTS, **back, **chosen, **settings)[0]


def keys_of(alg: str = "ES256") -> dict[str, Any]:
    return {"jwks": {"keys": [new_key(alg).as_dict(private=False)]}}


def departs(client: Client, profile: str) -> set[str]:
    return {finding.setting for finding in client_profiles.departures(client, profile)}


@pytest.mark.parametrize("client_type", ["confidential", "public"])
def test_a_client_as_it_is_made_keeps_to_the_default_profile(inside: World, client_type: str) -> None:
    client = register(inside, client_type=client_type)
    assert (client.profile, client_profiles.lint(client)) == ("oauth21", [])


@pytest.mark.parametrize("profile", list(client_profiles.PROFILES))
def test_a_client_made_with_a_profile_departs_in_nothing_that_can_be_set(inside: World, profile: str) -> None:
    client = register(inside, profile)
    assert {finding.change for finding in client_profiles.lint(client)} <= {None}
    assert client.profile == profile


def test_a_client_with_keys_made_for_fapi2_departs_in_nothing(inside: World) -> None:
    client = register(inside, "fapi2", **keys_of())
    assert client_profiles.lint(client) == []
    assert (client.require_par, client.dpop_bound_access_tokens, client.pkce_required) == (True, True, True)
    assert (client.token_endpoint_auth_method, client.token_endpoint_auth_signing_alg) == ("private_key_jwt", "ES256")
    assert (client.assertion_audience, client.refresh_mode) == ("issuer", "keep")
    assert client.secret_fingerprint is None, "whoever signs has no secret"


@pytest.mark.parametrize(("kind", "alg"), [("ES256", "ES256"), ("RS256", "PS256"), ("EdDSA", "EdDSA")])
def test_the_algorithm_is_that_of_the_registered_keys(inside: World, kind: str, alg: str) -> None:
    assert register(inside, "fapi2", **keys_of(kind)).token_endpoint_auth_signing_alg == alg


def test_what_the_operator_set_is_not_overruled_and_is_found(inside: World) -> None:
    client = register(inside, "fapi2", require_par=False, **keys_of())
    assert not client.require_par
    assert [finding.setting for finding in client_profiles.lint(client)] == ["require_par"]


@pytest.mark.parametrize(
    ("profile", "settings", "found"),
    [
        ("oauth21", {"require_pkce": False}, {"require_pkce"}),
        ("oauth21", {"access_token_seconds": 3601}, {"access_token_seconds"}),
        ("oauth21", {"refresh_token_seconds": 40 * 86400}, {"refresh_token_seconds"}),
        ("oauth21", {"refresh_token_seconds": 40 * 86400, "refresh_idle_seconds": 86400}, set()),
        ("oauth21", {"client_type": PUBLIC, "refresh_mode": "keep"}, {"refresh_mode"}),
        ("oauth21", {"client_type": PUBLIC, "refresh_mode": "keep", "dpop_bound_access_tokens": True}, set()),
        ("oauth21", {"client_type": PUBLIC, "refresh_mode": "grace"}, set()),
        ("oauth21", {"request_object_signing_alg": "none"}, {"request_object_signing_alg"}),
        ("openid", {"require_pkce": False, "id_token_alg": "RS256"}, set()),
        ("openid", {"scopes": ["email"], "id_token_alg": "RS256"}, {"scopes"}),
        ("openid", {"id_token_alg": "ES256"}, {"id_token_alg"}),
        ("mcp", {"client_type": PUBLIC}, set()),
        ("mcp", {"client_type": PUBLIC, "redirect_uris": ["http://127.0.0.1/callback"]}, set()),
        ("mcp", {}, {"token_endpoint_auth_method"}),
        ("mcp", {"client_type": PUBLIC, "grant_types": ["refresh_token"]}, {"grant_types"}),
        ("fapi2", {"redirect_uris": ["http://127.0.0.1/cb"]}, {"redirect_uris"}),
        ("fapi2", {"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"}, set()),
        ("fapi2", {"refresh_mode": "rotate", "assertion_audience": "any"}, {"refresh_mode", "assertion_audience"}),
    ],
)
def test_each_departure_is_found(inside: World, profile: str, settings: dict[str, Any], found: set[str]) -> None:
    signing = keys_of() if profile == "fapi2" else {}
    given = {"redirect_uris": ["https://app.example/callback"], **signing, **settings}
    client, _ = clients.register(inside.tenant, name="App", by=TESTS, profile=profile, **given)
    assert departs(client, profile) == found


def test_a_public_client_for_fapi2_is_told_to_register_anew(inside: World) -> None:
    client = register(inside, client_type=PUBLIC)
    clients.apply_profile(client, "fapi2", by=TESTS)
    left = {finding.setting: finding.change for finding in client_profiles.lint(client)}
    assert left["client_type"] is None and left["token_endpoint_auth_method"] is None


@pytest.mark.parametrize("profile", list(client_profiles.PROFILES))
def test_every_finding_says_what_why_and_how(inside: World, profile: str) -> None:
    every_wrong = {
        "require_pkce": False,
        "access_token_seconds": 86400,
        "refresh_token_seconds": 366 * 86400,
        "request_object_signing_alg": "none",
        "scopes": ["email"],
        "grant_types": ["refresh_token"],
        "access_token_alg": "RS256",
        "refresh_mode": "rotate",
        "redirect_uris": ["http://localhost/cb"],
    }
    client, _ = clients.register(inside.tenant, name="App", by=TESTS, **every_wrong)
    found = client_profiles.departures(client, profile)
    assert found
    for finding in found:
        assert finding.should and finding.mend.endswith(".")
        assert re.search(r"\((RFC \d+|FAPI|OpenID|Model).*\)\.$", finding.why), finding


def test_a_profile_is_applied_in_one_change_and_one_line_of_the_log(inside: World) -> None:
    client = register(inside, **keys_of())
    changed = clients.apply_profile(client, "fapi2", by=TESTS)
    assert client_profiles.lint(changed) == []
    events = audit.search(action="client.updated").items
    assert len(events) == 1
    assert {"profile", "require_par", "dpop_bound_access_tokens"} <= set(events[0].detail)
    clients.apply_profile(changed, "fapi2", by=TESTS)
    assert len(audit.search(action="client.updated").items) == 1, "nothing was left to change"


def test_there_is_no_other_profile(inside: World) -> None:
    with pytest.raises(Invalid):
        clients.apply_profile(register(inside), "fapi1", by=TESTS)


def test_the_linter_asks_no_database(inside: World) -> None:
    client = register(inside)
    loose = Client(**{column.key: getattr(client, column.key) for column in Client.__table__.columns})
    loose.require_pkce = False
    assert [finding.setting for finding in client_profiles.lint(loose)] == ["require_pkce"]
