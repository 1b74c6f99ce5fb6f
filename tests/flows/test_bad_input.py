"""Bad input, endpoint by endpoint: the right error, nothing kept, quickly and in little memory (RFC 6749 §3.1, §5.2)."""

import json
from urllib.parse import urlencode

import psutil
import pytest

from tests.parts.bad_input import BASIC, DEEP, MEGABYTE, TEXTS
from tests.parts.spoiling import DESCRIPTION, Asker, refused
from tests.parts.world import World
from tests.relying_party import RelyingParty

# What cannot be parsed is refused before it reaches a database; NUL, which PostgreSQL refuses, is refused before too.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

ASKED = (
    "response_type client_id redirect_uri scope state nonce code_challenge code_challenge_method prompt max_age login_hint "
    "response_mode request request_uri registration ui_locales claims_locales claims id_token_hint display resource "
    "acr_values dpop_jkt unknown"
).split()
EXCHANGED = (
    "grant_type scope resource audience client_id client_secret client_assertion client_assertion_type code redirect_uri "
    "code_verifier refresh_token device_code assertion subject_token subject_token_type actor_token actor_token_type "
    "requested_token_type token token_type_hint user_code unknown"
).split()
READ = {"/token": EXCHANGED, "/par": ASKED}
SIGNED_OUT = (
    "id_token_hint client_id post_logout_redirect_uri redirect_uri state logout_hint ui_locales confirmed unknown".split()
)
JWT = "urn:ietf:params:oauth:token-type:jwt"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Every code that the endpoints may answer with when a value is wrong.
CODES = (
    "invalid_request invalid_client invalid_grant invalid_scope invalid_target invalid_request_object invalid_request_uri "
    "unauthorized_client unsupported_grant_type unsupported_response_type registration_not_supported request_not_supported "
    "request_uri_not_supported unsupported_token_type invalid_dpop_proof use_dpop_nonce access_denied"
).split()


@pytest.fixture
def asker(world: World) -> Asker:
    return Asker(world)


def test_a_parameter_that_comes_twice_is_refused(asker: Asker) -> None:
    """RFC 6749 §3.1, §3.2; only resource may (RFC 8707 §2), and audience in a token exchange (RFC 8693 §2.1)."""
    for right in asker.right():
        for name in {*ASKED, *EXCHANGED} - {"resource", "audience"}:
            rest = [(key, value) for key, value in right.params.items() if key != name]
            refused(asker.post(right.path, [*rest, (name, "a"), (name, "a")]), "invalid_request")


def test_nul_is_refused_everywhere(asker: Asker) -> None:
    """RFC 6749 Appendix A."""
    for right in asker.right():
        for name in {*ASKED, *EXCHANGED}:
            refused(asker.post(right.path, {**right.params, name: "a\0b"}), "invalid_request", "invalid_client")


def test_any_text_in_any_parameter_has_an_answer_of_the_protocol(asker: Asker) -> None:
    for right in asker.right():
        for name in READ.get(right.path, {*EXCHANGED[:8], "token", "token_type_hint"}):
            for text in TEXTS.values():
                answer = asker.post(right.path, {**right.params, name: text[:9_000]})
                if answer.status_code not in (200, 201):
                    refused(answer, *CODES)


def test_a_form_is_due(asker: Asker) -> None:
    """RFC 6749 §3.2, Appendix B: JSON and whatever else is no form."""
    for right in asker.right():
        for kind in ("application/json", "text/plain", "", "multipart/form-data", "multipart/form-data; boundary=x", "/", "a"):
            for body in (json.dumps(right.params), DEEP, urlencode(right.params), "--x\r\n\r\n--x--"):
                refused(asker.post(right.path, body, kind=kind), "invalid_request")
        refused(asker.post(right.path, b"scope=%ff%fe&\xff=\xff&grant_type=%c3"), *CODES)
        refused(asker.post(right.path, b"&&==&=%&%0&%00", kind="application/x-www-form-urlencoded; charset=utf-16"), *CODES)


