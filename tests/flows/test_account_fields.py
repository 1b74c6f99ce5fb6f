"""The tenant's fields on the page of one's own account."""

import re

import pytest

from shared.models.user_field import OPERATOR
from shared.services import field_values, user_fields
from tests.parts.browsing import Browser
from tests.parts.fields import TYPED, as_form, make, make_all
from tests.parts.world import TESTS, World


@pytest.fixture
def ada(world: World, browser: Browser) -> Browser:
    browser.get("/login")
    assert browser.submit(email=world.ada.email, password=world.ada.password).path == "/account"
    return browser


def fill(world: World, **typed: object) -> None:
    with world.inside():
        field_values.change(world.user(world.ada), world.tenant, typed, where=OPERATOR, by=TESTS)


def kept(world: World) -> dict[str, object]:
    with world.inside():
        return world.user(world.ada).fields


def send(browser: Browser, **typed: object) -> object:
    page = browser.get("/account")
    return browser.post("/account", **{**page.form(name="").fields, **typed})


def test_every_kind_is_filled_in_and_stays_when_it_is_saved_again(world: World, ada: Browser) -> None:
    make_all(world)
    assert send(ada, **as_form({kind: typed for kind, (typed, _) in TYPED.items()})).status == 200
    values = {kind: value for kind, (_, value) in TYPED.items()}
    assert kept(world) == values
    assert "Saved." in send(ada, name="Ada King").words
    assert kept(world) == values, "what the form holds is what was kept"


def test_the_name_is_saved_together_with_the_fields(world: World, ada: Browser) -> None:
    with world.inside():
        make(world, "string", slug="company", editable=True)
    for name in ("Ada King", "Countess of Lovelace"):
        assert send(ada, name=name, **{"fields.company": f"Engines of {name}"}).status == 200
        with world.inside():
            assert world.user(world.ada).name == name
        assert kept(world) == {"company": f"Engines of {name}"}


@pytest.mark.parametrize(("language", "typed"), [("de", "1.200"), ("ar", "١٬٢٠٠"), ("en", "1,200")])
def test_a_whole_number_is_typed_as_its_reader_writes_it(world: World, ada: Browser, language: str, typed: str) -> None:
    with world.inside():
        make(world, "integer")
    ada.http.headers["Accept-Language"] = language
    assert send(ada, **{"fields.integer": typed}).status == 200
    assert kept(world) == {"integer": 1200}


def test_what_operators_keep_is_shown_and_cannot_be_written(world: World, ada: Browser) -> None:
    with world.inside():
        make(world, "string", slug="rank", editable=False)
        make(world, "string", slug="team", editable=False, at_sign_up=False)
        make(world, "boolean", editable=False)
    fill(world, rank="Admiral", team="Navy", boolean=True)
    page = ada.get("/account")
    assert "Admiral" in page.words and "Navy" in page.words and "Yes" in page.words
    assert not [name for name in page.form(name="").fields if name.startswith("fields.")]
    send(ada, **{"fields.rank": "Emperor", "fields.boolean": "no"})
    assert kept(world) == {"rank": "Admiral", "team": "Navy", "boolean": True}


@pytest.mark.parametrize(("language", "day"), [("en", "9 Mar 2024"), ("de", "09.03.2024"), ("ja", "2024/03/09")])
def test_a_day_that_cannot_be_changed_is_written_as_the_reader_writes_it(
    world: World, ada: Browser, language: str, day: str
) -> None:
    with world.inside():
        make(world, "date", editable=False)
    fill(world, date="2024-03-09")
    ada.http.headers["Accept-Language"] = language
    assert day in ada.get("/account").words


def test_browsers_are_told_what_they_may_fill_in_by_themselves(world: World, ada: Browser) -> None:
    with world.inside():
        make(world, "date", slug="born", claim="birthdate", editable=True)
        make(world, "locale", slug="reads", claim="locale", editable=True)
        make(world, "locale", slug="learns", editable=True)
    page = ada.get("/account")
    assert re.search(r'<input (?=[^>]*name="fields.born")[^>]*autocomplete="bday"', page.text)
    assert re.search(r'<select (?=[^>]*name="fields.reads")[^>]*autocomplete="language"', page.text)
    assert not re.search(r'<select (?=[^>]*name="fields.learns")[^>]*autocomplete', page.text)


def test_what_is_required_later_keeps_nobody_out_and_is_asked_for(world: World, browser: Browser, ada: Browser) -> None:
    with world.inside():
        make(world, "string", slug="company", required=True)
        make(world, "boolean", slug="terms", required=True, editable=False)
    again = Browser(world.url)
    again.get("/login")
    assert again.submit(email=world.ada.email, password=world.ada.password).path == "/account"
    assert send(ada, name="Ada King").status == 422
    assert send(ada, name="Ada King", **{"fields.company": "Engines"}).status == 422
    assert kept(world) == {}, "all or nothing"
    assert send(ada, name="Ada King", **{"fields.company": "Engines", "fields.terms": "yes"}).status == 200
    assert kept(world) == {"company": "Engines", "terms": True}
    assert "fields.terms" not in ada.get("/account").text, "it was asked once, and is not theirs to change"


def test_a_choice_that_is_offered_no_longer_stays_until_another_is_made(world: World, ada: Browser) -> None:
    with world.inside():
        field = make(world, "choice")
    fill(world, choice="m")
    with world.inside():
        user_fields.change(field, choices=[["s", "Small"]], by=TESTS)
    assert send(ada, name="Ada King").status == 200
    assert kept(world) == {"choice": "m"}
    assert send(ada, **{"fields.choice": "l"}).status == 422
    send(ada, **{"fields.choice": "s"})
    assert kept(world) == {"choice": "s"}


def test_taken_together_they_are_not_too_much(world: World, ada: Browser) -> None:
    with world.inside():
        for number in range(9):
            make(world, "long_text", slug=f"text{number}")
    page = send(ada, **{f"fields.text{number}": "x" * 2000 for number in range(9)})
    assert page.status == 422 and "too much text" in page.words
    assert kept(world) == {}
