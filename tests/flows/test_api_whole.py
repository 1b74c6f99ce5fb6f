"""The API for whoever gave one proof where two are demanded by now, and for a token whose end has come."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.kit.db import transaction
from shared.kit.errors import NotSignedIn
from shared.models.audit import Actor
from shared.models.scope import ADMIN, USUAL
from shared.models.user import User
from shared.services import authorizations, clients, enrolments, granted, locks, password_changes, session_ends, users
from shared.services.locks import SESSION_ENDED
from tests.flows.test_api_of_oneself import WRITE, WRITES, Api
from tests.parts.factoring import demand, equip
from tests.parts.world import TESTS, World
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
