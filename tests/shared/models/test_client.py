"""The rules about one client: where it may return to, and whether a secret is its own."""

import pytest

from shared.kit import ids
from shared.models.client import Client

REGISTERED = [
    "https://app.example.com/callback",
    "https://app.example.com/with?query=1",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:7000/fixed",
    "http://[::1]/callback",
    "http://localhost:8000/callback",
    "com.example.app:/callback",
]


@pytest.mark.parametrize(
    "uri",
    [
        *REGISTERED,
        # RFC 8252 §7.3: an installed application takes the port that is free.
        "http://127.0.0.1:51562/callback",
        "http://127.0.0.1:7001/fixed",
        "http://[::1]:51562/callback",
    ],
)
def test_registered_addresses_are_allowed(uri: str) -> None:
    assert Client(redirect_uris=REGISTERED).allows_redirect(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback/",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/callback#x",
        "https://app.example.com/callback/../evil",
        "https://app.example.com:443/callback",
        "https://APP.example.com/callback",
        "https://app.example.com.evil.example/callback",
        "https://app.example.com@evil.example/callback",
        "https://evil.example/callback",
        "http://app.example.com/callback",
        "http://127.0.0.1:51562/other",
        "http://127.0.0.1:51562/callback?x=1",
        "http://127.0.0.1:51562@evil.example/callback",
        "http://user@127.0.0.1:51562/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:x/callback",
        "http://127.0.0.2:51562/callback",
        "http://0x7f.1:51562/callback",
        "http://localhost:8001/callback",
        "http://[::1:51562/callback",
        "com.example.app://callback",
        "javascript:alert(1)",
        "",
        "\0",
    ],
)
def test_every_other_address_is_refused(uri: str) -> None:
    assert not Client(redirect_uris=REGISTERED).allows_redirect(uri)


def test_a_secret_is_compared_by_its_fingerprint() -> None:
    client = Client(secret_fingerprint=ids.fingerprint("right"))
    assert client.has_secret("right")
    assert not client.has_secret("wrong")


def test_a_client_without_a_secret_has_no_right_one() -> None:
    assert not Client().has_secret("")
