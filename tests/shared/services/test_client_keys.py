"""What a client may register about how it authenticates (RFC 7591 §2, RFC 7517)."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.kit.errors import Invalid
from shared.services import clients
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

EC = ECKey.generate_key("P-256", {"kid": "ec"})
GOOD = EC.as_dict(private=False)


def registered(world: World, **settings: Any) -> Any:
    client, _ = clients.register(world.tenant, name="Signer", by=TESTS, **settings)
    return client


@pytest.mark.parametrize(
    "key",
    [EC, ECKey.generate_key("P-384"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)],
    ids=["P-256", "P-384", "Ed25519", "RSA"],
)
def test_public_keys_may_be_registered(inside: World, key: Any) -> None:
    public = key.as_dict(private=False)
    assert registered(inside, jwks={"keys": [public]}).jwks == {"keys": [public]}
    assert registered(inside, jwks=json.dumps({"keys": [public]})).jwks == {"keys": [public]}


@pytest.mark.parametrize(
    "jwks",
    [
        {"keys": [EC.as_dict(private=True)]},
        {"keys": [RSAKey.generate_key(2048).as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [GOOD, {**GOOD, "k": "AA"}]},
        {"keys": [RSAKey.generate_key(1024).as_dict(private=False)]},
        {"keys": [{"kty": "RSA", "n": "A" * 3000, "e": "AQAB"}]},
        {"keys": [{**GOOD, "x": "AA"}]},
        {"keys": [{**GOOD, "crv": "P-1"}]},
        {"keys": [{**GOOD, "kid": 1}]},
        {"keys": [{**GOOD, "key_ops": "verify"}]},
        {"keys": [{"kty": "none"}]},
        {"keys": [{}]},
        {"keys": []},
        {"keys": [GOOD] * 21},
        {"keys": [{**GOOD, "x5c": ["A" * 40_000]}]},
        {"keys": GOOD},
        {"keys": [1]},
        {"key": []},
        GOOD,
        "[]",
        "{",
        "keys",
        '{"keys": "\\ud800"}',
        "[" * 5000,
    ],
)
def test_nothing_else_is_a_set_of_keys(inside: World, jwks: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        registered(inside, jwks=jwks)
    assert refusal.value.fields["field"] == "jwks"


@pytest.mark.parametrize(
    "uri",
    ["http://rp.example/jwks", "ftp://x", "https://", "https://a@rp.example/", "https://rp.example/#x", "https://[::1"]
    + ["javascript:1", "https://rp.example/ x", "https://rp.example/ä", "https://rp.example/" + "x" * 2000],
)  # fmt: skip
def test_keys_are_published_at_a_plain_https_address(inside: World, uri: str) -> None:
    with pytest.raises(Invalid, match="https address"):
        registered(inside, jwks_uri=uri)


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("token_endpoint_auth_method", {"token_endpoint_auth_method": "none"}),
        ("token_endpoint_auth_method", {"token_endpoint_auth_method": "tls_client_auth"}),
        ("token_endpoint_auth_method", {"client_type": "public", "token_endpoint_auth_method": "client_secret_basic"}),
        ("jwks", {"token_endpoint_auth_method": "private_key_jwt"}),
        ("jwks_uri", {"jwks": {"keys": [GOOD]}, "jwks_uri": "https://rp.example/jwks"}),
        ("token_endpoint_auth_signing_alg", {"token_endpoint_auth_signing_alg": "none"}),
        ("token_endpoint_auth_signing_alg", {"token_endpoint_auth_signing_alg": "HS512"}),
        (
            "token_endpoint_auth_signing_alg",
            {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "ES256"},
        ),
        (
            "token_endpoint_auth_signing_alg",
            {
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": {"keys": [GOOD]},
                "token_endpoint_auth_signing_alg": "HS256",
            },
        ),
        ("assertion_audience", {"assertion_audience": "nobody"}),
    ],
)
def test_what_does_not_fit_together_is_refused(inside: World, field: str, settings: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        registered(inside, **settings)
    assert refusal.value.fields["field"] == field


def test_a_client_that_signs_with_its_own_key_has_no_secret(inside: World) -> None:
    client, secret = clients.register(
        inside.tenant, name="Signer", token_endpoint_auth_method="private_key_jwt", jwks={"keys": [GOOD]}, by=TESTS
    )
    assert secret is None
    assert client.secret_fingerprint is None


def test_the_secret_that_signs_is_kept_sealed(inside: World) -> None:
    client, secret = clients.register(inside.tenant, name="Signer", token_endpoint_auth_method="client_secret_jwt", by=TESTS)
    assert client.secret_sealed
    assert str(secret) not in client.secret_sealed
    assert clients.sealed_secret(client) == secret
    assert clients.sealed_secret(inside.client(inside.web)) is None
    assert clients.rotate_secret(client, by=TESTS) == clients.sealed_secret(inside.client(client))


def test_a_refused_change_changes_nothing(inside: World) -> None:
    client = inside.client(inside.web)
    with pytest.raises(Invalid):
        clients.update(client, token_endpoint_auth_method="private_key_jwt", by=TESTS)
    assert inside.client(inside.web).token_endpoint_auth_method == "client_secret_basic"
