"""Client authentication and the manners of the token endpoint (RFC 6749 §2.3, §3.2, §5.2)."""

import base64
import json

import pytest
import requests

from shared.services import clients
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, reply_of

# Clients are read alike from both databases: test_authorization_code.py asks both.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

GRANT = {"grant_type": "refresh_token", "refresh_token": "unknown"}


def basic(text: str | bytes) -> dict[str, str]:
    raw = text.encode() if isinstance(text, str) else text
    return {"Authorization": "Basic " + base64.b64encode(raw).decode()}


def ask(rp: RelyingParty, fields: dict[str, str] | None = None, **headers: str) -> Reply:
    return rp.post(f"{rp.issuer}/token", GRANT if fields is None else fields, headers)


def known(reply: Reply) -> None:
    """The client was believed: what is wrong is the grant alone."""
    assert (reply.status, reply.error) == (400, "invalid_grant")


def refused(reply: Reply) -> None:
    assert (reply.status, reply.error) == (401, "invalid_client")
    assert reply.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.json["error_description"] == "Client authentication failed."


def invalid(reply: Reply) -> None:
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "WWW-Authenticate" not in reply.headers


def test_the_secret_comes_in_the_header(rp: RelyingParty) -> None:
    known(ask(rp, **rp.basic()))


def test_the_secret_comes_in_the_body(rp: RelyingParty) -> None:
    known(ask(rp, {**GRANT, "client_id": rp.application.client_id, "client_secret": rp.application.client_secret or ""}))


def test_a_public_client_names_itself(spa: RelyingParty) -> None:
    known(ask(spa, {**GRANT, "client_id": spa.application.client_id}))
    known(ask(spa, **basic(f"{spa.application.client_id}:")))


def test_each_half_of_the_header_is_form_encoded_first(rp: RelyingParty, world: World) -> None:
    """RFC 6749 §2.3.1. An imported client may have an id that encoding changes."""
    with world.inside():
        client, secret = clients.register(world.tenant, name="Imported", client_id="shop:of one+two ä", by=TESTS)
    known(ask(rp, **basic(f"shop%3Aof+one%2Btwo+%C3%A4:{secret}")))
    refused(ask(rp, **basic(f"shop:of one+two ä:{secret}")))
    assert client.client_id == "shop:of one+two ä"


def test_the_scheme_may_be_written_in_any_case(rp: RelyingParty) -> None:
    value = rp.basic()["Authorization"].removeprefix("Basic ")
    for scheme in ("basic", "BASIC", "Basic  "):
        known(ask(rp, Authorization=f"{scheme} {value}"))


def test_the_client_id_may_stand_beside_the_header_when_it_is_the_same(rp: RelyingParty) -> None:
    known(ask(rp, {**GRANT, "client_id": rp.application.client_id}, **rp.basic()))


def test_two_authentications_at_once_are_refused(rp: RelyingParty, spa: RelyingParty) -> None:
    """RFC 6749 §2.3: one method in each request."""
    secret = rp.application.client_secret or ""
    invalid(ask(rp, {**GRANT, "client_id": rp.application.client_id, "client_secret": secret}, **rp.basic()))
    invalid(ask(rp, {**GRANT, "client_secret": secret}, **rp.basic()))
    invalid(ask(rp, {**GRANT, "client_id": spa.application.client_id}, **rp.basic()))


