"""Bad input to dynamic registration: JSON of any shape has the right error (RFC 7591 §3.2.2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from auth_service.protocol.client_metadata import FIELDS
from tests.parts.bad_input import DEEP, MEGABYTE, TEXTS
from tests.parts.registering import let
from tests.parts.spoiling import DESCRIPTION, FORM, Asker
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

GOOD = {"redirect_uris": ["https://app.example/callback"]}
VALUES = (
    *(True, False, 0, -1, 1e300, 2**63, [], {}, [None], [[]], [{}], {"": {}}, ["a", 1], [["a"] * 50] * 50),
    *(["x" * 3_000], ["ä"], ['"'], ["a"] * 5_000, {"keys": [{}]}, {"keys": [{"kty": "oct", "k": "AA"}]}, {"keys": [1]}),
    *({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}, {"keys": [{"kty": "EC", "crv": "P-256", "x": "A", "y": "A"}]}),
)
ADDRESSES = (
    "http://app.example/callback",
    "https://app.example/callback#fragment",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "//app.example",
    "https://",
    "https://[",
    "https://user@app.example/",
    "https://app.example\\@evil.example/",
    "https://app.example/\r\nX-Evil: 1",
    "https://app.example/ä",
    "ftp://app.example/",
    "vbscript:x",
    "blob:https://app.example/x",
    "callback",
)

Register = Callable[..., TestResponse]


@pytest.fixture
def register(world: World) -> Register:
    """Post this to the registration endpoint, which is open; as often as the test likes."""
    let(world)
    asker = Asker(world)

    def post(body: Any, kind: str = "application/json") -> TestResponse:
        world.valkey.client.flushall()
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        return asker.post("/register", sent, headers={}, kind=kind)

    return post


def refused(answer: TestResponse) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json is not None
    assert answer.json["error"] in ("invalid_client_metadata", "invalid_redirect_uri", "invalid_software_statement")
    assert DESCRIPTION.fullmatch(answer.json["error_description"]), answer.text


def test_what_is_no_json_object_is_refused(register: Register) -> None:
    for body in (
        "",
        "null",
        "[]",
        "1",
        '"a"',
        "{",
        DEEP,
        '{"a":' * 9_000,
        b"\xff\xfe",
        "{'a': 1}",
        "NaN",
        '{"redirect_uris": NaN}',
    ):
        refused(register(body))
    for kind in (FORM, "text/plain", "", "application/jwt"):
        refused(register(GOOD, kind))


def test_what_is_too_large_is_refused(register: Register) -> None:
    answer = register({**GOOD, "client_name": "x" * MEGABYTE})
    assert answer.status_code == 413 and answer.json is not None and answer.json["error"] == "invalid_request"


def test_every_field_may_hold_anything(register: Register) -> None:
    for field in FIELDS:
        for value in (*VALUES, *(text[:5_000] for text in TEXTS.values())):
            answer = register({**GOOD, field.name: value})
            if answer.status_code != 201:
                refused(answer)


def test_no_address_is_registered_that_should_not_be(register: Register) -> None:
    """RFC 7591 §5, RFC 9700 §2.1; OpenID Connect Registration 1.0 §2."""
    for address in ADDRESSES:
        refused(register({"redirect_uris": [address]}))
        for field in FIELDS:
            if field.name.endswith("_uri"):
                answer = register({**GOOD, field.name: address})
                assert answer.status_code == 400 or address not in answer.json.values(), (field.name, address)
