"""What a tenant asks of its people besides name and e-mail address: at sign-up, and on their own page."""

from typing import Any

import pytest

from shared.models.user import User
from shared.services import user_fields, users
from tests.parts.browsing import Browser, Page
from tests.parts.fields import BAD, TYPED, as_form, make, make_all
from tests.parts.world import TESTS, World

STRONG = "difference engines all the way"
CHARLES = {"name": "Charles", "email": "charles@example.com", "password": STRONG}


def sign_up(browser: Browser, **typed: Any) -> Page:
    browser.get("/signup")
    return fill(browser, **CHARLES, **as_form(typed))


def fill(browser: Browser, **typed: Any) -> Page:
    """Fill in the form of the page, boxes too, which no form holds until they are ticked."""
    form = browser.page.form(name="")
    return browser.post(browser.page.url, **{**form.fields, **typed})


def charles(world: World) -> User | None:
    with world.inside():
        return users.find_by_email(world.tenant, "charles@example.com")


def kept(world: World) -> dict[str, Any]:
    found = charles(world)
    assert found is not None
    return found.fields


def test_a_tenant_without_fields_asks_for_nothing_more(browser: Browser) -> None:
    assert not [name for name in browser.get("/signup").form(email="").fields if name.startswith("fields.")]


def test_every_kind_is_asked_for_and_kept(world: World, browser: Browser) -> None:
    make_all(world)
    page = sign_up(browser, **{kind: typed for kind, (typed, _) in TYPED.items()})
    assert page.path == "/account", page.words
    assert kept(world) == {kind: value for kind, (_, value) in TYPED.items()}


def test_what_is_optional_may_be_left_empty(world: World, browser: Browser) -> None:
    make_all(world)
    assert sign_up(browser).path == "/account"
    assert kept(world) == {"boolean": False}, "a box that stays empty says no"


# A form sends text, and a box that it knows of is ticked or not.
SENT = [(kind, bad) for kind, values in BAD.items() for bad in values if isinstance(bad, str) and bad.isascii()]
UNFIT = [(kind, bad) for kind, bad in SENT if kind not in ("address", "boolean")]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    ("kind", "bad"), [*UNFIT, ("address", {"locality": "x" * 501}), ("address", {"locality": "a\x00b"}), ("string", "a\u202eb")]
)
def test_what_does_not_fit_is_refused_at_its_input(world: World, browser: Browser, kind: str, bad: Any) -> None:
    with world.inside():
        make(world, kind)
    page = sign_up(browser, **{kind: bad})
    assert (page.status, page.path) == (422, "/signup")
    assert page.text.count('aria-invalid="true"') == 1
    assert f'id="fields.{kind}-error"' in page.text
    assert charles(world) is None


@pytest.mark.parametrize("kind", list(TYPED))
def test_what_is_required_is_asked_for_until_it_is_there(world: World, browser: Browser, kind: str) -> None:
    with world.inside():
        make(world, kind, required=True)
    assert sign_up(browser).status == 422
    assert charles(world) is None
    assert fill(browser, **CHARLES, **as_form({kind: TYPED[kind][0]})).path == "/account"
    assert kept(world) == {kind: TYPED[kind][1]}


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_form_without_the_inputs_does_not_get_around_what_is_required(world: World, browser: Browser) -> None:
    with world.inside():
        make(world, "boolean", required=True)
    browser.get("/signup")
    token = browser.page.form(email="").fields["csrf_token"]
    assert browser.post("/signup", csrf_token=token, **CHARLES).status == 422
    assert charles(world) is None


@pytest.mark.parametrize(("kind", "default"), [(kind, value) for kind, (_, value) in TYPED.items()])
def test_a_default_is_there_where_nothing_is_given(world: World, browser: Browser, kind: str, default: Any) -> None:
    with world.inside():
        make(world, kind, default=default)
        make(world, kind, slug="unasked", at_sign_up=False, default=default)
    assert sign_up(browser).path == "/account"
    assert kept(world) == {kind: default, "unasked": default}
    with world.inside():
        made = users.create(world.tenant, email="by-operator@example.com", by=TESTS)
        assert made.fields == {kind: default, "unasked": default}


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_default_that_somebody_empties_is_empty(world: World, browser: Browser) -> None:
    with world.inside():
        make(world, "string", default="Engines")
    assert sign_up(browser, string="").path == "/account"
    assert kept(world) == {}


def test_what_is_not_asked_at_sign_up_cannot_be_slipped_in(world: World, browser: Browser) -> None:
    with world.inside():
        make(world, "string", slug="rank", at_sign_up=False)
    browser.get("/signup")
    form = browser.page.form(email="")
    assert (
        browser.post("/signup", **{**form.fields, **CHARLES, "fields.rank": "Admiral", "fields.unknown": "x"}).path == "/account"
    )
    assert kept(world) == {}


def test_a_new_field_is_asked_for_at_once_and_a_deleted_one_no_more(world: World, browser: Browser) -> None:
    browser.get("/signup")
    with world.inside():
        made = make(world, "string")
    assert "fields.string" in browser.get("/signup").form(email="").fields
    with world.inside():
        user_fields.delete(made, by=TESTS)
    assert "fields.string" not in browser.get("/signup").form(email="").fields


def test_what_people_have_goes_with_the_field(world: World, browser: Browser) -> None:
    with world.inside():
        gone, stays = make(world, "choices"), make(world, "string")
    sign_up(browser, choices="s", string="Engines")
    with world.inside():
        assert (user_fields.count(gone), user_fields.count(stays)) == (1, 1)
        user_fields.delete(gone, by=TESTS)
        assert (user_fields.count(gone), user_fields.count(stays)) == (0, 1)
    assert kept(world) == {"string": "Engines"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_words_of_operators_and_people_are_text(world: World, browser: Browser) -> None:
    markup = "<script>alert(1)</script>\"'"
    with world.inside():
        make(world, "string", name=markup, hint=markup)
        make(world, "choice", name=markup, hint=markup, choices=[[markup, markup]])
        make(world, "choices", name=markup, hint=markup, choices=[[markup, markup]])
        make(world, "boolean", name=markup, hint=markup)
        make(world, "address", name=markup, hint=markup)
        make(world, "string", slug="shown", editable=False)
    assert "<script>alert" not in browser.get("/signup").text
    typed = {"string": markup, "shown": markup, "choice": markup, "choices": markup, "address": {"locality": markup}}
    page = sign_up(browser, **typed)
    assert page.path == "/account"
    assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
    assert kept(world) == {**typed, "choices": [markup], "boolean": False}
