"""What providers answer, when it lies: ID tokens, token endpoints, userinfo."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from shared.kit import clock
from tests.parts.browsing import Browser
from tests.parts.elsewhere import CLIENT_ID, UNVERIFIED, Elsewhere, come_back, leave, linked, nobody, sign_in
from tests.parts.listening import Logs
from tests.parts.signing import base64url, new_key, segment
from tests.parts.world import World

LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a slash more": {"iss": "/"},
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "an audience that is no text": {"aud": {"a": CLIENT_ID}},
    "two audiences and no azp": {"aud": [CLIENT_ID, "another-client"]},
    "another azp": {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
    "another azp alone": {"azp": "another-client"},
    "an end that is past": {"exp": 1},
    "no end": {"exp": None},
    "an end that is text": {"exp": "9999999999"},
    "a beginning to come": {"iat": 99999999999},
    "no beginning": {"iat": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": ["x"]},
    "another access token": {"at_hash": base64url(b"x" * 16)},
    "no sub": {"sub": None},
    "an empty sub": {"sub": ""},
    "a blank sub": {"sub": " "},
    "a sub that is a list": {"sub": ["somebody-1"]},
    "a sub that is true": {"sub": True},
    "a sub with a NUL": {"sub": "somebody\0"},
    "an endless sub": {"sub": "x" * 300},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_is_wrong_signs_nobody_in(
    world: World, elsewhere: Elsewhere, browser: Browser, logs: Logs, lie: str
) -> None:
    """OpenID Connect Core §3.1.3.7."""
    claims = dict(LIES[lie])
    if claims.get("iss") == "/":
        claims["iss"] = f"{elsewhere.issuer}/"
    page = sign_in(browser, elsewhere, **claims)
    assert page.status == 502 and UNVERIFIED in page.words and nobody(browser), page.words
    assert linked(world) == []
    assert logs.named("provider.failed")[0]["provider"] == "elsewhere" and "a-code" not in logs.text


def test_an_id_token_that_is_signed_wrongly_signs_nobody_in(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """RFC 8725 §3.1, §3.10."""
    own = new_key("ES256")
    public = elsewhere.key.as_pem(private=False)
    claims = {
        "iss": elsewhere.issuer,
        "aud": CLIENT_ID,
        "iat": clock.timestamp(),
        "exp": clock.timestamp() + 300,
        **elsewhere.claims,
    }

    def shared(asked: dict[str, str]) -> str:
        unsigned = f"{segment({'alg': 'HS256', 'kid': elsewhere.key.kid})}.{segment({**claims, 'nonce': asked['nonce']})}"
        return f"{unsigned}.{base64url(hmac.digest(public, unsigned.encode(), 'sha256'))}"

    forged = {
        "another key": lambda asked: elsewhere.id_token(asked, key=own),
        "a key of its own": lambda asked: elsewhere.id_token(asked, key=own, header={"jwk": own.as_dict(private=False)}),
        "an address of keys": lambda asked: elsewhere.id_token(asked, key=own, header={"jku": "https://evil.example/"}),
        "an unknown kid": lambda asked: elsewhere.id_token(asked, key=own, header={"kid": "unknown"}),
        "crit": lambda asked: elsewhere.id_token(asked, header={"crit": ["x"], "x": 1}),
        "the type of an access token": lambda asked: elsewhere.id_token(asked, header={"typ": "at+jwt"}),
        "the type of a logout token": lambda asked: elsewhere.id_token(asked, header={"typ": "logout+jwt"}),
        "none": lambda asked: f"{segment({'alg': 'none'})}.{segment({**claims, 'nonce': asked['nonce']})}.",
        "the public key as a secret": shared,
        "half": lambda asked: elsewhere.id_token(asked).rpartition(".")[0] + ".",
        "nothing": lambda asked: None,
        "no JWT": lambda asked: "x",
        "a megabyte": lambda asked: "x." * 20_000,
        "a number": lambda asked: 1,
    }
    for name, forge in forged.items():
        asked = leave(browser)
        elsewhere.tokens(forge(asked))
        page = come_back(browser, asked)
        assert page.status == 502 and UNVERIFIED in page.words, (name, page.words)
    assert nobody(browser) and linked(world) == []


def test_a_good_at_hash_and_a_known_azp_are_taken(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    half = base64url(hashlib.sha256(b"the-token").digest()[:16])
    elsewhere.tokens(elsewhere.id_token(asked, at_hash=half, aud=[CLIENT_ID, "x"], azp=CLIENT_ID), access_token="the-token")
    assert come_back(browser, asked).path == "/account"


def test_userinfo_that_speaks_of_another_is_not_believed(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    """OpenID Connect Core §5.3.2."""
    elsewhere.json("/userinfo", {"sub": "somebody-2", "email": "ada@example.com", "email_verified": True})
    assert UNVERIFIED in sign_in(browser, elsewhere, email=None).words


ODD_TOKENS: dict[str, Any] = {
    "a list": [],
    "a text": "x",
    "no token": {"access_token": None, "id_token": "x"},
    "a token with a line break": {"access_token": "a\r\nX: y", "token_type": "Bearer"},
    "another type": {"access_token": "a", "token_type": "mac"},
    "a type that is a number": {"access_token": "a", "token_type": 1},
    "an odd life": {"access_token": "a", "token_type": "Bearer", "expires_in": "soon"},
    "depth": None,
}


@pytest.mark.parametrize("odd", ODD_TOKENS)
def test_a_token_endpoint_that_answers_nonsense_signs_nobody_in(
    world: World, elsewhere: Elsewhere, browser: Browser, odd: str
) -> None:
    asked = leave(browser)
    body = b"[" * 30_000 if odd == "depth" else json.dumps(ODD_TOKENS[odd]).encode()
    elsewhere.https.answer("/op/token", body)
    page = come_back(browser, asked)
    assert page.status in (502, 503) and nobody(browser), page.words


def test_a_code_that_the_provider_does_not_take_leads_back(world: World, elsewhere: Elsewhere, browser: Browser) -> None:
    asked = leave(browser)
    elsewhere.json("/token", {"error": "invalid_grant", "error_description": "<script>"}, status=400)
    page = come_back(browser, asked)
    assert page.path == "/login" and "did not let you in" in page.words and "script>" not in page.words
