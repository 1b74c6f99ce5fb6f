"""Clients that have tokens without a code: what the tests of the implicit flow share (OpenID Connect Core §3.2)."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from shared.services import clients, tenants
from tests.parts.browsing import Page
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, unverified_header

BOTH = ["code", "id_token", "id_token token"]
KINDS = pytest.mark.parametrize("kind", ["id_token", "id_token token"])
GRANTS = ["authorization_code", "implicit"]
NO_PKCE = {"code_challenge": None, "code_challenge_method": None}


def allow(world: World, *applications: Application, **more: Any) -> None:
    """Let the tenant have the flow, and these applications use it."""
    with world.inside():
        tenants.update(world.tenant, implicit_allowed=True, by=TESTS)
        for each in applications:
            clients.update(world.client(each), by=TESTS, **{"profile": "openid", "response_types": BOTH, **more})


def asks(rp: RelyingParty, kind: str = "id_token token", **more: Any) -> dict[str, str]:
    """What comes back behind the #, once the person has signed in and allowed it; nothing of it stands elsewhere."""
    return behind(rp.walk(response_type=kind, **{**NO_PKCE, **more}))


def behind(page: Page) -> dict[str, str]:
    assert page.left_to is not None, page.words
    parts = urlsplit(page.left_to)
    assert not parts.query, page.left_to
    return dict(parse_qsl(parts.fragment, strict_parsing=True))


def verified(rp: RelyingParty, token: str) -> dict[str, Any]:
    """What an ID token says, signed by its issuer (Core §3.2.2.11)."""
    found = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=[unverified_header(token)["alg"]])
    assert (found.claims["iss"], found.claims["aud"]) == (rp.issuer, [rp.application.client_id])
    assert found.claims["nonce"] == rp.asked.nonce
    return found.claims
