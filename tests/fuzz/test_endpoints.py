"""Whatever comes in, the answer is ours: never a 500, never a redirect to an address that nobody registered.

The same examples come in every run: tests/conftest.py says so to hypothesis.
"""

from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.models import device
from shared.services import clients
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, challenge

# What cannot be parsed is refused before it reaches a database; NUL, which PostgreSQL refuses, is asked of both elsewhere.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

# One world for all examples of a test: none of them changes it.
quick = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])

NASTY = st.sampled_from(
    ["", " ", "\0", "\r\nX-Evil: 1", '"', "'", "\\", "%", "%00", "%zz", "&", "=", "#", "+", "ä", "\u2028", "\ud7ff", "🐢"]
    + ["' or 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "../../etc/passwd", "x" * 9000, "ä" * 3000, "[" * 200]
    + ["//[", "//\u2100", "http://[", "urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:\0x", "-1", "1e9"]
)
TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
AUTHORIZE = (
    "response_type client_id redirect_uri scope state nonce code_challenge code_challenge_method prompt max_age login_hint "
    "response_mode request request_uri registration ui_locales acr_values claims id_token_hint display"
).split()
TOKEN = "grant_type code redirect_uri code_verifier client_id client_secret refresh_token scope resource audience".split()
LOGOUT = "id_token_hint client_id post_logout_redirect_uri redirect_uri state logout_hint ui_locales confirmed csrf_token".split()


def some_of(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.one_of(st.sampled_from(names), TEXT), TEXT, max_size=6)


def get(world: World, path: str, params: dict[str, str]) -> None:
    _check(world, world.auth.test_client().get(f"{path}?{_query(params)}", base_url=world.url))


def post(world: World, path: str, params: dict[str, str], **headers: str) -> None:
    kind = "application/x-www-form-urlencoded"
    client = world.auth.test_client()
    _check(world, client.post(path, data=_query(params), content_type=kind, base_url=world.url, headers=headers))


def _query(params: dict[str, str]) -> str:
    return urlencode(params)


def _check(world: World, answer: object) -> None:
    assert answer.status_code < 500, answer.text
    assert "X-Evil" not in answer.headers
    there = urlsplit(answer.headers.get("Location", ""))
    assert there.netloc in ("", urlsplit(world.url).netloc, urlsplit(world.web.redirect_uri).netloc), there
    assert "<script>alert(1)</script>" not in answer.text


@quick
@given(params=some_of(AUTHORIZE))
def test_authorize_takes_anything(world: World, params: dict[str, str]) -> None:
    get(world, "/authorize", params)
    post(world, "/authorize", params)


@quick
@given(params=some_of(AUTHORIZE))
def test_a_request_that_was_right_may_have_anything_in_it(world: World, params: dict[str, str]) -> None:
    right = {
        "response_type": "code",
        "client_id": world.web.client_id,
        "redirect_uri": world.web.redirect_uri,
        "scope": "openid",
        "code_challenge": challenge("x" * 43),
        "code_challenge_method": "S256",
    }
    spoilt = {**right, **{name: value for name, value in params.items() if name not in ("client_id", "redirect_uri")}}
    get(world, "/authorize", spoilt)
    post(world, "/authorize", spoilt)


@quick
@given(params=some_of(TOKEN), grant=st.sampled_from(["authorization_code", "refresh_token", ""]))
def test_the_token_endpoint_takes_anything(world: World, params: dict[str, str], grant: str) -> None:
    proof = RelyingParty(world.url, world.web, world.ada).basic()
    post(world, "/token", params)
    post(world, "/token", {"grant_type": grant, **params}, **proof)


@quick
@given(params=some_of([*TOKEN, "device_code", "user_code"]), typed=TEXT)
def test_the_device_flow_takes_anything(world: World, params: dict[str, str], typed: str) -> None:
    with world.inside():
        clients.update(world.client(world.web), grant_types=[device.GRANT_TYPE], by=TESTS)
    proof = RelyingParty(world.url, world.web, world.ada).basic()
    post(world, "/device_authorization", params, **proof)
    post(world, "/token", {"grant_type": device.GRANT_TYPE, "device_code": typed, **params}, **proof)
    get(world, "/device", {"user_code": typed})


@quick
@given(
    header=st.one_of(TEXT, TEXT.map(lambda text: f"Basic {text}"), st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
)
def test_the_authorization_header_may_be_anything(world: World, header: str) -> None:
    sendable = header.encode("latin-1", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
    post(world, "/token", {"grant_type": "refresh_token", "refresh_token": "x"}, Authorization=sendable)


@quick
@given(params=some_of(LOGOUT))
def test_logout_takes_anything(world: World, params: dict[str, str]) -> None:
    get(world, "/logout", params)
    post(world, "/logout", params)


@quick
@given(email=TEXT, password=TEXT, name=TEXT, arrived=TEXT)
def test_the_forms_take_anything(world: World, email: str, password: str, name: str, arrived: str) -> None:
    world.valkey.client.flushall()
    for path in ("/login", "/signup"):
        client = world.auth.test_client()
        address = f"{path}?{_query({'next': arrived, 'request_uri': arrived, 'client_id': arrived})}"
        token = client.get(path, base_url=world.url).text.split('name="csrf_token" value="')[1].split('"')[0]
        fields = {"csrf_token": token, "email": email, "password": password, "name": name}
        _check(world, client.get(address, base_url=world.url))
        _check(world, client.post(address, data=fields, base_url=world.url))


@quick
@given(cookie=TEXT)
def test_the_cookies_may_be_anything(world: World, cookie: str) -> None:
    client = world.auth.test_client()
    sendable = cookie.encode("latin-1", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
    told = f"bailiwick-session-default={sendable}; bailiwick-browser={sendable}; {sendable}"
    for path in ("/login", "/account", "/authorize", "/logout", "/admin/clients"):
        _check(world, client.get(path, base_url=world.url, headers={"Cookie": told}))


@quick
@given(path=TEXT, query=TEXT)
def test_an_address_may_be_anything(world: World, path: str, query: str) -> None:
    client = world.auth.test_client()
    environ = {"PATH_INFO": "/" + path.encode().decode("latin-1"), "QUERY_STRING": query.encode().decode("latin-1")}
    for prefix in ("", "/t", "/t/x", "/static", "/account/sessions", "/.well-known/openid-configuration", "/look"):
        told = {**environ, "PATH_INFO": prefix + environ["PATH_INFO"]}
        _check(world, client.open(environ_overrides=told, base_url=world.url))
