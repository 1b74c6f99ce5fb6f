"""The language of the pages: who says it, in which order, and what a page says of itself."""

import pytest

from shared.kit import db
from shared.models.tenant import Tenant
from shared.services import person_claims
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import equip, sign_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

SIGN_IN = {"en": "Sign in", "fr": "Se connecter", "de": "Anmelden", "es": "Iniciar sesión", "pt": "Iniciar sessão"}
SIGN_IN |= {"it": "Accedi", "ja": "ログイン", "zh-Hans": "登录", "ar": "تسجيل الدخول"}


def speaks(page: Page, language: str) -> bool:
    return f'<html lang="{language}"' in page.text and page.headers["Content-Language"] == language


def reads(world: World, *wanted: str) -> Browser:
    return Browser(world.url, **{"Accept-Language": ",".join(wanted)})


@pytest.mark.parametrize("language", SIGN_IN)
def test_a_browser_is_answered_in_its_language(world: World, language: str) -> None:
    page = reads(world, language).get("/login")
    assert speaks(page, language)
    assert f"<h1>{SIGN_IN[language]}</h1>" in page.text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("fr-CA;q=0.5,de-CH;q=0.9", "de"),
        ("xx,nonsense,it;q=0.1", "it"),
        ("fr;q=0", "en"),
        ("*", "en"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG,en", "zh-Hans"),
        ("zh-TW,ja;q=0.5", "ja"),
        ("zh-Hant-HK", "zh-Hans"),
        ("pt-BR", "pt"),
        (",;q=,=;;", "en"),
        ("de" * 2000, "en"),
    ],
)
def test_the_best_of_what_a_browser_wants(world: World, wanted: str, language: str) -> None:
    assert speaks(reads(world, wanted).get("/login"), language)


def test_an_application_may_ask_for_a_language(rp: RelyingParty) -> None:
    assert speaks(rp.start(ui_locales="xx fr-CA de"), "fr")


def test_whoever_asks_to_sign_out_may_ask_for_a_language(rp: RelyingParty) -> None:
    rp.browser.get("/login")
    rp.sign_in()
    assert speaks(rp.logout(ui_locales="it"), "it")


def test_a_request_that_is_not_let_in_is_told_so_in_the_language_that_it_asks_for(rp: RelyingParty) -> None:
    page = rp.start(ui_locales="es", redirect_uri="https://evil.example/")
    assert page.status == 400
    assert speaks(page, "es")


def test_a_choice_of_the_person_goes_before_the_application(rp: RelyingParty) -> None:
    rp.start(ui_locales="fr")
    page = rp.browser.submit(press="de")
    assert page.path == "/login"
    assert speaks(page, "de")
    assert rp.sign_in().path == "/consent"
    assert speaks(rp.browser.page, "de")


def test_the_choice_stays_in_the_browser_and_with_the_person(world: World, rp: RelyingParty) -> None:
    rp.browser.get("/login")
    rp.sign_in()
    rp.browser.get("/account/sessions")
    page = rp.browser.submit(press="ja")
    assert page.path == "/account/sessions"
    assert speaks(page, "ja")
    with world.inside():
        assert world.user(world.ada).claims["locale"] == "ja"
    rp.browser.get("/account")
    rp.browser.submit(press="sign-out")
    assert speaks(rp.browser.get("/login"), "ja"), "the browser remembers it"


def test_what_an_application_asked_for_is_remembered_in_a_browser_where_nobody_chose(rp: RelyingParty) -> None:
    rp.browser.http.headers["Accept-Language"] = "it"
    rp.start(ui_locales="xx fr-CA de")
    assert speaks(rp.browser.get("/recover"), "fr"), "a page of ours that belongs to no request"
    assert speaks(rp.start(ui_locales="ja"), "ja") and speaks(rp.browser.get("/login"), "ja"), "the last one counts"
    assert speaks(rp.start(), "ja"), "also for an application that does not say"
    rp.start(ui_locales="xx tlh ar-%00")
    assert speaks(rp.browser.get("/login"), "ar")
    rp.browser.submit(press="de")
    rp.start(ui_locales="fr")
    assert speaks(rp.browser.page, "fr") and speaks(rp.browser.get("/login"), "de"), "whoever chose goes before"


def test_a_link_from_elsewhere_changes_no_language_for_good(world: World, rp: RelyingParty) -> None:
    rp.browser.http.headers["Accept-Language"] = "it"
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "es"}, by=TESTS)
    rp.browser.get("/login")
    rp.sign_in()
    assert speaks(rp.start(ui_locales="ar"), "ar")
    assert speaks(rp.browser.get("/account"), "es")
    with world.inside():
        assert world.user(world.ada).claims["locale"] == "es"
    rp.browser.submit(press="sign-out")
    assert speaks(rp.browser.get("/login"), "it"), "nor for the browser of somebody who has said what they read"
    rp.start(ui_locales="ar", redirect_uri="https://evil.example/")
    rp.start(ui_locales="ar", prompt="none")
    assert speaks(rp.browser.get("/login"), "it"), "nor by a request that nobody saw a page of"


