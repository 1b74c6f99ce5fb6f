"""The claims parameter (OpenID Connect Core §5.5), acr as a claim, and what clients registered in place of parameters."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.models.client import PAIRWISE
from tests.parts.known import know_all
from tests.parts.world import World
from tests.relying_party import RelyingParty, unverified_claims


def claims(**asked: Any) -> dict[str, str]:
    """The parameters of a request for these and nothing else."""
    return {"scope": "openid", "claims": json.dumps(asked)}


def acr(**said: Any) -> dict[str, str]:
    return claims(id_token={"acr": said})


@pytest.fixture
def known(world: World) -> dict[str, Any]:
    return know_all(world)


def test_each_claim_is_told_where_it_was_asked_for(rp: RelyingParty, known: dict[str, Any]) -> None:
    """§5.5.1: null, essential or not."""
    userinfo = {"phone_number": None, "address": {"essential": True}, "name": {"essential": False}}
    tokens = rp.tokens(**claims(userinfo=userinfo, id_token={"email": {"essential": True}}))
    told = rp.userinfo(tokens.access_token).json
    assert told == {"sub": told["sub"], **{name: known[name] for name in userinfo}}
    said = unverified_claims(tokens.id_token)
    assert said["email"] == known["email"]
    assert not known.keys() & (said.keys() - {"email"})


def test_they_come_beside_those_of_scopes(rp: RelyingParty, known: dict[str, Any]) -> None:
    asked = claims(userinfo={"birthdate": None}) | {"scope": "openid email"}
    told = rp.userinfo(rp.tokens(**asked).access_token).json
    assert told.keys() == {"sub", "email", "email_verified", "birthdate"}


def test_a_refresh_tells_them_again(rp: RelyingParty, known: dict[str, Any]) -> None:
    asked = claims(userinfo={"nickname": None}, id_token={"locale": None}) | {"scope": "openid offline_access"}
    tokens = rp.refresh(rp.tokens(**asked).refresh_token)
    assert rp.userinfo(tokens.access_token).json["nickname"] == "A.A.L."
    assert unverified_claims(tokens.id_token)["locale"] == "en-GB"


def test_an_essential_claim_without_a_value_is_no_error(rp: RelyingParty) -> None:
    """§5.5.1: not even then."""
    tokens = rp.tokens(**claims(userinfo={"website": {"essential": True}}, id_token={"gender": {"essential": True}}))
    assert rp.userinfo(tokens.access_token).json.keys() == {"sub"}


@pytest.mark.parametrize(
    "asked",
    [
        {"userinfo": {"shoe_size": {"essential": True}, "given_name#ja-Kana-JP": None, "tenant_id": None, "fields": None}},
        {"userinfo": {"http://example.com/claim": {"values": [1, {"a": []}]}}, "elsewhere": 7},
        {"userinfo": {}, "id_token": None},
        {},
    ],
)
def test_what_we_do_not_know_is_passed_over(rp: RelyingParty, asked: Any) -> None:
    """§5.5, §5.2."""
    assert rp.userinfo(rp.tokens(**claims(**asked)).access_token).json.keys() == {"sub"}


@pytest.mark.parametrize(
    "sent",
    [
        "{",
        "[]",
        "null",
        '"userinfo"',
        '{"userinfo": []}',
        '{"id_token": "email"}',
        '{"userinfo": {"email": true}}',
        '{"userinfo": {"email": {"essential": "yes"}}}',
        '{"userinfo": {"email": {"values": "a@example.com"}}}',
        '{"id_token": {"sub": {"value": 7}}}',
        '{"id_token": {"sub": {"value": ""}}}',
        '{"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}}',
        json.dumps({"userinfo": {f"c{number}": None for number in range(101)}}),
        '{"userinfo": ' + "[" * 4000 + "]" * 4000 + "}",
        '{"userinfo": {"email": NaN}}',
        "x" * 9000,
    ],
)
def test_what_cannot_be_read_is_refused(rp: RelyingParty, sent: str) -> None:
    answer = rp.start(scope="openid", claims=sent).answer
    assert (answer["error"], answer["state"]) == ("invalid_request", rp.asked.state)


def test_it_may_be_pushed(rp: RelyingParty, known: dict[str, Any]) -> None:
    """RFC 9126 §2.1: what cannot be read is refused there, and what can is told like any other."""
    asked = claims(userinfo={"locale": None})
    fields = dict(parse_qsl(urlsplit(rp.authorize_url(**asked)).query))
    endpoint = rp.metadata["pushed_authorization_request_endpoint"]
    assert rp.post(endpoint, {**fields, "claims": "{"}, rp.basic()).error == "invalid_request"
    pushed = rp.post(endpoint, fields, rp.basic())
    rp.browser.get("/authorize", client_id=rp.application.client_id, request_uri=pushed.request_uri)
    rp.sign_in()
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json["locale"] == known["locale"]


def test_without_openid_it_means_nothing(rp: RelyingParty) -> None:
    assert rp.start(scope="email", claims="{").path == "/login"


class TestConsent:
    """Each claim is consented to like a scope, in words, and once (§5.5, §3.1.2.4)."""

    def test_the_person_reads_what_is_asked(self, rp: RelyingParty) -> None:
        asked = {"phone_number": None, "birthdate": None, "email": None}
        rp.start(**claims(userinfo=asked) | {"scope": "openid email"})
        words = rp.sign_in().words
        assert "See your phone number" in words and "See your birthdate" in words
        assert words.count("See your e-mail address") == 1, "the scope asks for it already"

    def test_nothing_is_told_without(self, rp: RelyingParty) -> None:
        rp.start(**claims(userinfo={"email": None}))
        rp.sign_in()
        assert rp.deny().answer["error"] == "access_denied"

    def test_nobody_is_asked_twice(self, rp: RelyingParty) -> None:
        rp.tokens(**claims(userinfo={"email": None}))
        assert rp.start(prompt="none", **claims(userinfo={"email": None})).answer["code"]
        assert rp.start(prompt="none", **claims(id_token={"phone_number": None})).answer["error"] == "consent_required"

    def test_who_gave_a_scope_gave_its_claims(self, rp: RelyingParty) -> None:
        rp.tokens(scope="openid profile")
        assert rp.start(prompt="none", **claims(userinfo={"nickname": None})).answer["code"]

    def test_who_gave_a_claim_did_not_give_its_scope(self, rp: RelyingParty) -> None:
        rp.tokens(**claims(userinfo={"nickname": None}))
        assert rp.start(prompt="none", scope="openid profile").answer["error"] == "consent_required"

    def test_the_account_page_lists_it(self, rp: RelyingParty) -> None:
        rp.tokens(**claims(userinfo={"birthdate": None}))
        assert "See your birthdate" in rp.browser.get("/account/applications").words

    def test_a_first_party_application_asks_nobody(self, ours: RelyingParty, known: dict[str, Any]) -> None:
        ours.start(**claims(id_token={"address": None}))
        tokens = ours.exchange(ours.sign_in().answer["code"])
        assert unverified_claims(tokens.id_token)["address"] == known["address"]


class TestSubject:
    """§3.1.2.2, §5.5.1: with a `sub` that is wanted, nobody else is answered with."""

    @pytest.mark.parametrize("member", ["id_token", "userinfo"])
    def test_the_right_person_goes_on(self, rp: RelyingParty, world: World, member: str) -> None:
        rp.tokens(scope="openid")
        asked = claims(**{member: {"sub": {"value": str(world.ada.id)}}})
        assert rp.start(prompt="none", **asked).answer["code"]

    def test_one_of_several_goes_on(self, rp: RelyingParty, world: World) -> None:
        rp.tokens(scope="openid")
        asked = claims(id_token={"sub": {"values": [str(world.admin.id), str(world.ada.id)]}})
        assert rp.start(prompt="none", **asked).answer["code"]

    def test_another_one_must_sign_in(self, rp: RelyingParty, world: World) -> None:
        rp.tokens(scope="openid")
        asked = claims(id_token={"sub": {"value": str(world.admin.id)}})
        assert rp.start(prompt="none", **asked).answer["error"] == "login_required"
        assert rp.start(**asked).path == "/login"
        assert rp.sign_in().path == "/login", "nor does signing in as another one serve"
        rp.browser.submit(email=world.admin.email, password=world.admin.password)
        assert unverified_claims(rp.exchange(rp.allow().answer["code"]).id_token)["sub"] == str(world.admin.id)

    def test_nobody_has_a_foreign_sub(self, rp: RelyingParty) -> None:
        rp.tokens(scope="openid")
        assert rp.start(prompt="none", **claims(id_token={"sub": {"value": "a b\nc"}})).answer["error"] == "login_required"

    def test_a_pairwise_client_names_its_own(self, world: World) -> None:
        pairwise = RelyingParty(world.url, world.add_application("Diary", subject_type=PAIRWISE), world.ada)
        sub = unverified_claims(pairwise.tokens(scope="openid").id_token)["sub"]
        assert pairwise.start(prompt="none", **claims(id_token={"sub": {"value": sub}})).answer["code"]
        by_id = claims(id_token={"sub": {"value": str(world.ada.id)}})
        assert pairwise.start(prompt="none", **by_id).answer["error"] == "login_required"

    def test_a_hint_of_another_person_contradicts(self, rp: RelyingParty, world: World) -> None:
        hint = rp.tokens(scope="openid").id_token
        asked = claims(id_token={"sub": {"value": str(world.admin.id)}})
        assert rp.start(id_token_hint=hint, **asked).answer["error"] == "invalid_request"


class TestAcr:
    """§5.5.1.1."""

    def test_an_essential_value_is_reached_by_a_login(self, rp: RelyingParty) -> None:
        rp.tokens(scope="openid")
        asked = acr(essential=True, values=["urn:unknown", "1"])
        assert rp.start(prompt="none", **asked).answer["error"] == "login_required"
        assert rp.start(**asked).path == "/login"
        assert unverified_claims(rp.exchange(rp.sign_in().answer["code"]).id_token)["acr"] == "1"

    @pytest.mark.parametrize("prompt", ["none", "login", None])
    def test_what_cannot_be_reached_is_a_failed_login(self, rp: RelyingParty, prompt: str | None) -> None:
        answer = rp.start(prompt=prompt, **acr(essential=True, values=["urn:mace:incommon:iap:silver"])).answer
        assert answer["error"] == "unmet_authentication_requirements"

    def test_the_answer_is_one_of_those_asked_for(self, rp: RelyingParty) -> None:
        tokens = rp.tokens(**acr(essential=True, value="0"))
        assert unverified_claims(tokens.id_token)["acr"] == "0", "though it was a login"

    def test_a_wish_that_cannot_be_met_is_none(self, rp: RelyingParty) -> None:
        assert unverified_claims(rp.tokens(**acr(values=["urn:unknown"])).id_token)["acr"] == "1"
        assert rp.start(prompt="none", **acr(values=["urn:unknown"])).answer["code"]

    def test_a_wish_is_like_acr_values_and_goes_before_them(self, rp: RelyingParty) -> None:
        rp.tokens(scope="openid")
        assert rp.start(**acr(value="1")).path == "/login"
        assert rp.start(prompt="none", acr_values="1", **acr(value="0")).answer["code"]

    def test_essential_without_a_value_is_always_met(self, rp: RelyingParty) -> None:
        asked = claims(id_token={"acr": {"essential": True}, "auth_time": {"essential": True}})
        said = unverified_claims(rp.tokens(**asked).id_token)
        assert said["acr"] == "1" and said["auth_time"] > 0


class TestDefaults:
    """What a client registered in place of parameters (OpenID Connect Registration §2)."""

    def test_default_max_age_is_overridden_by_max_age(self, world: World) -> None:
        rp = RelyingParty(world.url, world.add_application("Bank", default_max_age=60, require_auth_time=True), world.ada)
        assert unverified_claims(rp.tokens().id_token)["auth_time"] > 0
        assert rp.start(prompt="none").answer["code"]
        world.later(minutes=2)
        assert rp.start(prompt="none").answer["error"] == "login_required"
        assert rp.start(prompt="none", max_age="600").answer["code"]

    def test_default_acr_values_are_overridden_by_acr_values(self, world: World) -> None:
        rp = RelyingParty(world.url, world.add_application("Bank", default_acr_values=["urn:unknown", "1"]), world.ada)
        rp.tokens()
        assert rp.start(prompt="none").answer["error"] == "login_required"
        assert rp.start(prompt="none", acr_values="0").answer["code"]


class TestLanguages:
    """§3.1.2.1, §5.2: there is one language, and no request for another is an error."""

    @pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "unheard-of"])
    def test_display(self, rp: RelyingParty, display: str) -> None:
        assert rp.start(display=display).path == "/login"

    def test_ui_locales_and_claims_locales(self, rp: RelyingParty) -> None:
        assert rp.tokens(ui_locales="se fr-CA xx-Nonsense", claims_locales="se de").id_token

    def test_discovery_says_so(self, rp: RelyingParty) -> None:
        assert set(rp.metadata["ui_locales_supported"]) == {"en", "fr", "de", "es", "pt", "it", "ja", "zh-Hans", "ar"}
        assert "claims_locales_supported" not in rp.metadata
        assert rp.metadata["claims_parameter_supported"] is True