def test_nothing_comes_in_the_address(asker: Asker) -> None:
    """RFC 6749 §2.3.1, RFC 9700 §4.3.2."""
    for right in asker.right():
        for query in ("access_token=x", f"client_secret={asker.world.web.client_secret}", urlencode(right.params), "%00=%ff"):
            refused(asker.post(f"{right.path}?{query}", right.params), "invalid_request")


def test_what_is_too_large_is_refused_and_fills_no_memory(asker: Asker) -> None:
    """The front door says so too; 413 is the word of HTTP for it (RFC 9110 §15.5.14)."""
    large = "x" * MEGABYTE

    def send() -> None:
        for right in asker.right():
            answer = asker.post(right.path, {**right.params, "state": large})
            assert answer.status_code == 413 and answer.json is not None and answer.json["error"] == "invalid_request"
            refused(asker.post(right.path, "&".join(f"p{number}=1" for number in range(6_000))), *CODES)
        assert asker.get("/authorize", {**asker.request, "state": large}).status_code == 302
        assert asker.post("/authorize", {**asker.request, "state": large}).status_code == 413
        assert asker.ask(asker.world.api, "POST", "/api/userinfo", data={"access_token": large}).status_code == 413

    def grown() -> int:
        before = psutil.Process().memory_info().rss
        for _ in range(4):
            send()
        return psutil.Process().memory_info().rss - before

    # What is kept grows in every round, and what an allocator sets aside in some.
    assert min(grown() for _ in range(4)) < 4 * MEGABYTE


def test_ten_thousand_scopes_are_refused(asker: Asker) -> None:
    """RFC 6749 §3.3."""
    for count in (300, 10_000):
        scopes = " ".join(f"s{number}" for number in range(count))
        for right in asker.right():
            answer = asker.post(right.path, {**right.params, "scope": scopes})
            refused(answer, "invalid_scope", "invalid_request", "invalid_grant")
        answer = asker.get("/authorize", {**asker.request, "scope": scopes})
        assert answer.status_code == 302 and "error=invalid_" in answer.headers["Location"]


def test_malformed_basic_proves_nobody(asker: Asker) -> None:
    """RFC 7617 §2, RFC 6749 §2.3.1, §5.2."""
    for right in asker.right():
        for name, header in BASIC.items():
            answer = asker.post(right.path, right.params, headers={"Authorization": header})
            assert answer.status_code in (400, 401), name
            refused(answer, "invalid_client", "invalid_request")


def test_a_forged_token_is_worth_what_garbage_is(asker: Asker) -> None:
    """RFC 8725 §3.1, §3.8, §3.9, §3.10; RFC 7515 §4.1.11: wherever a JWT may come in, whatever its header asks for."""
    typed = {"subject_token_type": JWT, "actor_token_type": JWT, "subject_token": "x"}
    carriers = "request id_token_hint code refresh_token device_code assertion subject_token actor_token token".split()
    for right in asker.right():
        for name in carriers:
            garbage = asker.post(right.path, {**right.params, **typed, name: "garbage"})
            for which, token in asker.tokens.items():
                answer = asker.post(right.path, {**right.params, **typed, name: token})
                if answer.status_code not in (200, 201):
                    refused(answer, *CODES)
                    continue
                assert garbage.status_code == answer.status_code, (right, name, which, answer.text)
                if name == "token" and right.path in ("/introspect", "/revoke"):
                    assert answer.json == garbage.json, (which, "RFC 7662 §2.2: not active, RFC 7009 §2.2: without a word")


def test_forged_assertions_prove_nobody(asker: Asker) -> None:
    for right in asker.right():
        for token in asker.tokens.values():
            form = {**right.params, "client_assertion": token, "client_assertion_type": BEARER}
            refused(asker.post(right.path, form, headers={}), "invalid_client", "invalid_request")


