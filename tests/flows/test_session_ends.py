"""What is ended stays ended: on every node, and whatever becomes of Redis."""

import time
from collections.abc import Callable

import pytest

from shared.kit.db import db
from shared.kit.errors import NotSignedIn
from shared.services import authorizations, password_changes, session_ends, sessions, users
from tests.parts.browsing import Browser
from tests.parts.signed_in import IPHONE, SESSION, is_signed_in, listed, signed_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply


def test_what_redis_forgot_to_forget_does_not_count_for_a_disabled_person(world: World) -> None:
    """Redis fails over with acknowledged writes lost: SQL has the last word."""
    browser = signed_in(world)
    kept = dumped(world)
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
        users.enable(world.user(world.ada), by=TESTS)
    restore(world, kept)
    assert not is_signed_in(browser)


def test_a_single_end_outlives_a_redis_that_forgot_it(world: World) -> None:
    """The end of one session is kept with its person too."""
    browser, phone = signed_in(world), signed_in(world, IPHONE)
    kept = dumped(world)
    sid = next(each.sid for each in listed(world) if "iPhone" in each.user_agent)
    with world.inside():
        session_ends.one(world.user(world.ada), sid, by=TESTS)
    restore(world, kept)
    assert [is_signed_in(each) for each in (browser, phone)] == [True, False]
    assert "iPhone" not in browser.get("/account/sessions").words


def test_signing_out_outlives_a_redis_that_forgot_it(world: World) -> None:
    browser = signed_in(world)
    thief = Browser(world.url)
    thief.jar.update(browser.jar)
    kept = dumped(world)
    browser.get("/logout")
    browser.submit(press="Sign out")
    restore(world, kept)
    assert not is_signed_in(thief)


@pytest.mark.parametrize("how", ["others", "password"])
def test_the_end_of_all_others_outlives_a_redis_that_forgot_it(world: World, how: str) -> None:
    browser, phone = signed_in(world), signed_in(world, IPHONE)
    kept = dumped(world)
    here = next(each.sid for each in listed(world) if "iPhone" not in each.user_agent)
    with world.inside():
        ada = world.user(world.ada)
        if how == "others":
            session_ends.every(ada, by=TESTS, except_sid=here)
        else:
            password_changes.change(ada, password="nine engines and a kettle", by=TESTS, except_sid=here)
    assert is_signed_in(browser), "this one goes on"
    restore(world, kept)
    assert not is_signed_in(phone)


def test_whoever_began_to_sign_in_before_all_sessions_ended_is_not_signed_in(world: World) -> None:
    """The password was right, then it was changed, then the session began: it is of the old generation."""
    with world.inside():
        before = world.user(world.ada)
        db.session.expunge(before)
        password_changes.change(world.user(world.ada), password="nine engines and a kettle", by=TESTS)
        cookie, session = sessions.begin(before, amr=("pwd",))
        client = world.client(world.ours)
        grant = authorizations.Grant(["openid"], "", True, None, None, "0")
        with pytest.raises(NotSignedIn):
            authorizations.begin(world.user(world.ada), client, grant, session)
    browser = Browser(world.url)
    browser.jar.set(SESSION, cookie, domain="127.0.0.1", path="/")
    assert not is_signed_in(browser)


@pytest.mark.parametrize("end", [session_ends.one, session_ends.sign_out])
def test_what_meets_the_end_of_its_one_session_is_not_granted(world: World, end: Callable[..., None]) -> None:
    """The session was found standing, then it was ended, then the authorization was to be written."""
    with world.inside():
        user, client = world.user(world.ada), world.client(world.ours)
        (_, ended), (_, other) = (sessions.begin(user, amr=("pwd",)) for _ in range(2))
        grant = authorizations.Grant(["openid"], "", True, None, None, "0")
        end(user, ended.sid, by=TESTS)
        with pytest.raises(NotSignedIn):
            authorizations.begin(user, client, grant, ended)
        assert authorizations.begin(user, client, grant, other), "the others go on"


def test_ending_all_sessions_ends_every_token_also_without_redis(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    with world.inside():
        session_ends.every(world.user(world.ada), by=TESTS)
    world.valkey.client.flushall()
    assert refused(rp, tokens)
    assert not is_signed_in(rp.browser)


def test_ending_all_others_ends_what_was_granted_in_them(rp: RelyingParty, world: World) -> None:
    elsewhere = rp.tokens()
    here = RelyingParty(world.url, world.web, world.ada)
    tokens = here.tokens()
    here.browser.get("/account/sessions")
    here.browser.follow("end-others")
    here.browser.submit(press="End them all")
    assert refused(rp, elsewhere)
    assert here.userinfo(tokens.access_token).status == 200
    assert here.refresh(tokens.refresh_token).status == 200


def test_a_new_password_ends_every_token(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    rp.browser.get("/account/password")
    assert rp.browser.submit(password="nine engines and a kettle").path == "/account/security"
    assert refused(rp, tokens)
    assert is_signed_in(rp.browser), "this browser stays signed in"


def refused(rp: RelyingParty, tokens: Reply) -> bool:
    """Whether no node takes any of `tokens`, a second later."""
    time.sleep(0.6)
    return rp.userinfo(tokens.access_token).status == 401 and rp.refresh(tokens.refresh_token).error == "invalid_grant"


def dumped(world: World) -> dict[bytes, bytes]:
    """What Redis knows of sessions."""
    return {key: world.valkey.client.dump(key) for key in world.valkey.client.keys("session*")}


def restore(world: World, kept: dict[bytes, bytes]) -> None:
    """Redis comes back as it was."""
    for key, value in kept.items():
        world.valkey.client.restore(key, 0, value, replace=True)


def test_to_end_sessions_that_do_not_exist_pushes_out_no_true_end(world: World) -> None:
    """The ends are kept with their person, the latest few: made-up names would push true ones out."""
    browser, phone = signed_in(world), signed_in(world, IPHONE)
    kept = dumped(world)
    sid = next(each.sid for each in listed(world) if "iPhone" in each.user_agent)
    browser.get(f"/account/sessions/{sid}/end")
    token = browser.page.form().fields["csrf_token"]
    for name in [sid, *(f"made-up-{number}" for number in range(40)), sid]:
        page = browser.post(f"/account/sessions/{name}/end", csrf_token=token)
        assert (page.status, page.path) == (200, "/account/sessions")
    with world.inside():
        assert world.user(world.ada).ended_sids == [sid]
    restore(world, kept)
    assert [is_signed_in(each) for each in (browser, phone)] == [True, False]
