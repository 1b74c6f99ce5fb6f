"""Who may make an account: people of some domains, people who were invited, nobody."""

import pytest

from shared.kit.errors import Invalid
from shared.services import tenants, users
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
STRONG = "difference engines all the way"


def allow(world: World, *domains: str) -> None:
    with world.inside():
        tenants.update(world.tenant, sign_up="domain", sign_up_domains=list(domains), email_verification="required", by=TESTS)


def sign_up(world: World, email: str) -> Page:
    browser = Browser(world.url)
    browser.get("/signup")
    return browser.submit(name="", email=email, password=STRONG)


@pytest.mark.parametrize(
    ("domain", "email"),
    [
        ("example.com", "x@example.com"),
        ("Example.COM", "x@EXAMPLE.com"),
        ("bücher.example", "x@xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "x@BÜCHER.example"),
        ("example.com", "x@\uff45xample.com"),
        (".example.com", "x@mail.example.com"),
        (".example.com", "x@a.b.example.com"),
    ],
)
def test_an_address_at_the_domain_may_have_an_account_however_it_is_written(world: World, domain: str, email: str) -> None:
    allow(world, domain)
    assert sign_up(world, email).path == "/account"


@pytest.mark.parametrize(
    ("domain", "email"),
    [
        ("example.com", "x@mail.example.com"),
        ("example.com", "x@badexample.com"),
        ("example.com", "x@example.com.evil.example"),
        ("example.com", '"x@example.com"@evil.example'),
        ("example.com", "x@example.co"),
        ("example.com", "x@ex\u0430mple.com"),
        (".example.com", "x@example.com"),
        (".example.com", "x@badexample.com"),
    ],
)
def test_any_other_is_refused(world: World, domain: str, email: str) -> None:
    allow(world, domain)
    page = sign_up(world, email)
    assert page.status == 422
    with world.inside():
        assert users.find_by_email(world.tenant, email) is None


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "An address at engines.example, looms.example or *.mills.example."),
        ("de", "engines.example, looms.example oder *.mills.example"),
        ("ar", "\u2068\u2068engines.example\u2069 أو \u2068looms.example\u2069 أو \u2068*.mills.example\u2069\u2069"),
    ],
)
def test_the_page_tells_each_domain_once_in_the_reader_s_way(world: World, browser: Browser, language: str, told: str) -> None:
    allow(world, "engines.example", ".engines.example", "looms.example", ".mills.example")
    browser.http.headers["Accept-Language"] = language
    assert told in browser.get("/signup").text


@pytest.mark.parametrize(
    "domain", ["", "..", "exa mple.com", "https://example.com", "@example.com", "*", "*.example.com", "com\0"]
)
def test_what_is_no_domain_is_refused(world: World, domain: str) -> None:
    with pytest.raises(Invalid):
        allow(world, domain)


def test_domains_mean_something_only_where_addresses_are_verified(world: World) -> None:
    with world.inside(), pytest.raises(Invalid, match="claim an address"):
        tenants.update(world.tenant, sign_up="domain", sign_up_domains=["example.com"], by=TESTS)
    allow(world, "example.com")
    with world.inside(), pytest.raises(Invalid, match="claim an address"):
        tenants.update(world.tenant, email_verification="later", by=TESTS)


def test_where_one_must_be_invited_the_page_says_so(world: World, browser: Browser) -> None:
    browser.get("/signup")
    with world.inside():
        tenants.update(world.tenant, sign_up="invitation", by=TESTS)
    assert browser.submit(name="", email="x@example.com", password=STRONG).status == 422
    page = browser.get("/signup")
    assert page.status == 403 and "By invitation only" in page.words
    assert "signup" not in browser.get("/login").links
