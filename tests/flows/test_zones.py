"""Times stand as they do where a person is, if that is known; else in UTC, and either way it is named."""

import re

import pytest

from shared.models.user_field import OPERATOR
from shared.services import field_values, password_changes, person_claims, users
from tests.parts.browsing import Browser, Page
from tests.parts.fields import make
from tests.parts.post import letters_to
from tests.parts.signed_in import signed_in
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
MOMENT = "fields.datetime"


@pytest.fixture
def ada(world: World) -> Browser:
    """Ada, whom her tenant asks for a moment."""
    with world.inside():
        make(world, "datetime")
    return signed_in(world)


def lives_in(world: World, zone: str, moment: str | None = None) -> None:
    with world.inside():
        user = person_claims.change(world.user(world.ada), {"zoneinfo": zone}, by=TESTS)
        if moment:
            field_values.change(user, world.tenant, {"datetime": moment}, where=OPERATOR, by=TESTS)


def save(browser: Browser, **typed: str) -> Page:
    form = browser.get("/account").form(name="")
    return browser.post("/account", **{**form.fields, **typed})


def shown(browser: Browser) -> str:
    return browser.get("/account").form(name="").fields[MOMENT]


def kept(world: World) -> object:
    with world.inside():
        return world.user(world.ada).fields.get("datetime")


def test_a_time_is_taken_and_shown_in_the_zone_of_its_person(world: World, ada: Browser) -> None:
    lives_in(world, "Asia/Kolkata")
    assert "In the time of Kolkata." in ada.get("/account").words
    assert save(ada, **{MOMENT: "2027-02-03T14:05"}).path == "/account"
    assert kept(world) == "2027-02-03T08:35:00Z"
    assert shown(ada) == "2027-02-03T14:05:00"


def test_whoever_has_no_zone_yet_may_choose_it_in_the_same_form(world: World) -> None:
    with world.inside():
        make(world, "datetime", at_sign_up=True)
        make(world, "timezone", at_sign_up=True)
    browser = Browser(world.url)
    assert "In the time zone that you choose here, or else in UTC." in browser.get("/signup").words
    chosen = {MOMENT: "2027-07-03T14:05", "fields.timezone": "Europe/Berlin"}
    browser.submit(name="", email="karl@example.com", password="difference engines all the way", **chosen)
    with world.inside():
        karl = users.find_by_email(world.tenant, "karl@example.com")
        assert karl and karl.fields["datetime"] == "2027-07-03T12:05:00Z"
    assert shown(browser) == "2027-07-03T14:05:00"


def test_what_was_not_touched_stays_though_a_zone_is_chosen_beside_it(world: World, ada: Browser) -> None:
    with world.inside():
        make(world, "timezone")
        field_values.change(world.user(world.ada), world.tenant, {"datetime": "2027-07-03T14:05Z"}, where=OPERATOR, by=TESTS)
    assert shown(ada) == "2027-07-03T14:05:00"
    save(ada, **{"fields.timezone": "Europe/Berlin"})
    assert kept(world) == "2027-07-03T14:05:00Z" and shown(ada) == "2027-07-03T16:05:00"


def test_the_zone_may_be_a_field_of_the_tenant(world: World, ada: Browser) -> None:
    with world.inside():
        make(world, "timezone")
        field_values.change(world.user(world.ada), world.tenant, {"timezone": "Europe/Paris"}, where=OPERATOR, by=TESTS)
    save(ada, **{MOMENT: "2027-07-03T14:05"})
    assert kept(world) == "2027-07-03T12:05:00Z"


def test_without_a_zone_it_is_utc_and_says_so(world: World, ada: Browser) -> None:
    assert "In UTC." in ada.get("/account").words
    save(ada, **{MOMENT: "2027-02-03T14:05"})
    assert kept(world) == "2027-02-03T14:05:00Z"


def test_what_says_its_zone_itself_is_taken_at_its_word(world: World, ada: Browser) -> None:
    lives_in(world, "Asia/Kolkata")
    save(ada, **{MOMENT: "2027-02-03T14:05:00+01:00"})
    assert kept(world) == "2027-02-03T13:05:00Z"


def test_times_of_long_ago_are_taken_by_the_sun_of_the_place(world: World, ada: Browser) -> None:
    lives_in(world, "Europe/Berlin")
    assert save(ada, **{MOMENT: "1815-12-10T13:00"}).status == 200
    assert kept(world) == "1815-12-10T12:06:32Z"


@pytest.mark.parametrize("twice", ["2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"])
def test_the_hour_that_comes_twice_stays_as_it_was_when_something_else_is_saved(world: World, ada: Browser, twice: str) -> None:
    lives_in(world, "Europe/Berlin", twice)
    assert shown(ada) == "2027-10-31T02:30:00"
    # Browsers leave out seconds that are nought.
    save(ada, name="Ada King", **{MOMENT: "2027-10-31T02:30"})
    assert kept(world) == twice


@pytest.mark.parametrize("odd", ["0001-01-01T00:00", "9999-12-31T23:59", "2027-02-30T10:00", "2027-02-03", "soon"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_what_is_no_time_is_told_and_shown_again(world: World, ada: Browser, odd: str, zone: str) -> None:
    lives_in(world, zone)
    page = save(ada, **{MOMENT: odd})
    assert page.status in (200, 422)
    assert ada.get("/account").status == 200


def test_what_only_operators_fill_in_is_shown_in_it_too(world: World) -> None:
    with world.inside():
        make(world, "datetime", editable=False, at_sign_up=False)
    lives_in(world, "Asia/Kolkata", "2027-02-03T08:35:00Z")
    assert re.search(r"3 Feb 2027, 14:05 \(Kolkata\)", signed_in(world).get("/account").words)


@pytest.mark.parametrize(("zone", "name"), [("Asia/Kolkata", r"\(Kolkata\)"), (None, "UTC")])
def test_letters_say_when_it_was_where_their_reader_is(world: World, zone: str | None, name: str) -> None:
    if zone:
        lives_in(world, zone)
    with world.inside():
        password_changes.change(world.user(world.ada), password="nine engines and a kettle", by=TESTS)
    assert re.search(rf"\d\d:\d\d {name}\s", letters_to(world, world.ada.email)[-1])


def test_their_own_pages_say_when_it_was_where_their_reader_is_also_without_a_script(world: World, ada: Browser) -> None:
    assert re.search(r"since \d+ \w+ \d{4}, \d\d:\d\d UTC", ada.get("/account/sessions").words)
    lives_in(world, "Asia/Kolkata")
    assert re.search(r"since \d+ \w+ \d{4}, \d\d:\d\d \(Kolkata\)", ada.get("/account/sessions").words)
