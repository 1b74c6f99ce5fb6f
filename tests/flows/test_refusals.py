"""Where several things are refused at once, each is told beside its field, and all of them together."""

import re
from typing import Any

import pytest
import requests

from shared.models.scope import USUAL
from shared.services import clients, tenants
from tests.parts.browsing import Browser, Page
from tests.parts.fields import make
from tests.parts.signed_in import signed_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
STRONG = "difference engines all the way"
DOMAIN = {"email_verification": "before", "sign_up": "domain", "sign_up_domains": ["acme.example"]}
AGAIN = "Please look at these again:"


@pytest.fixture(autouse=True)
def asked(world: World) -> None:
    with world.inside():
        make(world, "integer", name="Size")
        make(world, "phone", name="Phone")
        make(world, "boolean", name="Terms", required=True)
        make(world, "choice", name="Fit", required=True)


def wrong(page: Page) -> list[str]:
    """The inputs that are said to be wrong, as their messages name them."""
    return re.findall(r'class="error" id="([^"]+)-error"', page.text)


def sign_up(browser: Browser, **typed: str) -> Page:
    browser.get("/signup")
    form = browser.page.form(email="")
    return browser.post("/signup", **{**form.fields, "email": "charles@example.com", "password": STRONG, **typed})


SIGN_UP = {"fields.integer": "many", "fields.phone": "none"}
FIELDS = ["fields.integer", "fields.phone", "fields.boolean", "fields.choice"]


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ({}, FIELDS),
        ({"email": "nobody"}, ["email", *FIELDS]),
        ({"email": "nobody", "password": "short"}, ["email", "password", *FIELDS]),
        ({"email": ""}, ["email", *FIELDS]),
        ({"email": "nobody", "password": ""}, ["email", "password", *FIELDS]),
        ({"email": "", "password": "short"}, ["email", "password", *FIELDS]),
        ({"email": "", "password": "", "name": "x" * 300}, ["name", "email", "password", *FIELDS]),
    ],
)
def test_all_that_is_wrong_with_a_new_account_is_told_at_once(
    world: World, browser: Browser, typed: dict[str, str], refused: list[str]
) -> None:
    page = sign_up(browser, **SIGN_UP, **typed)
    assert page.status == 422
    assert wrong(page) == refused
    assert AGAIN in page.words
    assert [link for link in page.links.values() if link.startswith("#") and link != "#main"] == [f"#{name}" for name in refused]
    assert len(re.findall(r"\bautofocus\b", page.text)) == 1, "the cursor stands in the first"


def test_also_where_its_domain_may_have_none(world: World, browser: Browser) -> None:
    with world.inside():
        tenants.update(
            tenants.get(world.tenant.id),
            email_verification="before",
            sign_up="domain",
            sign_up_domains=["acme.example"],
            by=TESTS,
        )
    assert wrong(sign_up(browser, **SIGN_UP)) == ["email", *FIELDS]


def test_one_thing_is_told_beside_its_field_alone(browser: Browser) -> None:
    right = {"fields.boolean": "yes", "fields.choice": "m"}
    page = sign_up(browser, **right, password="short")
    assert wrong(page) == ["password"]
    assert AGAIN not in page.words


def test_all_that_is_wrong_with_a_profile_is_told_at_once_and_nothing_is_kept(world: World) -> None:
    browser = signed_in(world)
    browser.get("/account")
    form = browser.page.form(name="")
    page = browser.post("/account", **{**form.fields, "name": "Countess", **SIGN_UP, "fields.choice": "xl"})
    assert (page.status, wrong(page)) == (422, FIELDS)
    page = browser.post("/account", **{**form.fields, "name": "x" * 300, **SIGN_UP, "fields.choice": "xl"})
    assert (page.status, wrong(page)) == (422, ["name", *FIELDS])
    with world.inside():
        ada = world.user(world.ada)
        assert (ada.name, ada.fields) == (world.ada.name, {})


def test_the_api_names_each_beside_what_it_said_before(rp: RelyingParty, world: World) -> None:
    with world.inside():
        clients.update(world.client(world.web), scopes=[*USUAL, "account:write"], by=TESTS)
    token = rp.tokens(scope="openid profile account account:write").access_token
    body: dict[str, Any] = {"fields": {"integer": "many", "phone": "none"}, "claims": {"zoneinfo": "Nowhere"}}
    headers = {"Authorization": f"Bearer {token}"}
    told = requests.patch(f"{world.url}/api/me", json=body, headers=headers, timeout=30)
    assert told.status_code == 422
    problem = told.json()
    assert problem["field"] == "fields.integer"
    assert problem["detail"] == problem["errors"][0]["message"]
    assert [each["field"] for each in problem["errors"]] == ["fields.integer", "fields.phone", "zoneinfo"]
    one = requests.patch(f"{world.url}/api/me", json={"fields": {"integer": "many"}}, headers=headers, timeout=30).json()
    assert one["field"] == "fields.integer"
    assert "errors" not in one
