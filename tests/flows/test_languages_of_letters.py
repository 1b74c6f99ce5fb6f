"""In which language somebody is written to, who has never said which is theirs."""

import pytest

from shared.services import password_changes, person_claims, users
from tests.parts.browsing import Browser
from tests.parts.elsewhere import Elsewhere
from tests.parts.elsewhere import sign_in as come_from
from tests.parts.factoring import App, demand, equip, secret_on, sign_in
from tests.parts.post import code_to, letters_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

STRONG = "difference engines all the way"
CHANGED = {"de": "Ihr Passwort bei", "ja": "パスワード", "en": "Your password at"}


def reading(world: World, language: str) -> Browser:
    return Browser(world.url, **{"Accept-Language": language, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"})


def told_of_a_new_password(world: World, language: str) -> bool:
    """By an operator, whose pages are in English."""
    with world.inside():
        password_changes.change(world.user(world.ada), password=STRONG, by=TESTS)
    return CHANGED[language] in letters_to(world, world.ada.email)[-1]


def test_whoever_makes_an_account_is_written_to_in_the_language_of_the_page(world: World) -> None:
    browser = reading(world, "de")
    browser.get("/signup")
    browser.submit(name="", email="karl@example.com", password=STRONG)
    browser.get("/verify")
    browser.submit()
    assert code_to(world, "karl@example.com")
    assert "Ihr Code" in letters_to(world, "karl@example.com")[-1]


@pytest.mark.parametrize("language", CHANGED)
def test_whoever_signs_in_is_written_to_in_the_language_of_the_page(world: World, language: str) -> None:
    sign_in(reading(world, language), world.ada)
    assert told_of_a_new_password(world, language)


def test_what_somebody_chose_goes_before_the_page_unless_we_do_not_speak_it(world: World) -> None:
    sign_in(reading(world, "de"), world.ada)
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "ja-JP"}, by=TESTS)
    assert told_of_a_new_password(world, "ja")
    with world.inside():
        person_claims.change(world.user(world.ada), {"locale": "sv"}, by=TESTS)
    assert told_of_a_new_password(world, "de")


def test_what_has_no_name_is_called_what_it_is_in_the_language_of_the_page(world: World) -> None:
    browser = reading(world, "de")
    sign_in(browser, world.ada, "/account/factors/totp/new")
    browser.submit(code=App(secret_on(browser.page)).code())
    letter = letters_to(world, world.ada.email)[-1]
    assert "Authentifizierungs-App. " in letter and "Authenticator app" not in letter
    assert "Womit: Firefox unter Linux" in letter
    assert "Authenticator app" not in browser.get("/account/security").text


def test_whoever_knows_the_password_alone_does_not_choose_the_language(world: World) -> None:
    ada = equip(world, world.ada)
    browser = reading(world, "de")
    sign_in(browser, world.ada)
    browser.submit(code=ada.app.code())
    sign_in(reading(world, "ja"), world.ada)
    assert told_of_a_new_password(world, "de")


def test_an_arabic_letter_names_the_device_from_right_to_left(world: World) -> None:
    browser = reading(world, "ar")
    sign_in(browser, world.ada, "/account/factors/totp/new")
    browser.submit(code=App(secret_on(browser.page)).code())
    assert "\u2068Firefox\u2069 على \u2068Linux\u2069" in letters_to(world, world.ada.email)[-1]


def test_a_provider_chooses_no_language_while_a_factor_is_due(world: World, elsewhere: Elsewhere) -> None:
    come_from(reading(world, "de"), elsewhere)
    demand(world, second_factor="always")
    assert come_from(reading(world, "ja"), elsewhere).path.startswith("/factor")
    with world.inside():
        made = users.find_by_email(world.tenant, "some@body.example")
        assert made and made.language == "de"


def test_what_an_application_asks_for_is_kept_in_no_account(world: World, rp: RelyingParty) -> None:
    rp.start(ui_locales="ja")
    rp.sign_in()
    with world.inside():
        assert world.user(world.ada).language is None