def test_the_locale_of_the_person_goes_before_their_browser(world: World, rp: RelyingParty) -> None:
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "es-419"}, by=TESTS)
    rp.browser.http.headers["Accept-Language"] = "it"
    assert speaks(rp.start(), "it"), "nobody is signed in yet"
    rp.sign_in()
    assert speaks(rp.browser.page, "es")


def test_whoever_has_a_dialect_keeps_it(world: World, rp: RelyingParty) -> None:
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "de-CH"}, by=TESTS)
    rp.browser.get("/login")
    rp.sign_in()
    rp.browser.submit(press="de")
    with world.inside():
        assert world.user(world.ada).claims["locale"] == "de-CH"


def test_the_dashboard_is_in_english(world: World) -> None:
    browser = reads(world, "fr")
    browser.get("/admin/")
    browser.submit(email=world.admin.email, password=world.admin.password)
    assert '<html lang="en"' in browser.get("/admin/clients").text
    assert speaks(browser.get("/account"), "fr")
    assert '<html lang="en"' in browser.get("/admin/clients/00000000-0000-0000-0000-000000000000").text


def test_errors_are_told_in_the_language_too(world: World) -> None:
    page = reads(world, "it").get("/nowhere")
    assert page.status == 404
    assert speaks(page, "it")
    assert "Set-Cookie" not in page.headers


def test_answers_for_programs_have_no_language(rp: RelyingParty) -> None:
    reply = rp.token(grant_type="authorization_code", code="wrong", headers={**rp.basic(), "Accept-Language": "fr"})
    assert reply.error == "invalid_grant"
    assert "Content-Language" not in reply.headers


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", "", "javascript:alert(1)"])
def test_the_menu_leads_nowhere_else(world: World, browser: Browser, back: str) -> None:
    browser.get("/login")
    page = browser.submit(press="fr", back=back)
    assert page.left_to is None
    assert speaks(page, "fr")


def test_only_our_own_menu_chooses(world: World, browser: Browser) -> None:
    browser.get("/login")
    assert browser.post("/language", language="fr", back="/login").status == 400
    form = browser.get("/login").form(press="fr")
    assert browser.post("/language", **{**form.fields, "language": "xx"}).status == 400
    assert speaks(browser.get("/login"), "en")


def test_what_the_tenant_speaks_is_for_those_who_say_nothing(world: World, browser: Browser) -> None:
    with world.inside(), db.transaction() as session:
        session.get_one(Tenant, world.tenant.id).language = "pt"
    assert speaks(browser.get("/login"), "pt")
    assert speaks(reads(world, "ar").get("/login"), "ar")


def test_what_services_and_forms_refuse_is_told_in_the_language_of_the_page(world: World) -> None:
    browser = reads(world, "fr")
    browser.get("/login")
    page = browser.submit(email=world.ada.email, password="wrong")
    assert page.status == 422
    assert "L’adresse e-mail ou le mot de passe est incorrect." in page.words
    assert "Saisissez votre mot de passe." in browser.submit(email=world.ada.email, password="").words
    assert "au plus" in browser.submit(email="a" * 400, password="x").words or "dépasser 320 caractères" in browser.page.words


def test_a_notice_is_told_in_the_language_in_which_it_was_left(rp: RelyingParty) -> None:
    rp.browser.http.headers["Accept-Language"] = "de"
    rp.browser.get("/login")
    rp.sign_in()
    rp.browser.get("/account")
    assert "Gespeichert." in rp.browser.submit(name="<Ada>").words


def test_what_an_application_asks_for_is_read_in_the_language_too(rp: RelyingParty) -> None:
    rp.browser.http.headers["Accept-Language"] = "ja"
    rp.start(scope="openid email")
    page = rp.sign_in()
    assert page.path == "/consent"
    assert "メールアドレスを見る" in page.words
    assert "See your" not in page.words


def test_programs_are_told_in_english(world: World) -> None:
    browser = Browser(world.url, **{"Accept": "application/json", "Accept-Language": "fr"})
    page = browser.get("/nowhere")
    assert "There is nothing at this address." in page.text


def test_whoever_is_half_signed_in_has_their_language_and_changes_nothing_of_the_account(world: World, browser: Browser) -> None:
    ada = equip(world, world.ada)
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "it"}, by=TESTS)
    assert speaks(sign_in(browser, ada.person), "it")
    assert speaks(browser.submit(press="de"), "de")
    with world.inside():
        assert world.user(world.ada).claims["locale"] == "it"
