"""The authorization code flow (RFC 6749 §4.1, OpenID Connect Core §3.1), spoken over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.models.audit import Actor
from shared.services import audit, users
from tests.parts.browsing import Browser
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims, unverified_header


def test_a_person_signs_in_consents_and_is_known_to_the_client(rp: RelyingParty) -> None:
    tokens = rp.exchange(rp.sign_in_and_allow())
    assert tokens.status == 200
    assert tokens.token_type == "Bearer"
    assert tokens.expires_in == 600
    assert tokens.scope == "openid profile email offline_access"
    assert rp.userinfo(tokens.access_token).json == {
        "sub": unverified_claims(tokens.id_token)["sub"],
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "updated_at": rp.userinfo(tokens.access_token).json["updated_at"],
    }


def test_tokens_are_never_kept_by_caches(rp: RelyingParty) -> None:
    headers = rp.exchange(rp.sign_in_and_allow()).headers
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")


def test_the_id_token_says_what_the_client_must_check(rp: RelyingParty, world: World) -> None:
    claims = unverified_claims(rp.tokens().id_token)
    assert claims["iss"] == world.url
    assert claims["aud"] == [rp.application.client_id]
    assert claims["nonce"] == rp.asked.nonce
    assert claims["exp"] - claims["iat"] == 600
    assert claims["acr"] == "1"
    assert claims["amr"] == ["pwd"]
    assert "email" not in claims, "a third party asks userinfo"


def test_the_access_token_is_one_of_rfc_9068(rp: RelyingParty, world: World) -> None:
    token = rp.tokens(scope="openid email").access_token
    header, claims = unverified_header(token), unverified_claims(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert {"iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "auth_time", "acr"} <= set(claims)
    assert claims["aud"] == [f"{world.url}/api"]
    assert claims["client_id"] == rp.application.client_id
    assert claims["scope"] == "openid email"
    assert header["kid"] in {key["kid"] for key in rp.jwks()["keys"]}


def test_without_offline_access_there_is_no_refresh_token(rp: RelyingParty) -> None:
    assert rp.tokens(scope="openid").refresh_token is None


def test_without_openid_there_is_no_id_token(rp: RelyingParty) -> None:
    assert rp.tokens(scope="profile").id_token is None


def test_a_code_used_twice_ends_the_authorization(rp: RelyingParty) -> None:
    code = rp.sign_in_and_allow()
    tokens = rp.exchange(code)
    assert rp.exchange(code).error == "invalid_grant"
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"


def test_of_many_redemptions_at_once_one_succeeds(rp: RelyingParty) -> None:
    code = rp.sign_in_and_allow()
    _ = rp.metadata
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: rp.exchange(code), range(32)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 31
    assert {reply.error for reply in replies if reply.status == 400} == {"invalid_grant"}


def test_a_code_lives_a_minute(rp: RelyingParty, world: World) -> None:
    code = rp.sign_in_and_allow()
    world.later(seconds=61)
    assert rp.exchange(code).error == "invalid_grant"


def test_a_code_is_bound_to_its_client(rp: RelyingParty, ours: RelyingParty) -> None:
    code = rp.sign_in_and_allow()
    ours.asked = rp.asked
    assert ours.exchange(code).error == "invalid_grant"
    assert rp.exchange(code).status == 200, "somebody else's try spends nothing"


def test_a_code_is_bound_to_its_redirect_uri(rp: RelyingParty) -> None:
    code = rp.sign_in_and_allow()
    assert rp.exchange(code, redirect_uri="https://elsewhere.example/").error == "invalid_grant"
    assert rp.exchange(code, redirect_uri=None).error == "invalid_grant"
    assert rp.exchange(code).status == 200


def test_a_person_who_refuses_sends_the_client_away(rp: RelyingParty) -> None:
    rp.start()
    rp.sign_in()
    answer = rp.deny().answer
    assert answer["error"] == "access_denied"
    assert answer["state"] == rp.asked.state
    assert answer["iss"] == rp.issuer
    assert "code" not in answer


@pytest.mark.parametrize("prompt", [None, "create", "select_account"])
def test_a_person_may_go_back_from_each_page_before_that(rp: RelyingParty, prompt: str | None) -> None:
    if prompt == "select_account":
        rp.sign_in_and_allow()
    rp.start(prompt=prompt)
    answer = rp.browser.submit(press="refuse").answer
    assert (answer["error"], answer["state"]) == ("access_denied", rp.asked.state)
    again = rp.browser.get("/refusal")
    assert again.status == 405


def test_going_back_needs_the_page_that_asked(rp: RelyingParty) -> None:
    page = rp.start()
    address = page.form(press="refuse").target("refuse")
    assert rp.browser.post(address).status == 400, "a form from elsewhere"
    rp.browser.page = page
    assert rp.sign_in().path == "/consent", "and it goes on"


def test_consent_is_remembered_and_more_is_asked_again(rp: RelyingParty) -> None:
    rp.sign_in_and_allow(scope="openid")
    assert "code" in rp.start(scope="openid").answer
    assert rp.start(scope="openid email").path == "/consent"


def test_the_first_party_asks_for_no_consent(ours: RelyingParty) -> None:
    ours.start()
    assert "code" in ours.sign_in().answer


def test_the_first_party_reads_the_person_in_the_id_token(ours: RelyingParty) -> None:
    claims = unverified_claims(ours.tokens(scope="openid").id_token)
    assert claims["email"] == "ada@example.com"
    assert {"tenant_id", "is_active", "fields"} <= set(claims)


def test_the_consent_page_says_in_words_what_is_asked(rp: RelyingParty) -> None:
    rp.start(scope="openid email")
    page = rp.sign_in()
    assert "See your e-mail address" in page.words
    assert rp.application.name in page.words


def test_a_request_may_be_posted(rp: RelyingParty) -> None:
    url = rp.authorize_url()
    fields = dict(pair.split("=") for pair in url.split("?")[1].split("&") if "%" not in pair)
    fields |= {"redirect_uri": rp.application.redirect_uri, "scope": "openid"}
    assert rp.browser.post("/authorize", **fields).path == "/login"


def test_an_answered_request_is_used_up(rp: RelyingParty) -> None:
    rp.start()
    address = rp.browser.page.url.replace("/login", "/authorize")
    rp.sign_in()
    rp.allow()
    page = rp.browser.get(address)
    assert (page.status, page.left_to) == (400, None)


def test_a_pending_request_belongs_to_the_browser_that_brought_it(rp: RelyingParty, world: World) -> None:
    rp.start()
    stolen = rp.browser.page.url.replace("/login", "/authorize")
    page = Browser(world.url).get(stolen)
    assert (page.status, page.left_to) == (400, None)


def test_what_one_person_allowed_does_not_count_for_the_next(rp: RelyingParty, world: World) -> None:
    """Consent given in one account, then a login into another before the answer: the other is asked."""
    grace = world.admin
    page = rp.start(prompt="consent")
    first = rp.browser.page.url
    rp.sign_in()
    consent = rp.browser.page
    rp.browser.get(first)
    page = rp.browser.submit(email=grace.email, password=grace.password)
    assert page.path == "/consent"
    assert page.url == consent.url


def test_no_step_can_be_skipped_by_its_address(rp: RelyingParty) -> None:
    rp.start(prompt="login consent")
    jumped = rp.browser.get(rp.browser.page.url.replace("/login", "/consent"))
    assert jumped.path == "/login"


def test_a_disabled_person_gets_no_tokens(rp: RelyingParty, world: World) -> None:
    from_before = rp.tokens()
    code = rp.sign_in_and_allow()
    with world.inside():
        users.disable(world.user(world.ada), by=Actor.system("tests"))
    assert rp.exchange(code).error == "invalid_grant"
    assert rp.refresh(from_before.refresh_token).error == "invalid_grant"
    assert rp.userinfo(from_before.access_token).status == 401
    assert rp.start().path == "/login"
    rp.sign_in()
    assert rp.browser.page.path == "/login"


def test_a_replay_is_in_the_audit_log(rp: RelyingParty, world: World) -> None:
    code = rp.sign_in_and_allow()
    rp.exchange(code)
    rp.exchange(code)
    with world.inside():
        events = audit.search(action="authorization.revoked").items
    assert [event.detail["reason"] for event in events] == ["authorization code used twice"]
