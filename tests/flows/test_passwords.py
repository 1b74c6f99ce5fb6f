"""What a password may be, and what is refused before anything is hashed."""

import contextlib
import cProfile
import pstats
import unicodedata

import pytest
from argon2 import PasswordHasher

from shared.kit import hashes
from shared.kit.errors import Invalid
from shared.services import password_changes, passwords, tenants
from tests.parts.browsing import Browser, Page
from tests.parts.post import link_to
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
EMAIL = "charles@example.com"
START = "difference engines all the way, and then some more of them, to the 72nd b"


def sign_up(world: World, password: str, email: str = EMAIL) -> Page:
    browser = Browser(world.url)
    browser.get("/signup")
    return browser.submit(name="", email=email, password=password)


def sign_in(world: World, password: str, email: str = EMAIL) -> Page:
    browser = Browser(world.url)
    browser.get("/login")
    return browser.submit(email=email, password=password)


def test_two_that_are_equal_in_their_first_72_bytes_differ(world: World) -> None:
    assert len(START.encode()) > 72
    assert sign_up(world, START + "one").path == "/account"
    assert sign_in(world, START + "two").status == 422
    assert sign_in(world, START).status == 422
    assert sign_in(world, START + "one").path == "/account"


@pytest.mark.parametrize(
    "password",
    [
        "x" * 5_000_000,
        "correct horse\0battery staple",
        "correct horse battery" + "\u0301" * 2000,
        "\u0301" * 1000,
        "a" + "\u0301" * 900,
        "correct horse battery staple " * 40,
    ],
)
def test_what_is_refused_is_refused_before_hashing(world: World, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(PasswordHasher, "hash", lambda hasher, password: hashed.append(password))
    assert sign_up(world, password).status in (413, 422)
    assert hashed == []


def test_it_is_the_same_however_the_keyboard_composes_it(world: World) -> None:
    composed = unicodedata.normalize("NFC", "crème brûlée à la française")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert sign_up(world, composed).path == "/account"
    assert sign_in(world, decomposed).path == "/account"
    assert sign_in(world, composed.replace(" ", "\u00a0")).path == "/account"
    assert sign_in(world, composed.upper()).status == 422


def test_one_that_was_hashed_as_it_was_typed_still_opens_its_account(world: World) -> None:
    decomposed = unicodedata.normalize("NFD", "crème brûlée à la française")
    with world.inside():
        password_changes.put(world.user(world.ada), hashes.hash_password(decomposed), by=TESTS)
    assert sign_in(world, decomposed, world.ada.email).path == "/account"


@pytest.mark.parametrize(
    ("least", "short", "long"), [(8, "qv7!zk9", "qv7!zk9#"), (20, "qv7!zk9#wm2&xe5@jd3", "qv7!zk9#wm2&xe5@jd3%")]
)
def test_the_tenant_says_how_long_one_is_at_least(world: World, least: int, short: str, long: str) -> None:
    with world.inside():
        tenants.update(world.tenant, password_least=least, by=TESTS)
    browser = Browser(world.url)
    assert f"At least {least} characters" in browser.get("/signup").words
    refused = sign_up(world, short)
    assert refused.status == 422 and f"Use at least {least} characters" in refused.words
    assert sign_up(world, long).path == "/account"


@pytest.mark.parametrize("written", ["ADA@example.com", "\uff21da@example.com", "ada@EXAMPLE.com", "ada@\uff25xample.com"])
def test_unicode_twins_of_an_address_are_one_account(world: World, written: str) -> None:
    assert sign_up(world, "quite a long password of mine", written).status == 409
    assert sign_in(world, world.ada.password, written).path == "/account"


@pytest.mark.parametrize("password", [" " * 20, "\u3000" * 20, "password password", "letmein letmein", "123456 password"])
def test_blanks_make_nothing_of_what_is_common(world: World, password: str) -> None:
    refused = sign_up(world, password)
    assert refused.status == 422 and "Too easy to guess" in refused.words
    assert sign_up(world, "nine engines and a kettle").path == "/account"


def test_a_character_that_no_password_has_is_told(world: World) -> None:
    assert "This has a character that cannot be used here." in sign_up(world, "correct horse\0battery staple").words


def test_whoever_sits_in_an_account_tries_twenty_and_keeps_nobody_else_from_it(world: World, browser: Browser) -> None:
    browser.get("/login")
    browser.submit(email=world.ada.email, password=world.ada.password)
    browser.get("/account/password")
    statuses = [browser.submit(password="password" * 3).status for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    owner = Browser(world.url)
    owner.get("/recover")
    owner.submit(email=world.ada.email)
    owner.get(link_to(world, world.ada.email))
    assert owner.submit(password="a wholly new and longer password").path == "/login"


@pytest.mark.parametrize("typed", ["b1be466ie a5$6!b@5$0l9e7", "b4561%z4+z)3927e@!a1t1$0", "p@$$w0rd!!!!", "@d@@example.com"])
def test_signs_that_stand_for_letters_cost_little_and_hide_nothing(database: str, typed: str) -> None:
    with cProfile.Profile() as profile, contextlib.suppress(Invalid):
        passwords.check(typed, "ada@example.com", "Ada Lovelace", least=12)
    calls = pstats.Stats(profile).get_stats_profile().func_profiles["dictionary_match"].ncalls
    # Each combination of letters that the signs may stand for is looked up once.
    assert int(calls.partition("/")[0]) <= 2 * 20
    if typed[0] in "p@":
        with pytest.raises(Invalid, match="Too easy to guess"):
            passwords.check(typed, "ada@example.com", "Ada Lovelace", least=12)
