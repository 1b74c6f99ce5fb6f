"""The API for whoever gave one proof where two are demanded by now, and for a token whose end has come."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.kit.db import transaction
from shared.kit.errors import Conflict, NotSignedIn
from shared.models.audit import Actor
from shared.models.scope import ADMIN, USUAL
from shared.models.user import OPERATOR, User
from shared.services import authorizations, clients, enrolments, granted, locks, password_changes, session_ends, sessions, users
from shared.services.locks import SESSION_ENDED
from tests.flows.test_api_of_oneself import WRITE, WRITES, Api
from tests.parts.browsing import Browser
from tests.parts.factoring import demand, equip, sign_in
from tests.parts.post import code_to
from tests.parts.world import TESTS, Person, World
from tests.relying_party import RelyingParty

End = Callable[[World, User], None]
PASSWORD = {"password": "nine engines and a kettle"}
FIEF: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PATCH", "/api/profile", {"fields": {}}),
    ("PATCH", "/api/password", PASSWORD),
    ("PATCH", "/api/email/change", {"email": "new@example.org"}),
    ("POST", "/api/email/verify", {"code": "AAAAAA"}),
)
READS = ("/api/me", "/api/me/sessions", "/api/me/applications", "/api/me/factors", "/api/me/identities", "/api/me/data")


@pytest.fixture
def writer(world: World, rp: RelyingParty) -> RelyingParty:
    """At an application that may change accounts."""
    with world.inside():
        clients.update(world.client(world.web), scopes=[*USUAL, "account:write"], first_party=True, by=TESTS)
    return rp


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_token_of_one_proof_does_no_more_than_a_browser_that_is_half_signed_in(world: World, writer: RelyingParty) -> None:
    tokens = writer.tokens(scope=f"{WRITE} offline_access")
    api, ada = Api(world, tokens.access_token), equip(world, world.ada)
    for method, path, body in (*WRITES, *FIEF, *(("GET", path, None) for path in READS)):
        answer = api(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication"), path
        assert 'acr_values="2"' in answer.headers["WWW-Authenticate"]
    with world.inside():
        [app] = enrolments.of(world.user(world.ada))
    assert api("DELETE", f"/api/me/factors/{app.id}").status_code == 401
    assert Api(world, writer.refresh(tokens.refresh_token).access_token)("PATCH", "/api/me", {"name": "Eve"}).status_code == 401
    assert api("GET", "/api/userinfo").status_code == 200, "who it is may be read: that was granted, and opens nothing"
    writer.start(scope=WRITE, acr_values="2")
    writer.browser.submit(code=ada.app.code())
    stronger = Api(world, writer.exchange(writer.browser.page.answer["code"]).access_token)
    assert stronger("GET", "/api/me/factors").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_operators_token_of_one_proof_opens_nothing_once_two_are_demanded(world: World) -> None:
    with world.inside():
        clients.update(world.client(world.web), scopes=[*USUAL, ADMIN], by=TESTS)
    api = Api(world, RelyingParty(world.url, world.web, world.admin).tokens(scope=f"openid {ADMIN}").access_token)
    assert api("GET", "/api/admin/users").status_code == 200
    equip(world, world.admin)
    demand(world, second_factor="operators")
    for method, path in (("GET", "/api/admin/users"), ("DELETE", f"/api/admin/users/{world.admin.id}/factors")):
        answer = api(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication"), path
    with world.inside():
        assert len(enrolments.of(world.user(world.admin))) == 1


def _ends_others(world: World, user: User) -> None:
    session_ends.every(user, by=TESTS, except_sid="another")


def _changes_the_password(world: World, user: User) -> None:
    password_changes.change(user, password="a password of their own", by=TESTS)


def _withdraws(world: World, user: User) -> None:
    granted.withdraw(user, world.tenant, world.client(world.web).id, by=TESTS)


ENDS = [_ends_others, _changes_the_password, _withdraws]


@pytest.mark.parametrize("end", ENDS)
def test_what_changes_something_is_refused_from_the_very_end_on(world: World, writer: RelyingParty, end: End) -> None:
    api = Api(world, writer.tokens(scope=WRITE).access_token)
    for _ in range(3):
        assert api("GET", "/api/userinfo").status_code == 200
    with world.inside():
        end(world, world.user(world.ada))
    assert api("PATCH", "/api/me/password", PASSWORD).status_code == 401
    assert api("PATCH", "/api/me", {"name": "Eve"}).status_code == 401
    with world.inside():
        assert world.user(world.ada).name != "Eve"


@pytest.mark.parametrize("end", ENDS)
def test_what_a_program_began_before_the_end_does_not_come_after_it(world: World, writer: RelyingParty, end: End) -> None:
    writer.tokens(scope=WRITE)
    with world.inside():
        user = world.user(world.ada)
        [authorization] = [each.authorization for each in granted.of(user, world.tenant)]
        by = Actor.of(user, by=authorization.id)
        end(world, user)
        # Read after it, as a request may that came a moment before.
        late = users.get(world.tenant, user.id)
        with pytest.raises(NotSignedIn, match=str(SESSION_ENDED)), transaction():
            locks.acting(late, by)
        assert authorizations.run_of(authorization.id)[0].revoked


def test_of_many_ends_of_sessions_at_once_none_stands_in_the_way_of_another(world: World, writer: RelyingParty) -> None:
    api = Api(world, writer.tokens(scope=WRITE).access_token)
    for _ in range(6):
        sign_in(Browser(world.url), world.ada)
    with world.inside():
        others = [each.sid for each in sessions.of(world.user(world.ada)) if "mfa" not in each.amr]
    here = next(each["id"] for each in api("GET", "/api/me/sessions").json()["items"] if each["current"])
    others.remove(here)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda sid: api("DELETE", f"/api/me/sessions/{sid}").status_code, others))
    assert answers == [200] * 6
    assert [each["id"] for each in api("GET", "/api/me/sessions").json()["items"]] == [here]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_change_of_address_belongs_to_the_authorization_that_began_it(world: World, writer: RelyingParty) -> None:
    api = Api(world, writer.tokens(scope=WRITE).access_token)
    assert api("PATCH", "/api/me/email", {"email": "new@example.org"}).status_code == 202
    other = Api(world, writer.tokens(scope=WRITE).access_token)
    code = {"code": code_to(world, "new@example.org")}
    assert other("POST", "/api/me/email/verification", code).status_code == 422
    assert writer.browser.get("/account/email/code").path == "/account/email"
    assert api("POST", "/api/me/email/verification", code).status_code == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_program_that_tries_passwords_keeps_their_owner_from_none(world: World, writer: RelyingParty) -> None:
    api = Api(world, writer.tokens(scope=WRITE).access_token)
    statuses = [api("PATCH", "/api/me/password", {"password": "short"}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    writer.browser.get("/account/password")
    assert writer.browser.submit(password="a wholly new and longer password").path == "/account/security"


def test_of_two_operators_who_turn_each_other_out_at_once_one_stays(world: World) -> None:
    with world.inside():
        users.set_permissions(world.user(world.ada), [OPERATOR], by=TESTS)
    both = [(world.ada, world.admin), (world.admin, world.ada)]

    def turn_out(pair: tuple[Person, Person]) -> None:
        by, whom = pair
        with world.inside(), contextlib.suppress(Conflict):
            actor = Actor.of(world.user(by))
            users.disable(world.user(whom), by=actor)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(turn_out, both))
    with world.inside():
        assert [world.user(each).disabled for each in (world.ada, world.admin)].count(False) == 1
        left = next(world.user(each) for each in (world.ada, world.admin) if not world.user(each).disabled)
        with pytest.raises(Conflict):
            users.set_permissions(left, [], by=TESTS)
