"""The second factor as a step of signing in: when it is due, what opens without it (nothing), and who is led to add one."""

from urllib.parse import urljoin

import pytest

from shared.services import audit, enrolments, sessions, users
from tests.parts.browsing import Browser
from tests.parts.factoring import App, Equipped, codes_on, demand, equip, secret_on, sign_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims

SESSION = "bailiwick-session-default"


@pytest.fixture
def ada(world: World) -> Equipped:
    """Ada with an authenticator app."""
    return equip(world, world.ada)


@pytest.fixture
def half(world: World, ada: Equipped) -> Browser:
    """A browser in which Ada gave her password, and nothing else."""
    browser = Browser(world.url)
    assert sign_in(browser, ada.person).path == "/factor/totp"
    return browser


def test_whoever_has_an_app_is_asked_for_its_code_and_then_is_where_they_were_going(world: World, ada: Equipped) -> None:
    browser = Browser(world.url)
    assert sign_in(browser, ada.person, "/account/sessions").path == "/factor/totp"
    assert browser.submit(code=ada.app.code()).path == "/account/sessions"
    with world.inside():
        [session] = sessions.of(world.user(world.ada))
    assert session.amr == ("pwd", "otp", "mfa")


def test_an_application_is_told_of_both_proofs_and_of_acr_2_only_if_it_asked(rp: RelyingParty, ada: Equipped) -> None:
    rp.start()
    assert rp.sign_in().path == "/factor/totp"
    page = rp.browser.submit(code=ada.app.code())
    assert page.path == "/consent"
    tokens = rp.exchange(rp.allow().answer["code"])
    told = unverified_claims(tokens.id_token)
    assert (told["amr"], told["acr"]) == (["pwd", "otp", "mfa"], "1")
    again = rp.exchange(rp.start(acr_values="2", prompt="none").answer["code"])
    assert unverified_claims(again.id_token)["acr"] == "2"
    assert unverified_claims(rp.exchange(rp.start(prompt="none").answer["code"]).id_token)["acr"] == "0"


PLACES = [
    "/account",
    "/account/security",
    "/account/password",
    "/account/sessions",
    "/account/applications",
    "/account/factors/totp/new",
    "/account/factors/recovery-codes",
    "/device",
    "/verify",
]


@pytest.mark.parametrize("database", ["sqlite"])
def test_half_a_session_opens_nothing(half: Browser, world: World) -> None:
    for place in PLACES:
        assert half.get(place).path == "/factor/totp", place
    for place in ("/consent", "/select_account"):
        assert half.get(place).path == "/factor/totp", place
    assert half.get("/").path == "/factor/totp"
    assert half.get("/admin/users").path == "/factor/totp"


@pytest.mark.parametrize("database", ["sqlite"])
def test_half_a_session_sends_no_form_either(half: Browser, world: World) -> None:
    token = half.page.form(code="").fields["csrf_token"]
    for place, fields in (
        ("/account", {"name": "Eve"}),
        ("/account/password", {"password": "nine engines and a kettle"}),
        ("/account/sessions/others/end", {}),
        ("/account/factors/recovery-codes", {}),
        ("/verify/code", {}),
        ("/device", {"user_code": "BCDF-GHJK"}),
    ):
        assert half.post(place, csrf_token=token, **fields).path == "/factor/totp", place
    with world.inside():
        assert world.user(world.ada).name == world.ada.name


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_application_is_answered_with_half_a_session(rp: RelyingParty, ada: Equipped) -> None:
    rp.start()
    assert rp.sign_in().path == "/factor/totp"
    for place in ("/consent", "/authorize", "/select_account"):
        assert rp.browser.get(place, **_asked(rp)).path == "/factor/totp", place
    assert rp.browser.post("/consent", **_token(rp.browser), decision="allow").path == "/factor/totp"
    assert rp.start(prompt="none").answer["error"] == "interaction_required"


def test_an_empty_or_wrong_code_gets_nobody_in(half: Browser, ada: Equipped) -> None:
    for code in ("", "000000", "abc", "١٢٣٤٥٦", "0" * 40):
        page = half.submit(code=code)
        assert (page.status, page.path) == (422, "/factor/totp"), code
    assert half.get("/account").path == "/factor/totp"


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_must_give_a_factor_cannot_add_another_in_its_place(half: Browser, world: World) -> None:
    for place in ("/factor/new", "/factor/new/totp"):
        assert half.get(place).path == "/factor/totp"
    assert half.post("/factor/new/totp", **_token(half), code="123456", ticket="", name="").path == "/factor/totp"
    assert half.get("/factor/email").status == 404
    assert half.get("/factor/passkey").status == 404, "she has none"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_cookie_changes_and_the_session_keeps_its_name(half: Browser, world: World, ada: Equipped) -> None:
    before = half.jar.get(SESSION)
    with world.inside():
        [old] = sessions.of(world.user(world.ada))
    half.submit(code=ada.app.code())
    assert half.jar.get(SESSION) != before
    thief = Browser(world.url)
    thief.jar.set(SESSION, before, domain="127.0.0.1", path="/")
    assert thief.get("/account").path == "/login"
    with world.inside():
        [new] = sessions.of(world.user(world.ada))
    assert (new.sid, new.auth_time) == (old.sid, old.auth_time)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_that_was_ended_meanwhile_does_not_come_back_by_a_code(half: Browser, world: World, ada: Equipped) -> None:
    with world.inside():
        sessions.end_all(world.user(world.ada))
    assert half.submit(code=ada.app.code()).path == "/login"
    assert half.get("/account").path == "/login"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_code_of_another_person_opens_nothing(half: Browser, world: World) -> None:
    eve = equip(world, world.add_person("eve@example.com"))
    assert half.submit(code=eve.app.code()).status == 422
    assert half.get("/factor/recovery").status == 200
    assert half.submit(code=eve.codes[0]).status == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_after_signing_out_the_back_button_leads_nowhere(half: Browser, ada: Equipped) -> None:
    page = half.page
    form = page.form(code="")
    half.submit(press="Sign out")
    assert half.get("/factor/totp").path == "/login"
    half.post(urljoin(page.url, form.action), **{**form.fields, "code": ada.app.code()})
    assert half.get("/account").path == "/login"


