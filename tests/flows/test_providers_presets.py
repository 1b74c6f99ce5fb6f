"""What presets know: the ways of Microsoft, GitHub and LinkedIn, and OAuth 2 providers that speak no OpenID."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from shared.kit.db import transaction
from shared.models.provider import Provider
from shared.services import providers, users
from shared.services.provider_presets import DISCOVERY, PRESETS
from tests.parts.browsing import Browser
from tests.parts.elsewhere import CLIENT_ID, UNVERIFIED, Elsewhere, come_back, leave, linked, nobody, sign_in
from tests.parts.https import Https
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
ONE, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
APPLE_KEY = ECKey.generate_key("P-256")


def add(world: World, preset: str, secret: str = "s", **rules: Any) -> Provider:
    with world.inside():
        return providers.create(world.tenant, preset=preset, client_id=CLIENT_ID, secret=secret, by=TESTS, **rules)


def move(world: World, provider: Provider, url: str) -> None:
    """As if the provider of a preset were at another address."""
    with world.inside(), transaction() as session:
        session.get_one(Provider, provider.id).discovery_url = url


def microsoft(world: World, https: Https, directory: str = "common") -> Elsewhere:
    elsewhere = Elsewhere(https, f"/{directory}/v2.0")
    elsewhere.discover(issuer=f"{https.url}/{{tenantid}}/v2.0")
    move(world, add(world, "microsoft", directory=directory), elsewhere.issuer + DISCOVERY)
    return elsewhere


def test_each_preset_is_whole(world: World) -> None:
    told = {"team_id": "ABCDEFGHIJ", "key_id": "ABCDEFGHIJ"}
    for preset in PRESETS.values():
        if preset.slug in ("openid", "oauth2"):
            continue
        secret = APPLE_KEY.as_pem(private=True).decode() if preset.slug == "apple" else "s"
        asked = {name: told[name] for name in preset.asks if name in told}
        made = add(world, preset.slug, secret, **asked)
        assert made.discovery_url or {"authorization", "token", "userinfo"} <= made.endpoints.keys()
        for url in (made.discovery_url, *made.endpoints.values()):
            assert url is None or (url.startswith("https://") and "{" not in url), url
        assert preset.where.endswith(".") and made.scopes


# Microsoft: one document for the issuers of all its directories.


def test_microsoft_names_the_directory_in_the_token(world: World, https: Https, browser: Browser) -> None:
    elsewhere = microsoft(world, https)
    # Its addresses are the directory's word, and count for nothing (nOAuth).
    page = sign_in(browser, elsewhere, "microsoft", iss=f"{https.url}/{ONE}/v2.0", tid=ONE, email="x@body.example")
    assert page.path == "/login/joining", page.words
    assert browser.submit(email="x@body.example").path == "/account"
    assert linked(world) == [(f"{ONE}:somebody-1", "x@body.example")]
    with world.inside():
        made = users.find_by_email(world.tenant, "x@body.example")
        assert made is not None and not made.email_verified
    # Of another directory it is somebody else, whatever they are called there.
    other = Browser(world.url)
    page = sign_in(other, elsewhere, "microsoft", iss=f"{https.url}/{OTHER}/v2.0", tid=OTHER, email="x@body.example")
    assert "You have an account already" in page.words and nobody(other)


@pytest.mark.parametrize(
    ("issuer", "directory"),
    [
        (f"/{ONE}/v2.0", OTHER),
        (f"/{ONE}/v2.0", None),
        ("/{tenantid}/v2.0", "{tenantid}"),
        ("/common/v2.0", "common"),
        (f"/{ONE}/v2.0/", ONE),
        (f"/x/../{ONE}/v2.0", f"x/../{ONE}"),
        (f"/{ONE}/v2.0", [ONE]),
    ],
)
def test_microsofts_issuer_is_the_directorys_letter_by_letter(
    world: World, https: Https, browser: Browser, issuer: str, directory: Any
) -> None:
    elsewhere = microsoft(world, https)
    page = sign_in(browser, elsewhere, "microsoft", iss=https.url + issuer, tid=directory)
    assert page.status == 502 and UNVERIFIED in page.words and nobody(browser)


@pytest.mark.parametrize(
    ("directory", "issuer", "right"),
    [
        (ONE, f"/{ONE}/v2.0", True),
        (ONE, f"/{OTHER}/v2.0", False),
        (ONE, "/{tenantid}/v2.0", False),
        ("contoso.example", f"/{ONE}/v2.0", True),
        ("contoso.example", "/{tenantid}/v2.0", False),
        ("common", f"/{ONE}/v2.0", False),
        ("consumers", f"/{ONE}/v2.0", False),
    ],
)
def test_one_directory_is_that_directory(
    world: World, https: Https, browser: Browser, directory: str, issuer: str, right: bool
) -> None:
    elsewhere = microsoft(world, https, directory)
    elsewhere.discover(issuer=https.url + issuer)
    browser.get("/login")
    page = browser.submit(press="with-microsoft")
    assert (page.left_to is not None) is right and (right or UNVERIFIED in page.words)


@pytest.mark.parametrize("tid", [None, 7, "", "contoso.example"])
def test_without_its_directory_nobody_is_known_at_microsoft(world: World, https: Https, browser: Browser, tid: object) -> None:
    elsewhere = microsoft(world, https, ONE)
    elsewhere.discover(issuer=f"{https.url}/{ONE}/v2.0")
    page = sign_in(browser, elsewhere, "microsoft", iss=f"{https.url}/{ONE}/v2.0", tid=tid)
    assert page.status == 502 and UNVERIFIED in page.words


# LinkedIn repeats no nonce, and takes a verifier for a wrong secret.


def test_linkedin_is_asked_without_pkce_and_need_not_repeat_the_nonce(world: World, https: Https, browser: Browser) -> None:
    elsewhere = Elsewhere(https, "/linkedin")
    move(world, add(world, "linkedin"), elsewhere.issuer + DISCOVERY)
    asked = leave(browser, "linkedin")
    assert "code_challenge" not in asked
    elsewhere.tokens(elsewhere.id_token(asked, nonce="another"))
    assert UNVERIFIED in come_back(browser, asked, "linkedin").words
    assert sign_in(browser, elsewhere, "linkedin", nonce=None).path == "/account"
    assert "code_verifier" not in elsewhere.exchanged()


# GitHub and its like: who it is stands in a profile, and perhaps the address in a list.


@pytest.fixture
def github(world: World, https: Https) -> Elsewhere:
    elsewhere = Elsewhere(https, "/gh")
    add(world, "github", origin=elsewhere.issuer)
    elsewhere.json("/api/v3/user", {"id": 583231, "login": "somebody", "name": "Some Body", "email": "public@body.example"})
    elsewhere.json(
        "/api/v3/user/emails",
        [
            {"email": "old@body.example", "primary": False, "verified": True},
            {"email": "some@body.example", "primary": True, "verified": True},
        ],
    )
    elsewhere.json("/login/oauth/access_token", {"access_token": "gho_x", "token_type": "bearer", "scope": "user:email"})
    return elsewhere


def test_github_is_asked_for_a_primary_address_that_is_verified(world: World, github: Elsewhere, browser: Browser) -> None:
    asked = leave(browser, "github")
    assert "nonce" not in asked and asked["scope"] == "read:user user:email" and asked["code_challenge_method"] == "S256"
    assert come_back(browser, asked, "github").path == "/account"
    assert linked(world) == [("583231", "some@body.example")]
    paths = [each for each in github.https.asked if each["path"].startswith("/gh/api")]
    assert [each["Authorization"] for each in paths] == ["Bearer gho_x"] * 2
    form = next(each for each in github.https.asked if each["path"].endswith("access_token"))
    assert form["Accept"] == "application/json" and parse_qs(form["body"])["client_secret"] == ["s"]


@pytest.mark.parametrize(
    "emails",
    [
        [],
        {},
        [{"email": "victim@body.example", "primary": True, "verified": False}],
        [{"email": "victim@body.example", "primary": "yes", "verified": True}],
        [None, 1, {"email": ["x"], "primary": True, "verified": True}],
    ],
)
def test_without_one_the_address_is_asked_for(world: World, github: Elsewhere, browser: Browser, emails: Any) -> None:
    github.json("/api/v3/user/emails", emails)
    asked = leave(browser, "github")
    page = come_back(browser, asked, "github")
    assert page.path == "/login/joining" and page.form().fields["email"] == ""


@pytest.mark.parametrize(
    "profile", [[], {}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": {"a": 1}}, {"id": "a\nb"}]
)
def test_a_profile_that_does_not_say_who_it_is_signs_nobody_in(
    world: World, github: Elsewhere, browser: Browser, profile: Any
) -> None:
    github.json("/api/v3/user", profile)
    asked = leave(browser, "github")
    page = come_back(browser, asked, "github")
    assert page.status == 502 and UNVERIFIED in page.words and nobody(browser)


def test_a_refusal_with_status_200_is_one(world: World, github: Elsewhere, browser: Browser) -> None:
    asked = leave(browser, "github")
    github.https.answer("/gh/login/oauth/access_token", b'{"error": "bad_verification_code"}')
    assert "did not let you in" in come_back(browser, asked, "github").words


def test_any_oauth2_provider_is_read_by_its_paths(world: World, https: Https, browser: Browser) -> None:
    elsewhere = Elsewhere(https, "/forge")
    add(
        world,
        "oauth2",
        name="Forge",
        endpoints={name: f"{elsewhere.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
        paths={"subject": "data.id", "email": "data.mail", "email_verified": "data.ok", "name": "data.names.full"},
        scopes=["me"],
        trusts_email=True,
    )
    told = {"id": 7, "mail": "seven@body.example", "ok": True, "names": {"full": "Seven"}}
    elsewhere.json("/userinfo", {"data": told})
    elsewhere.tokens()
    asked = leave(browser, "forge")
    assert asked["scope"] == "me"
    assert come_back(browser, asked, "forge").path == "/account"
    assert linked(world) == [("7", "seven@body.example")]
    assert elsewhere.exchanged()["authorization"].startswith("Basic ")
    # A number and the text of it are one.
    elsewhere.json("/userinfo", {"data": {**told, "id": "7"}})
    other = Browser(world.url)
    assert come_back(other, leave(other, "forge"), "forge").path == "/account" and len(linked(world)) == 1
    assert urlsplit(elsewhere.issuer).scheme == "https"


def test_reddit_is_told_which_application_asks(world: World, https: Https, browser: Browser) -> None:
    """Its rules for clients: the platform, the application and its version in User-Agent, and the secret in the header."""
    elsewhere = Elsewhere(https, "/reddit")
    row = add(world, "reddit")
    with world.inside(), transaction() as session:
        session.get_one(Provider, row.id).endpoints = {
            name: f"{elsewhere.issuer}/{name}" for name in ("authorization", "token", "userinfo")
        }
    elsewhere.json("/userinfo", {"id": "t2_x", "name": "somebody"})
    elsewhere.tokens()
    asked = leave(browser, "reddit")
    assert asked["duration"] == "temporary" and asked["scope"] == "identity"
    assert come_back(browser, asked, "reddit").path == "/login/joining"
    agents = [each["User-Agent"] for each in https.asked if each["path"].startswith("/reddit")]
    assert agents == [f"web:{CLIENT_ID}:1 (Bailiwick)"] * 2 and elsewhere.exchanged()["authorization"].startswith("Basic ")
