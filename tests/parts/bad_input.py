"""What strangers send: texts, headers and JWTs that are wrong in every known way."""

import base64
import hmac
import json
import zlib
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from shared.kit import clock
from tests.parts.signing import base64url, segment

MEGABYTE = 1024 * 1024
DEEP = "[" * 30_000
TEXTS = {
    "a NUL": "a\0b",
    "a quote": 'a"b',
    "a backslash": "a\\b",
    "a line break": "a\r\nX-Evil: 1",
    "a letter that is not ASCII": "ä",
    "a separator of lines": "\u2028",
    "a turtle": "🐢",
    "the reverse": "\u202egpj.exe",
    "half of a letter": "\ufffd",
    "markup": "<script>alert(1)</script>",
    "a template": "{{7*7}}${7*7}",
    "a query": "' or 1=1 --",
    "a blank": " ",
    "nothing": "",
    "a long text": "x" * 50_000,
    "ten thousand words": " ".join(f"s{number}" for number in range(9_000)),
    "depth": DEEP,
    "braces": '{"a":' * 5_000,
    "a number": "-1",
    "a large number": "9" * 4_000,
    "not a number": "NaN",
    "a list": '["a"]',
    "a JWT of nothing": "..",
    "an address that is none": "https://[",
    "an address of ours": "http://localhost/",
    "percents": "%00%ff%zz%",
}
BASIC = {
    "nothing": "Basic",
    "a blank": "Basic ",
    "no base64": "Basic !!!!",
    "half a base64": "Basic YQ",
    "no colon": "Basic " + base64.b64encode(b"abc").decode(),
    "only a colon": "Basic " + base64.b64encode(b":").decode(),
    "bytes that are no text": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "a NUL": "Basic " + base64.b64encode(b"a\0:b\0").decode(),
    "an encoded NUL": "Basic " + base64.b64encode(b"%00:%00").decode(),
    "percents": "Basic " + base64.b64encode(b"%zz:%f").decode(),
    "a letter that is not ASCII": "Basic ä",
    "two": "Basic YTpi, Basic YTpi",
    "a long one": "Basic " + base64.b64encode(b"a:" + b"b" * 6_000).decode(),
    "another scheme": "Digest username=a",
    "Bearer": "Bearer x",
    "DPoP": "DPoP x",
    "commas": ",,,,",
    "a quote": '"',
}


def tokens(issuer: str, public_key: ECKey, kid: str) -> dict[str, str]:
    """JWTs that must not be believed: forged headers around claims that would be right, and what is no JWT at all."""
    now = clock.timestamp()
    claims = {"iss": issuer, "sub": "x", "aud": [issuer, f"{issuer}/api"], "azp": "x", "client_id": "x"}
    claims |= {"exp": now + 60, "iat": now, "jti": "x", "scope": "openid", "htm": "POST", "htu": issuer, "nonce": "x"}
    own = ECKey.generate_key("P-256", {"kid": kid})
    embedded = own.as_dict(private=False)

    def signed(header: dict[str, Any], key: ECKey = own) -> str:
        unsigned = f"{segment({'alg': 'ES256', 'kid': kid, 'typ': 'at+jwt', **header})}.{segment(claims)}"
        return f"{unsigned}.{base64url(jws.JWSRegistry.algorithms['ES256'].sign(unsigned.encode(), key))}"

    def shaped(header: Any, body: Any = claims) -> str:
        return f"{segment(header)}.{segment(body)}.{base64url(b'x' * 64)}"

    bomb = zlib.compress(b"\0" * (8 * MEGABYTE), 9)[2:-4]
    encrypted = {"alg": "dir", "enc": "A256GCM", "zip": "DEF"}
    rest = ".".join(base64url(part) for part in (b"k" * 40, b"i" * 12, b"c" * 40, b"t" * 16))
    pbes = {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2s": "c2FsdHNhbHQ", "p2c": 2_000_000_000}
    return {
        "a key of its own": signed({"jwk": embedded}),
        "a key of its own, named by none": signed({"jwk": embedded, "kid": None}),
        "an address of keys": signed({"jku": "https://evil.example/jwks.json"}),
        "an address of a certificate": signed({"x5u": "https://evil.example/cert.pem"}),
        "a certificate": signed({"x5c": ["MIIB"]}),
        "an unknown extension": signed({"crit": ["evil"], "evil": True}),
        "crit that is no list": signed({"crit": "evil"}),
        "b64": signed({"crit": ["b64"], "b64": False}),
        "no algorithm": f"{segment({'alg': 'none', 'kid': kid, 'typ': 'at+jwt'})}.{segment(claims)}.",
        "none in capitals": f"{segment({'alg': 'nOnE', 'kid': kid, 'typ': 'at+jwt'})}.{segment(claims)}.",
        "HMAC under a public key": _hmac(public_key.as_pem(private=False), kid, claims),
        "HMAC under a public key as JSON": _hmac(json.dumps(public_key.as_dict(private=False)).encode(), kid, claims),
        "HMAC under nothing": _hmac(b"", kid, claims),
        "another's signature": signed({}),
        "a kid that is no text": signed({"kid": {"a": []}}),
        "a kid that is a path": signed({"kid": "../../dev/null\0"}),
        "an alg that is no text": shaped({"alg": ["ES256"], "kid": kid}),
        "a list for a header": shaped(["ES256"]),
        "a text for claims": shaped({"alg": "ES256", "kid": kid}, "claims"),
        "numbers beyond numbers": ".".join((segment({"alg": "ES256"}), base64url(b'{"exp":1e999,"iat":NaN}'), "AA")),
        "depth": f"{base64url(DEEP[:7_000].encode())}.{base64url(DEEP[:7_000].encode())}.AA",
        "a zip bomb signed": shaped({"alg": "ES256", "kid": kid, "zip": "DEF"}),
        "a zip bomb encrypted": f"{segment(encrypted)}..{base64url(b'i' * 12)}.{base64url(bomb)}.{base64url(b't' * 16)}",
        "a slow password": f"{segment(pbes)}.{rest}",
        "no base64": "!!!.???.***",
        "four parts": "a.b.c.d",
        "two parts": "a.b",
        "a letter that is not ASCII": "ä.ö.ü",
    }


def _hmac(secret: bytes, kid: str, claims: dict[str, Any]) -> str:
    unsigned = f"{segment({'alg': 'HS256', 'kid': kid, 'typ': 'at+jwt'})}.{segment(claims)}"
    return f"{unsigned}.{base64url(hmac.digest(secret, unsigned.encode(), 'sha256'))}"
