"""The country of an address: chosen from a list in the reader's language, kept by its code, and what was typed before stays."""

import re

import pytest

from shared.kit import countries
from shared.kit.languages import LANGUAGES
from shared.models.user_field import OPERATOR
from shared.services import field_values
from tests.parts.browsing import Browser, Page
from tests.parts.fields import make
from tests.parts.signed_in import signed_in
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def browser(world: World) -> Browser:
    with world.inside():
        make(world, "address", slug="home", name="Home")
    return signed_in(world)


def kept(world: World) -> object:
    with world.inside():
        return world.user(world.ada).fields.get("home")


def offered(page: Page) -> list[tuple[str, str]]:
    menu = re.search(r'<select id="fields.home.country".*?</select>', page.text, re.DOTALL)
    assert menu and 'autocomplete="country"' in menu[0]
    return re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', menu[0])


def test_it_is_chosen_in_the_reader_s_language_and_kept_by_its_code(world: World, browser: Browser) -> None:
    browser.http.headers["Accept-Language"] = "de"
    page = browser.get("/account")
    assert offered(page)[0] == ("", "") and ("GB", "Vereinigtes Königreich") in offered(page)
    page = browser.submit(**{"fields.home.locality": "London", "fields.home.country": "GB"})
    assert kept(world) == {"locality": "London", "country": "GB"}
    assert '<option value="GB" selected>Vereinigtes Königreich</option>' in page.text


def test_what_was_typed_before_stays_until_another_is_chosen(world: World, browser: Browser) -> None:
    with world.inside():
        whole = {"formatted": "12 St James's Sq\nLondon", "country": "Perfidious <Albion>"}
        field_values.change(world.user(world.ada), world.tenant, {"home": whole}, where=OPERATOR, by=TESTS)
    page = browser.get("/account")
    assert offered(page)[1] == ("Perfidious &lt;Albion&gt;", "Perfidious &lt;Albion&gt;")
    browser.submit(name="Augusta")
    assert kept(world) == whole, "saving the rest takes nothing from it"
    browser.get("/account")
    browser.submit(**{"fields.home.country": "GB"})
    assert kept(world) == {"country": "GB"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_name_for_every_country(world: World, language: str) -> None:
    names = dict(countries.listed(language))
    assert len(names) == 250 and all(name and name != code for code, name in names.items()), "the 249 of ISO 3166-1, and Kosovo"
    assert not countries.NO_COUNTRIES & names.keys()