def test_a_forged_proof_is_no_proof(asker: Asker) -> None:
    """RFC 9449 §4.3, or a header that nobody reads."""
    for token in asker.tokens.values():
        header = {**asker.proof, "DPoP": token.encode().decode("latin-1")}
        for right in asker.right():
            answer = asker.post(right.path, right.params, headers=header)
            if answer.status_code not in (200, 201):
                refused(answer, *CODES)


def test_the_authorization_endpoint_sends_every_error_to_the_client_or_shows_it(asker: Asker) -> None:
    """RFC 6749 §4.1.2.1: and nowhere else."""
    for name in ASKED:
        for text in (*TEXTS.values(), *asker.tokens.values()):
            for answer in (
                asker.get("/authorize", {**asker.request, name: text}),
                asker.post("/authorize", {**asker.request, name: text[:5_000]}),
            ):
                assert answer.status_code in (302, 303) or (answer.status_code == 400 and name in ("client_id", "redirect_uri"))
                sent_home(asker.world, answer.headers.get("Location", "/"))
                assert "<script>alert(1)" not in answer.text
        twice = [(key, value) for key, value in asker.request.items() if key != name] + [(name, "a"), (name, "b")]
        answer = asker.get("/authorize", twice)
        assert answer.status_code == 400 if name in ("client_id", "redirect_uri") else answer.status_code == 302, name


def sent_home(world: World, location: str) -> None:
    """To a page of ours, or to the client's address."""
    assert location.startswith(("/", f"{world.url}/", f"{world.web.redirect_uri}?")), location


def test_logging_out_takes_anything(asker: Asker) -> None:
    for name in SIGNED_OUT:
        for text in (*TEXTS.values(), *asker.tokens.values()):
            assert asker.get("/logout", {name: text}).status_code in (200, 400)
            posted = asker.post("/logout", {name: text[:5_000]}, headers={})
            # A form from elsewhere comes without cookies: the browser is sent here once more, by an address of ours.
            assert posted.status_code in (200, 303, 400) and posted.headers.get("Location", "/logout").startswith("/logout")
        assert asker.get("/logout", [(name, "a"), (name, "a")]).status_code == 400


def test_the_api_believes_none_of_it(asker: Asker) -> None:
    """RFC 6750 §3.1, RFC 9449 §7.1."""
    for text in (*asker.tokens.values(), *TEXTS.values()):
        token = text[:5_000].translate(dict.fromkeys(range(32))).encode().decode("latin-1").strip()
        for header in (f"Bearer {token}", f"DPoP {token}", token or "Bearer"):
            for headers in ({"Authorization": header}, {"Authorization": header, "DPoP": token}):
                for path in ("/api/userinfo", "/api/me"):
                    denied(asker.ask(asker.world.api, "GET", path, headers=headers))
        denied(asker.ask(asker.world.api, "POST", "/api/userinfo", data={"access_token": text[:5_000]}))
    for header in BASIC.values():
        denied(asker.ask(asker.world.api, "GET", "/api/userinfo", headers={"Authorization": header}))
    denied(asker.ask(asker.world.api, "GET", "/api/userinfo?access_token=x"))


def denied(answer: object) -> None:
    assert answer.status_code in (400, 401), answer.text
    assert answer.headers["WWW-Authenticate"].startswith(("Bearer ", "DPoP "))
    assert DESCRIPTION.fullmatch(answer.json["detail"])


def test_a_method_that_is_not_offered_is_said_so(asker: Asker) -> None:
    for right in asker.right():
        for method in ("GET", "PUT", "DELETE", "PATCH", "TRACE"):
            answer = asker.ask(asker.world.auth, method, right.path)
            assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_what_was_refused_is_not_in_the_way_of_what_is_right(asker: Asker, rp: RelyingParty) -> None:
    """Nobody's client or account is shut out by what strangers send."""
    for header in BASIC.values():
        asker.post("/token", {"grant_type": "refresh_token"}, headers={"Authorization": header})
    assert rp.tokens().status == 200
