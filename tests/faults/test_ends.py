"""After each kind of end: what becomes of everything that the person had half done, on two workers (docs/decisions/0025)."""

import time
from collections.abc import Callable

import pytest

from shared.kit.db import transaction
from shared.models.audit import Actor
from shared.models.user import User
from shared.services import authorizations, deletions, enrolments, recovery, session_ends, tenants, users
from tests.device import Device
from tests.parts.browsing import Browser, Page
from tests.parts.factoring import App, secret_on
from tests.parts.installed import Known
from tests.parts.world import TESTS
from tests.relying_party import RelyingParty, unverified_claims

NEW = "nine engines and a kettle"


def begun(ada: Known) -> dict[str, Callable[[], bool]]:
    """Everything that one can have half done, each with what tells whether it still comes to something."""
    cast, url = ada.installation.cast, ada.installation.url

    def rp() -> RelyingParty:
        return RelyingParty(url, cast.web, ada.person, ada.twin())

    half = ada.half()
    form = ada.twin()
    new_app = App(secret_on(form.get("/account/factors/totp/new")))
    offline, online, waiting, device = rp(), rp(), rp(), Device(url, cast.web, ada.person, ada.twin())
    kept = offline.tokens()
    ada.sid = unverified_claims(kept.id_token)["sid"]
    passing = online.tokens(scope="openid email")
    asked = device.ask()
    assert "Your device is connected" in device.answer(asked, "allow").words
    other = RelyingParty(url, cast.spa, ada.person, ada.twin())
    assert other.start().path == "/consent"
    code, silent, plain = waiting.sign_in_and_allow(), rp(), ada.twin()
    return {
        "session": lambda: plain.get("/account").path == "/account",
        "half a login": lambda: half.submit(code=ada.app.code()).path == "/account",
        "consent page": lambda: _left_with_code(other.allow()),
        "hint": lambda: _left_with_code(silent.start(prompt="none", id_token_hint=kept.id_token)),
        "code": lambda: waiting.exchange(code).status == 200,
        "device": lambda: device.poll(asked.device_code).status == 200,
        "refresh token": lambda: offline.refresh(kept.refresh_token).status == 200,
        "its access token": lambda: offline.userinfo(kept.access_token).status == 200,
        "access token": lambda: online.userinfo(passing.access_token).status == 200,
        # Last, as it gives the session another cookie.
        "form": lambda: form.submit(code=new_app.code()).path == "/account/security",
    }


def _left_with_code(page: Page) -> bool:
    return page.left_to is not None and "code" in page.answer


def by_password(ada: Known) -> None:
    owner = ada.signed_in()
    owner.get("/account/password")
    assert owner.submit(password=NEW).path == "/account/security"


def by_recovery(ada: Known) -> None:
    secrets: list[str | None] = []

    def ask(user: User) -> None:
        with transaction():
            secrets.append(recovery.begin(tenants.get(user.tenant_id), email=user.email, user=user))

    ada.act(ask)
    owner = Browser(ada.installation.url)
    owner.get(f"/recover/password?token={secrets[0]}")
    assert owner.submit(password=NEW).path == "/login"


def by_disabling(ada: Known) -> None:
    ada.act(lambda user: users.enable(users.disable(user, by=TESTS), by=TESTS))


def by_deleting(ada: Known) -> None:
    ada.act(lambda user: deletions.carry_out(user, by=TESTS))


def by_all_others(ada: Known) -> None:
    owner = ada.signed_in()
    owner.get("/account/sessions")
    owner.follow("end-others")
    owner.submit(press="End them all")


def by_an_operator(ada: Known) -> None:
    ada.act(lambda user: session_ends.every(user, by=Actor("user", str(ada.installation.cast.admin.id), "Grace")))


def by_removing_a_factor(ada: Known) -> None:
    owner, factors = ada.signed_in(), list[str]()
    ada.act(lambda user: factors.extend(str(each.id) for each in enrolments.of(user)))
    place = f"/account/factors/totp/{factors[0]}/removed"
    token = owner.get(place).forms[-1].fields["csrf_token"]
    assert owner.post(place, csrf_token=token, others="y").path == "/account/security"


def by_one(ada: Known) -> None:
    owner = ada.signed_in()
    owner.get(f"/account/sessions/{ada.sid}/end")
    owner.submit(press="End session")


def by_signing_out(ada: Known) -> None:
    tab = ada.twin()
    tab.get("/logout")
    tab.submit(press="Sign out")


def by_withdrawing(ada: Known) -> None:
    ada.act(lambda user: authorizations.withdraw(user, ada.installation.cast.web.id, by=Actor.of(user)))


# What lets an application in while nobody is there: it outlives a single session, as people are told.
OFFLINE = {"code", "device", "refresh token", "its access token"}
EACH = [
    (by_password, set()),
    (by_recovery, set()),
    (by_disabling, set()),
    (by_deleting, set()),
    (by_all_others, set()),
    (by_an_operator, set()),
    (by_removing_a_factor, set()),
    (by_one, OFFLINE | {"half a login"}),
    (by_signing_out, OFFLINE | {"half a login"}),
    (by_withdrawing, {"session", "half a login", "form", "consent page"}),
]


@pytest.mark.parametrize(("end", "survives"), EACH, ids=[end.__name__ for end, _ in EACH])
def test_what_becomes_of_all_that_was_half_done(ada: Known, end: Callable[[Known], None], survives: set[str]) -> None:
    things = begun(ada)
    end(ada)
    # Each worker has heard of it within a second.
    time.sleep(1)
    assert {name for name, comes in things.items() if comes()} == survives


def test_each_of_it_comes_to_something_where_nothing_ends(ada: Known) -> None:
    things = begun(ada)
    assert {name for name, comes in things.items() if comes()} == set(things)