def test_what_does_not_prove_the_client_is_refused_in_the_same_words(rp: RelyingParty, spa: RelyingParty) -> None:
    client_id, secret = rp.application.client_id, rp.application.client_secret or ""
    for headers in (
        basic(f"{client_id}:wrong"),
        basic(f"{client_id}:"),
        basic(f"{client_id}:{secret} "),
        basic(f"{client_id}:{secret}x"),
        basic(f"nobody:{secret}"),
        basic(f":{secret}"),
        basic(client_id),
        basic(f"{spa.application.client_id}:{secret}"),
        basic(f"{client_id}:\0"),
        basic(f"{client_id}\0:{secret}"),
        basic(b"\xff\xfe:\xff"),
        basic(f"ä:{secret}"),
        basic('":"'),
        basic("%:%"),
        basic("x" * 5000),
        {"Authorization": "Basic"},
        {"Authorization": "Basic "},
        {"Authorization": "Basic !!!!"},
        {"Authorization": "Basic YTpi="},
        {"Authorization": "Basic \u00e4"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Negotiate x"},
        {"Authorization": "x"},
    ):
        refused(ask(rp, **{name: value.encode("latin-1") for name, value in headers.items()}))
    for fields in (
        {},
        {"client_id": client_id},
        {"client_id": client_id, "client_secret": ""},
        {"client_id": client_id, "client_secret": "wrong"},
        {"client_id": "nobody", "client_secret": secret},
        {"client_id": "nobody"},
        {"client_secret": secret},
        {"client_id": spa.application.client_id, "client_secret": secret},
        {"client_id": "ä" * 100, "client_secret": "ä"},
    ):
        refused(ask(rp, {**GRANT, **fields}))


def test_an_old_secret_is_refused_once_there_is_a_new_one(rp: RelyingParty, world: World) -> None:
    with world.inside():
        secret = clients.rotate_secret(world.client(world.web), by=TESTS)
    refused(ask(rp, **rp.basic()))
    known(ask(rp, **rp.basic(secret)))


def test_a_deleted_client_is_refused(rp: RelyingParty, world: World) -> None:
    with world.inside():
        clients.delete(world.client(world.web), by=TESTS)
    refused(ask(rp, **rp.basic()))


def test_a_form_is_asked_for_and_nothing_else(rp: RelyingParty) -> None:
    """RFC 6749 Appendix B."""
    for kind, body in (
        ("application/json", json.dumps(GRANT)),
        ("text/plain", "grant_type=refresh_token"),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n--x--'),
        ("", "grant_type=refresh_token"),
    ):
        answer = rp.http.post(f"{rp.issuer}/token", data=body, headers={**rp.basic(), "Content-Type": kind}, timeout=30)
        invalid(reply_of(answer))


def test_nothing_may_come_in_the_address(rp: RelyingParty) -> None:
    """RFC 6749 §2.3.1: an address is written into logs."""
    client_id, secret = rp.application.client_id, rp.application.client_secret
    for query in ("grant_type=refresh_token", f"client_id={client_id}&client_secret={secret}", "x"):
        invalid(rp.post(f"{rp.issuer}/token?{query}", GRANT, rp.basic()))


@pytest.mark.parametrize("name", ["grant_type", "refresh_token", "client_id", "client_secret", "scope", "unknown"])
def test_a_repeated_parameter_is_refused(rp: RelyingParty, name: str) -> None:
    """RFC 6749 §3.2."""
    fields = [*GRANT.items(), (name, "a"), (name, "a")]
    answer = requests.post(f"{rp.issuer}/token", data=fields, headers=rp.basic(), timeout=30)
    invalid(reply_of(answer))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_a_post_is_taken(rp: RelyingParty, method: str) -> None:
    """RFC 6749 §3.2."""
    answer = requests.request(method, f"{rp.issuer}/token", headers=rp.basic(), timeout=30)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'x"\\ä\n'}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "unknown"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "a\0b"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "ä" * 3000}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 9000}, "invalid_request"),
    ],
)
def test_what_is_wrong_has_its_code(rp: RelyingParty, fields: dict[str, str], error: str) -> None:
    reply = ask(rp, fields, **rp.basic())
    assert (reply.status, reply.error) == (400, error)
    assert set(reply.json) <= {"error", "error_description", "error_uri"}
    assert reply.json["error_description"].isascii()
    assert not set('"\\') & set(reply.json["error_description"])
    assert (reply.headers["Cache-Control"], reply.headers["Pragma"]) == ("no-store", "no-cache")
    assert reply.headers["Content-Type"] == "application/json"


def test_a_grant_that_the_client_may_not_use_is_refused(rp: RelyingParty, world: World) -> None:
    with world.inside():
        clients.update(world.client(world.web), grant_types=["authorization_code"], by=TESTS)
    assert ask(rp, **rp.basic()).error == "unauthorized_client"


def test_too_large_a_body_is_refused(rp: RelyingParty) -> None:
    reply = ask(rp, {**GRANT, "padding": "x" * 70_000}, **rp.basic())
    assert reply.status == 413


def test_a_browser_application_may_call_from_another_site(spa: RelyingParty) -> None:
    preflight = requests.options(
        f"{spa.issuer}/token",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-requested-with",
        },
        timeout=30,
    )
    assert preflight.ok
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    reply = ask(spa, {**GRANT, "client_id": spa.application.client_id}, Origin="https://app.example")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
