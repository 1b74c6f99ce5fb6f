"""Whether an account exists is told by no answer's time: two hundred tries for each, known and unknown taking turns."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from shared.kit import clock, ids
from shared.kit.db import db, transaction
from shared.models.invitation import Invitation
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import tenants
from tests.parts.authenticator import add_passkey, device_for, options_on
from tests.parts.browsing import Browser
from tests.parts.factoring import sign_in
from tests.parts.world import TESTS, World

TRIES = 200
WARM = 10
# After so many the counters of guesses start anew: they are no part of this.
UNCOUNTED = 40
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
STRONG = "difference engines all the way"


@pytest.fixture(autouse=True)
def quiet(world: World) -> None:
    """Every way is open, and two hundred people have an account."""
    with world.inside():
        tenants.update(world.tenant, email_verification="before", by=TESTS)
        with transaction() as session:
            session.get_one(Tenant, world.tenant.id).factors = ["password", "email"]
            hashed = world.user(world.ada).password_hash
            session.execute(insert(User), [person(world, known(number), hashed) for number in range(TRIES + WARM)])
    tenants._kept.clear()


def known(number: int) -> str:
    return f"known{number:03}@example.com"


def unknown(number: int) -> str:
    return f"other{number:03}@example.com"


def person(world: World, email: str, hashed: str | None) -> dict[str, object]:
    verified = {"email_verified_at": clock.now(), "password_hash": hashed}
    return {"id": ids.uuid7(), "tenant_id": world.tenant.id, "email": email, "email_folded": email, **verified}


Act = Callable[[FlaskClient, str, str], int]


def post(path: str, **more: str) -> Act:
    """Post an address, with a form token, to a page."""

    def act(browser: FlaskClient, token: str, email: str) -> int:
        return browser.post(path, data={"csrf_token": token, "email": email, **more}).status_code

    return act


WAYS: dict[str, tuple[str, Act, int]] = {
    "login": ("/login", post("/login", password="not the password"), 422),
    "sign-up": ("/signup", post("/signup", name="", password=STRONG), 303),
    "recovery": ("/recover", post("/recover"), 303),
    "code": ("/login/code", post("/login/code"), 303),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_account_that_exists_takes_as_long_as_one_that_does_not(world: World, way: str) -> None:
    page, act, status = WAYS[way]
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    with visiting(world, page) as (browser, token):
        for number in range(TRIES + WARM):
            if number % UNCOUNTED == 0:
                world.valkey.client.flushall()
            # They take turns at being first, so that neither has the warmer caches.
            for which, email in sorted((("known", known(number)), ("unknown", unknown(number))), reverse=number % 2 == 1):
                began = time.perf_counter()
                assert act(browser, token, email) == status
                took[which].append(time.perf_counter() - began)
    alike(took["known"][WARM:], took["unknown"][WARM:])


def test_a_wrong_code_takes_as_long_whoever_it_is_for(world: World) -> None:
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    with visiting(world, "/login/code") as (known_browser, known_token), visiting(world, "/login/code") as (other, other_token):
        for number in range(TRIES + WARM):
            if number % 4 == 0:
                world.valkey.client.flushall()
                post("/login/code")(known_browser, known_token, known(number))
                post("/login/code")(other, other_token, unknown(number))
            for which, browser, token in turns(number, ("known", known_browser, known_token), ("unknown", other, other_token)):
                began = time.perf_counter()
                answer = browser.post("/login/letter", data={"csrf_token": token, "code": "AAAAAA"})
                took[which].append(time.perf_counter() - began)
                assert answer.status_code == 422
    alike(took["known"][WARM:], took["unknown"][WARM:])


def test_an_invitation_that_was_used_takes_as_long_as_one_that_never_was(world: World) -> None:
    took: dict[str, list[float]] = {"used": [], "never": []}
    secrets = [ids.token() for _ in range(TRIES + WARM)]
    with world.inside(), transaction() as session:
        session.execute(insert(Invitation), [used_invitation(world, number, secret) for number, secret in enumerate(secrets)])
    with visiting(world, "/login") as (browser, _):
        for number, secret in enumerate(secrets):
            for which, token in turns(number, ("used", secret), ("never", ids.token())):
                began = time.perf_counter()
                assert browser.get(f"/invitation?token={token}").status_code == 404
                took[which].append(time.perf_counter() - began)
    alike(took["used"][WARM:], took["never"][WARM:])


def test_a_passkey_that_does_not_fit_takes_as_long_as_one_that_nobody_has(world: World) -> None:
    hers, strangers, browser = device_for(world.url), device_for(world.url), Browser(world.url)
    with world.inside():
        tenants.update(world.tenant, factors=["password", "passkey"], by=TESTS)
    sign_in(browser, world.ada)
    strangers.create(options_on(browser.get("/account/factors/passkey/new")))
    add_passkey(browser, hers)
    took: dict[str, list[float]] = {"hers": [], "nobody's": []}
    browser = Browser(world.url)
    options, token = options_on(browser.get("/login")), browser.page.form(credential="").fields["csrf_token"]
    for number in range(TRIES + WARM):
        if number % UNCOUNTED == 0:
            world.valkey.client.flushall()
        for which, device in turns(number, ("hers", hers), ("nobody's", strangers)):
            answer = device.get(options, tampered=True)
            began = time.perf_counter()
            assert browser.post("/login/passkey", csrf_token=token, credential=answer).status == 422
            took[which].append(time.perf_counter() - began)
    alike(took["hers"][WARM:], took["nobody's"][WARM:])


def used_invitation(world: World, number: int, secret: str) -> dict[str, object]:
    owner = db.session.scalar(select(User.id).where(User.email_folded == known(number)))
    moments = {"expires_at": clock.now(), "accepted_at": clock.now(), "created_at": clock.now()}
    whose = {"tenant_id": world.tenant.id, "email": known(number), "email_folded": known(number), "invited_by": ""}
    return {"id": ids.uuid7(), "fingerprint": ids.fingerprint(secret), "user_id": owner, **whose, **moments}


def turns(number: int, *each: tuple) -> list[tuple]:
    """Both, in turns the one and the other first."""
    return list(each) if number % 2 else list(reversed(each))


@contextmanager
def visiting(world: World, path: str) -> Iterator[tuple[FlaskClient, str]]:
    """A browser without a network between, and its form token."""
    browser = world.auth.test_client()
    found = TOKEN.search(browser.get(path).text)
    assert found
    yield browser, found[1]


def alike(some: list[float], others: list[float]) -> None:
    """That nobody can tell by the times which are which.

    Of one of each, the one is the slower about as often as the other: between 35 and 65 in a hundred, where chance alone, in
    two hundred tries, strays by three. Or else their medians are so near that a network hides it: a twentieth, or half a
    millisecond.
    """
    slower = sum((one > other) + (one == other) / 2 for one in some for other in others) / (len(some) * len(others))
    apart = abs(median(some) - median(others))
    near = apart < max(0.05 * median(others), 0.0005)
    assert near or 0.35 < slower < 0.65, (
        f"{slower:.2f} of the first are slower; medians {median(some):.4f} {median(others):.4f} s"
    )
