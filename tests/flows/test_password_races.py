"""A login that is under way while the password becomes another: the old one opens nothing, and does not come back."""

from collections.abc import Callable
from threading import Thread

import argon2
import pytest

from shared.models.audit import Actor
from shared.services import password_changes, passwords, users
from tests.parts.browsing import Browser
from tests.parts.world import TESTS, World

NEWER = "difference engines all the way"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """meanwhile(act): once the next password was found right, and before anything follows from that, `act` is done elsewhere."""
    fits = passwords.fits

    def arrange(act: Callable[[], object]) -> None:
        def late(kept: str | None, password: str) -> bool:
            right = fits(kept, password)
            monkeypatch.setattr(passwords, "fits", fits)
            elsewhere = Thread(target=act)
            elsewhere.start()
            elsewhere.join()
            return right

        monkeypatch.setattr(passwords, "fits", late)

    return arrange


def change(world: World) -> None:
    with world.inside():
        user = world.user(world.ada)
        password_changes.change(user, password=NEWER, by=Actor.of(user))


def disable_for_a_moment(world: World) -> None:
    with world.inside():
        users.enable(users.disable(world.user(world.ada), by=TESTS), by=TESTS)


def keep_weaker(world: World) -> None:
    """The password is kept as by an installation of long ago, and is hashed anew at the next login."""
    with world.inside():
        user, older = world.user(world.ada), argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        password_changes.put(user, older.hash(world.ada.password), by=TESTS)


def signed_in(world: World, password: str) -> Browser:
    browser = Browser(world.url)
    browser.get("/login")
    browser.submit(email=world.ada.email, password=password)
    return browser


def test_a_password_that_was_changed_meanwhile_does_not_come_back(world: World, meanwhile) -> None:
    keep_weaker(world)
    meanwhile(lambda: change(world))
    signed_in(world, world.ada.password)
    assert signed_in(world, world.ada.password).page.status == 422
    assert signed_in(world, NEWER).page.path == "/account"


@pytest.mark.parametrize("ends", [change, disable_for_a_moment])
def test_a_session_that_began_meanwhile_is_over(world: World, meanwhile, ends: Callable[[World], None]) -> None:
    meanwhile(lambda: ends(world))
    browser = signed_in(world, world.ada.password)
    assert browser.get("/account").path == "/login"


def test_an_older_hash_gives_way_to_one_of_today(world: World) -> None:
    keep_weaker(world)
    assert signed_in(world, world.ada.password).page.path == "/account"
    with world.inside():
        assert "m=19456,t=2,p=1" in str(world.user(world.ada).password_hash)
    assert signed_in(world, world.ada.password).page.path == "/account"
