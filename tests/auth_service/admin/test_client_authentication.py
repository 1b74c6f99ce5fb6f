"""The dashboard's part about how a client proves who it is."""

import json

import pytest
from joserfc.jwk import ECKey

from shared.services import clients
from tests.auth_service.admin.desk import Desk
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

KEY = ECKey.generate_key("P-256", {"kid": "first-key"})
JWKS = json.dumps({"keys": [KEY.as_dict(private=False)]})


def edit(desk: Desk, page: str, **changes: str):
    return desk.press("Update", f"{page}/edit", **changes)


def test_a_client_is_made_to_sign_with_its_own_key(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    shown = edit(
        desk, page, token_endpoint_auth_method="private_key_jwt", jwks=JWKS, token_endpoint_auth_signing_alg="ES256"
    ).text
    assert "Updated." in shown
    assert "private_key_jwt" in shown and "first-key" in shown and "there is no secret" in shown
    assert "Regenerate secret" not in shown
    with world.inside():
        client = world.client(world.web)
        assert (client.jwks, client.token_endpoint_auth_signing_alg) == (json.loads(JWKS), "ES256")
    assert "first-key" in desk.get("/admin/audit").text
    # What is saved again unchanged stays as it is.
    assert "Updated." in edit(desk, page).text
    with world.inside():
        assert world.client(world.web).jwks == json.loads(JWKS)
    assert "Updated." in edit(desk, page, jwks="", jwks_uri="https://rp.example/jwks").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"token_endpoint_auth_method": "private_key_jwt"}, "needs public keys"),
        ({"jwks": json.dumps({"keys": [KEY.as_dict(private=True)]})}, "private or secret key"),
        ({"jwks": "not JSON"}, "not a JWK Set"),
        ({"jwks": '{"keys": [{"kty": "EC", "kid": "\\u0000"}]}'}, "no NUL"),
        ({"jwks": JWKS, "jwks_uri": "https://rp.example/jwks"}, "not both"),
        ({"jwks_uri": "http://rp.example/jwks"}, "an https address"),
        ({"token_endpoint_auth_method": "none"}, "A public client proves nothing"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(
    desk: Desk, world: World, changes: dict[str, str], told: str
) -> None:
    answer = edit(desk, f"/admin/clients/{world.web.id}", **changes)
    assert answer.status_code == 422
    assert told in answer.text
    with world.inside():
        assert world.client(world.web).token_endpoint_auth_method == "client_secret_basic"


def test_a_client_that_signs_with_a_secret_that_is_not_kept_is_told_to_make_a_new_one(desk: Desk, world: World) -> None:
    page = f"/admin/clients/{world.web.id}"
    assert "make a new one" in edit(desk, page, token_endpoint_auth_method="client_secret_jwt").text
    with world.inside():
        clients.rotate_secret(world.client(world.web), by=TESTS)
    assert "make a new one" not in desk.get(page).text


def test_a_public_client_can_be_edited_and_stays_public(desk: Desk, world: World) -> None:
    assert "Updated." in edit(desk, f"/admin/clients/{world.spa.id}", jwks=JWKS).text
    with world.inside():
        assert world.client(world.spa).token_endpoint_auth_method == "none"
        assert world.client(world.spa).jwks