def test_turning_the_rule_on_makes_the_sessions_that_are_open_half(world: World) -> None:
    browser = Browser(world.url)
    assert sign_in(browser, world.ada).path == "/account"
    demand(world, second_factor="always")
    world.later(seconds=3)
    assert browser.get("/account").path == "/factor/new"
    demand(world, second_factor="never")
    world.later(seconds=3)
    assert browser.get("/account").path == "/account"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("rule", "operator_at"), [("operators", "/factor/new"), ("never", "/account"), ("enrolled", "/account")])
def test_the_rule_of_the_tenant_says_of_whom(world: World, rule: str, operator_at: str) -> None:
    demand(world, second_factor=rule)
    assert sign_in(Browser(world.url), world.ada).path == "/account"
    assert sign_in(Browser(world.url), world.admin).path == operator_at


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_has_none_and_needs_one_adds_it_while_signing_in(rp: RelyingParty, world: World) -> None:
    demand(world, second_factor="always")
    rp.start()
    assert rp.sign_in().path == "/factor/new"
    page = rp.browser.follow("add-totp")
    app = App(secret_on(page))
    wrong = rp.browser.submit(code="000000")
    assert (wrong.status, secret_on(wrong)) == (422, app.secret), "the same key is shown again"
    page = rp.browser.submit(code=app.code())
    assert len(codes_on(page)) == 10
    assert rp.browser.follow("onward").path == "/consent"
    assert rp.allow().answer["code"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_adding_the_first_one_needs_a_password_of_just_now(world: World, browser: Browser) -> None:
    sign_in(browser, world.ada)
    demand(world, second_factor="always")
    world.later(minutes=11)
    assert browser.get("/account").path == "/login"
    assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/factor/new"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_dashboard_is_behind_the_second_factor_of_an_operator(world: World) -> None:
    grace = equip(world, world.admin)
    browser = Browser(world.url)
    assert sign_in(browser, grace.person, "/admin/users").path == "/factor/totp"
    assert browser.submit(code=grace.app.code()).path == "/admin/users"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_person_can_be_named_another_way_only_by_their_own_form(half: Browser, world: World, ada: Equipped) -> None:
    """A half session of one person is no step towards the session of another."""
    eve = world.add_person("eve@example.com")
    form = half.page.form(code="")
    assert sign_in(half, eve).path == "/account"
    page = half.post("/factor/totp", **{**form.fields, "code": ada.app.code()})
    assert page.status in (400, 404)
    assert eve.email in half.get("/account/security").words or half.get("/account").text.count(eve.email)


def test_what_was_given_is_in_the_audit_log(half: Browser, world: World, ada: Equipped) -> None:
    half.submit(code="000000")
    half.submit(code=ada.app.code())
    with world.inside():
        actions = [event.action for event in audit.search(text=world.ada.email, limit=20).items]
    assert [action for action in actions if action != "user.created"][:4] == [
        "user.second_factor_given",
        "user.login_failed",
        "user.first_factor_given",
        "user.factor_added",
    ]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_operator_takes_lost_factors_away_and_the_password_alone_opens_again(world: World, ada: Equipped) -> None:
    with world.inside():
        assert enrolments.reset(world.user(world.ada), by=TESTS) == 1
    assert sign_in(Browser(world.url), world.ada).path == "/account"
    with world.inside():
        assert not world.user(world.ada).second_factors


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_disabled_person_does_not_finish(half: Browser, world: World, ada: Equipped) -> None:
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
    assert half.submit(code=ada.app.code()).path == "/login"


def _asked(rp: RelyingParty) -> dict[str, str]:
    from_address = dict(pair.split("=", 1) for pair in rp.browser.page.url.partition("?")[2].split("&"))
    return {name: from_address[name].replace("%3A", ":") for name in ("client_id", "request_uri")}


def _token(browser: Browser) -> dict[str, str]:
    return {"csrf_token": browser.page.forms[0].fields["csrf_token"]}
