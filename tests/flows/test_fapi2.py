"""A client of the FAPI 2.0 Security Profile (final) with private_key_jwt and DPoP: what §5.3.2 asks of the server."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from shared.kit import clock
from shared.services import client_profiles, clients
from tests.parts.proofs import Holder
from tests.parts.signers import register, sqlite
from tests.parts.signing import Signer
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_header

SETTINGS = {
    "profile": "fapi2",
    "require_par": True,
    "dpop_bound_access_tokens": True,
    "assertion_audience": "issuer",
    "refresh_mode": "keep",
    "id_token_alg": "ES256",
    "response_modes": ["query"],
}


@dataclass
class Bank:
    """A client of the profile. It sends a refused request again as it was, but for the proof: so do conformance suites."""

    rp: RelyingParty
    signer: Signer
    holder: Holder = field(default_factory=Holder)

    def params(self, **changes: str | None) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.rp.authorize_url(**changes)).query))

    def push(self, *, form: dict[str, str] | None = None, prove: bool = False, **changes: str | None) -> Reply:
        sent = {**self.params(**changes), **(self.signer.form() if form is None else form)}
        return self.holder.post(self.rp, "/par", sent) if prove else self.rp.post(f"{self.rp.issuer}/par", sent, {})

    def address(self, pushed: Reply) -> str:
        return "/authorize?" + urlencode({"client_id": self.rp.application.client_id, "request_uri": pushed.request_uri})

    def code(self, pushed: Reply) -> str:
        assert pushed.status == 201, pushed.text
        page = self.rp.browser.get(self.address(pushed))
        if page.path == "/login":
            page = self.rp.sign_in()
        answer = (self.rp.allow() if page.left_to is None else page).answer
        assert (answer["iss"], answer.get("state")) == (self.rp.issuer, self.rp.asked.state)
        return answer["code"]

    def redeem(self, code: str, *, holder: Holder | None = None, form: dict[str, str] | None = None, **changes: Any) -> Reply:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.rp.asked.redirect_uri,
            "code_verifier": self.rp.asked.verifier,
            **(self.signer.form() if form is None else form),
            **changes,
        }
        given = {name: value for name, value in sent.items() if value is not None}
        return (holder or self.holder).post(self.rp, "/token", given)


@pytest.fixture(params=["ES256", "PS256", "EdDSA"])
def alg(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def bank(world: World) -> Bank:
    return Bank(*register(world, **SETTINGS))


@sqlite
def test_the_whole_flow(world: World, alg: str) -> None:
    """§5.3.2.1, §5.3.2.2, §5.3.2.3, §5.4.1."""
    bank = Bank(*register(world, alg, **SETTINGS), Holder(alg))
    tokens = bank.redeem(bank.code(bank.push()))
    assert (tokens.status, tokens.token_type) == (200, "DPoP"), tokens.text
    assert unverified_header(tokens.id_token)["alg"] == unverified_header(tokens.access_token)["alg"] == "ES256"
    assert bank.holder.get(f"{world.url}/api/userinfo", tokens.access_token).sub == str(world.ada.id)


@sqlite
@pytest.mark.parametrize("prove", [True, False])
def test_codes_are_bound_to_the_key_of_the_pushed_request(bank: Bank, prove: bool) -> None:
    """§5.3.2.1: authorization code binding to a DPoP key (RFC 9449 §10.1)."""
    code = bank.code(bank.push(prove=prove, dpop_jkt=bank.holder.jkt))
    assert bank.redeem(code, holder=Holder()).error == "invalid_grant"
    assert bank.redeem(code).status == 200


@sqlite
def test_a_signed_request_may_name_the_key(bank: Bank) -> None:
    """RFC 9449 §10 with RFC 9101 §4: what stands in the request object counts."""
    claims = {**bank.signer.claims(nbf=clock.timestamp(), sub=None), **bank.params(dpop_jkt=bank.holder.jkt)}
    signed = bank.signer.sign({"alg": "ES256", "kid": bank.signer.key.kid, "typ": "oauth-authz-req+jwt"}, claims)
    sent = {"request": signed, "client_id": bank.signer.client_id}
    other = Holder()
    assert other.post(bank.rp, "/par", {**sent, **bank.signer.form()}).error == "invalid_request"
    code = bank.code(bank.rp.post(f"{bank.rp.issuer}/par", {**sent, **bank.signer.form()}, {}))
    assert bank.redeem(code, holder=other).error == "invalid_grant"
    assert bank.redeem(code).status == 200


@sqlite
def test_the_profile_sets_all_that_this_rests_on(world: World) -> None:
    rp, signer = register(world, "PS256")
    with world.inside():
        row = world.client(rp.application)
        clients.update(row, **client_profiles.changes(row, "fapi2"), by=TESTS)
        row = world.client(rp.application)
        assert client_profiles.lint(row) == []
        assert {name: getattr(row, name) for name in SETTINGS} == {**SETTINGS, "response_modes": row.response_modes}
    bank = Bank(rp, signer)
    assert bank.redeem(bank.code(bank.push(prove=True))).token_type == "DPoP"


@sqlite
def test_only_the_issuer_as_one_string_is_the_audience(bank: Bank) -> None:
    """§5.3.2.1."""
    issuer = bank.rp.issuer
    for aud in ([issuer], [issuer, f"{issuer}/par"], f"{issuer}/par", f"{issuer}/token", f"{issuer}/", None):
        assert bank.push(form=bank.signer.form(aud=aud)).error == "invalid_client"
    code = bank.code(bank.push())
    assert bank.redeem(code, form=bank.signer.form(aud=f"{issuer}/token")).error == "invalid_client"
    assert bank.redeem(code).status == 200


@sqlite
@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_clocks_may_differ_a_little(bank: Bank, name: str) -> None:
    """§5.3.2.1: assertions and proofs up to ten seconds ahead are accepted, and sixty refused."""
    now = clock.timestamp()
    assert bank.push(form=bank.signer.form(**{name: now + 10})).status == 201
    assert bank.push(form=bank.signer.form(**{name: now + 65})).error == "invalid_client"
    url, form = f"{bank.rp.issuer}/token", {"grant_type": "refresh_token", "refresh_token": "x"}
    bank.holder.post(bank.rp, "/token", {**form, **bank.signer.form()})
    for ahead, error in ((10, "invalid_grant"), (-10, "invalid_grant"), (65, "invalid_dpop_proof")):
        proof = bank.holder.proof("POST", url, **{name: clock.timestamp() + ahead})
        assert bank.rp.post(url, {**form, **bank.signer.form()}, {"DPoP": proof}).error == error


@sqlite
def test_a_client_authenticates_by_its_key_alone(bank: Bank, world: World) -> None:
    """§5.3.2.1: at the pushed authorization request endpoint, and at the token endpoint."""
    named = {"client_id": bank.signer.client_id}
    other = register(world, **SETTINGS)[1].form()
    ended, nobody = bank.signer.form(exp=clock.timestamp() - 300), bank.signer.form(sub=None)
    for form in (named, {**named, "client_secret": "x"}, ended, nobody, {**other, **named}):
        assert bank.push(form=form).error == "invalid_client"
    code = bank.code(bank.push())
    for form in (named, ended, nobody, {**other, **named}):
        assert bank.redeem(code, form=form).error == "invalid_client"


@sqlite
def test_rs256_is_not_accepted(world: World) -> None:
    """§5.4.1: neither for assertions nor for proofs, although the key would fit."""
    rp, signer = register(world, "PS256", **SETTINGS)
    bank = Bank(rp, signer, Holder("PS256"))
    code = bank.code(bank.push())
    weaker = Signer(signer.client_id, signer.audience, signer.key, "RS256")
    assert bank.redeem(code, form=weaker.form()).error == "invalid_client"
    bank.holder.alg = bank.holder.signer.alg = "RS256"
    assert bank.redeem(code).error == "invalid_dpop_proof"


@sqlite
def test_tokens_are_sender_constrained_or_not_given(bank: Bank, world: World) -> None:
    """§5.3.2.1: without a proof there is no token, nor a refresh."""
    code = bank.code(bank.push())
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": bank.rp.asked.redirect_uri}
    form["code_verifier"] = bank.rp.asked.verifier
    without = bank.rp.post(f"{world.url}/token", {**form, **bank.signer.form()}, {})
    assert (without.status, without.error) == (400, "invalid_request")
    refresh = {"grant_type": "refresh_token", "refresh_token": bank.redeem(code).refresh_token}
    without = bank.rp.post(f"{world.url}/token", {**refresh, **bank.signer.form()}, {})
    assert (without.status, without.error) == (400, "invalid_request")


@sqlite
def test_a_refresh_token_is_kept_and_serves_with_a_new_key(bank: Bank, world: World) -> None:
    """§5.3.2.1: no rotation; it is bound to the client."""
    token = bank.redeem(bank.code(bank.push())).refresh_token
    refresh = {"grant_type": "refresh_token", "refresh_token": token}
    for _ in range(2):
        again = Holder().post(bank.rp, "/token", {**refresh, **bank.signer.form()})
        assert (again.status, again.refresh_token, again.token_type) == (200, token, "DPoP"), again.text
    other = Bank(*register(world, **SETTINGS))
    assert other.holder.post(other.rp, "/token", {**refresh, **other.signer.form()}).error == "invalid_grant"


@sqlite
def test_a_code_serves_once_for_its_client_for_a_minute(bank: Bank, world: World) -> None:
    """§5.3.2.1, §5.3.2.2: and a replay ends what it bought."""
    code = bank.code(bank.push())
    other = Bank(*register(world, **SETTINGS))
    other.rp.asked = bank.rp.asked
    assert other.redeem(code).error == "invalid_grant"
    tokens = bank.redeem(code)
    url = f"{world.url}/api/userinfo"
    assert bank.holder.get(url, tokens.access_token).status == 200
    assert other.holder.get(url, tokens.access_token).status == 401
    assert bank.redeem(code).error == "invalid_grant"
    time.sleep(0.6)  # the API asks again after half a second
    assert bank.holder.get(url, tokens.access_token).status == 401
    late = bank.code(bank.push())
    world.later(seconds=62)
    assert bank.redeem(late).error == "invalid_grant"


@sqlite
def test_requests_are_pushed(bank: Bank) -> None:
    """§5.3.2.2."""
    assert bank.rp.start().answer["error"] == "invalid_request"
    pushed = bank.push()
    assert 5 <= pushed.expires_in < 600


@sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"redirect_uri": None},
        {"redirect_uri": None, "scope": "profile"},
        {"redirect_uri": "https://signer.example/callback/more"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    ],
)
def test_a_pushed_request_is_complete(bank: Bank, changes: dict[str, str | None]) -> None:
    """§5.3.2.2: PKCE with S256, and the redirect URI; RFC 9126 §2.1: no reference to another request."""
    reply = bank.push(**changes)
    assert (reply.status, reply.error) == (400, "invalid_request")


@sqlite
@pytest.mark.parametrize("response_type", ["token", "code id_token", "id_token", None])
def test_there_is_the_code_flow_and_no_other(bank: Bank, response_type: str | None) -> None:
    """§5.3.2.2."""
    assert bank.push(response_type=response_type).error in ("unsupported_response_type", "invalid_request")
    assert bank.redeem("x", grant_type="password").error == "unsupported_grant_type"


@sqlite
@pytest.mark.parametrize("verifier", [None, "another-verifier-than-that-of-this-very-request"])
def test_a_code_needs_its_verifier(bank: Bank, verifier: str | None) -> None:
    """§5.3.2.2, RFC 7636 §4.6."""
    assert bank.redeem(bank.code(bank.push()), code_verifier=verifier).error == "invalid_grant"


@sqlite
def test_a_request_uri_is_used_up_by_its_answer_and_not_by_a_visit(bank: Bank, world: World) -> None:
    """§5.3.2.2 note 3; RFC 9126 §2.2, §4, §7.3."""
    pushed, other = bank.push(), Bank(*register(world, **SETTINGS))
    other_pushed = other.push()
    stolen = urlencode({"client_id": other.signer.client_id, "request_uri": pushed.request_uri})
    assert other.rp.browser.get(f"/authorize?{stolen}").status == 400
    assert bank.rp.browser.get(bank.address(pushed)).path == "/login"
    assert bank.redeem(bank.code(pushed)).status == 200
    again = bank.rp.browser.get(bank.address(pushed))
    assert (again.status, again.left_to) == (400, None)
    world.later(seconds=other_pushed.expires_in + 1)
    assert other.rp.browser.get(other.address(other_pushed)).status == 400


@sqlite
@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_the_par_endpoint_takes_posts(bank: Bank, verb: str) -> None:
    """RFC 9126 §2.3."""
    sent = {**bank.params(), **bank.signer.form()}
    assert bank.rp.http.request(verb, f"{bank.rp.issuer}/par", data=sent, timeout=30).status_code == 405


@sqlite
@pytest.mark.parametrize(
    "changes", [{"state": None}, {"nonce": None}, {"nonce": "n" * 64}, {"state": "s" * 384, "nonce": "n" * 384}]
)
def test_state_and_nonce_of_any_sane_length(bank: Bank, changes: dict[str, str | None]) -> None:
    """§5.3.2.2: a nonce of 64 characters; `bank.code` looks at the state."""
    assert bank.redeem(bank.code(bank.push(**changes))).status == 200


@sqlite
def test_an_answer_is_a_see_other_or_found_never_a_temporary_redirect(bank: Bank) -> None:
    """§5.3.2.2: 307 would send the password on."""
    pushed = bank.push()
    response = bank.rp.http.get(bank.rp.issuer + bank.address(pushed), allow_redirects=False, timeout=30)
    assert response.status_code in (302, 303)
