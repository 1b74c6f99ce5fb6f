"""Back-channel logout: clients are told, by a signed token, that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from auth_service import worker
from auth_service.protocol import backchannel_logout
from shared.kit.db import db, transaction
from shared.kit.errors import Unavailable
from shared.models.audit import AuditEvent
from shared.models.authorization import Authorization
from shared.models.logout_notice import LogoutNotice
from shared.models.user import User
from shared.services import clients, logouts, outbox, users
from tests.parts import process
from tests.parts.browsing import Browser
from tests.parts.https import Https
from tests.parts.installation import environment
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, unverified_claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ONLINE = "openid email"

Listen = Callable[..., str]


@pytest.fixture
def listen(world: World, https: Https) -> Listen:
    """listen(application): it wants to be told at an address of its own on `https`, whose path this is."""
    backchannel_logout._slow._hosts.clear()

    def wants(application: Application, path: str = "/logged-out", *, status: int = 200, **more: object) -> str:
        with world.inside():
            clients.update(world.client(application), backchannel_logout_uri=https.url + path, by=TESTS, **more)
        https.answer(path, b"", status=status)
        return path

    return wants


@pytest.fixture
def path(listen: Listen, world: World) -> str:
    return listen(world.web)


def deliver(world: World) -> None:
    """What the worker does when it is nudged."""
    worker.within(world.auth, lambda: worker.deliver(logouts.KIND))()


def tokens_at(https: Https, path: str = "/logged-out") -> list[str]:
    sent = [parse_qs(asked["body"], strict_parsing=True) for asked in https.asked if asked["path"] == path]
    assert all(set(form) == {"logout_token"} for form in sent)
    return [form["logout_token"][0] for form in sent]


def notices(world: World) -> list[LogoutNotice]:
    with world.inside():
        query = select(LogoutNotice).order_by(LogoutNotice.id).execution_options(populate_existing=True)
        return list(db.session.scalars(query))


def elsewhere(rp: RelyingParty, application: Application) -> RelyingParty:
    """Another application, which the same browser uses."""
    return RelyingParty(rp.issuer, application, rp.person, rp.browser)


def test_a_client_is_told_of_the_end_of_its_session(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    """§2.4 to §2.8."""
    hint = rp.tokens().id_token
    rp.logout(id_token_hint=hint)
    deliver(world)
    (asked,) = https.asked
    assert (asked["method"], asked["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    (token,) = tokens_at(https)
    read = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=["RS256", "ES256"])
    said, of = read.claims, unverified_claims(hint)
    assert read.header["typ"] == "logout+jwt"
    assert read.header["alg"] == "ES256"
    assert set(said) == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}, "and above all no nonce"
    assert (said["iss"], said["sub"], said["sid"]) == (of["iss"], of["sub"], of["sid"])
    assert said["aud"] == rp.application.client_id
    assert said["events"] == {EVENT: {}}
    assert 0 < said["exp"] - said["iat"] <= 120
    (notice,) = notices(world)
    assert (notice.attempts, notice.failed_at, notice.last_error) == (1, None, None)
    assert notice.confirmed_at is not None


def test_it_is_announced(rp: RelyingParty) -> None:
    assert rp.metadata["backchannel_logout_supported"] is True
    assert rp.metadata["backchannel_logout_session_supported"] is True


def test_the_token_is_signed_as_the_clients_id_tokens_are(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    listen(world.web, id_token_alg="RS256", subject_type="pairwise")
    hint = rp.tokens().id_token
    rp.logout(id_token_hint=hint)
    deliver(world)
    (token,) = tokens_at(https)
    read = jwt.decode(token, KeySet.import_key_set(rp.jwks()), algorithms=["RS256"])
    assert read.claims["sub"] == unverified_claims(hint)["sub"] != str(world.ada.id)


def test_a_logout_token_is_no_id_token(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    """It names a person and a session, and must open nothing: neither as a hint, nor at the resource server."""
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    (token,) = tokens_at(https)
    rp.tokens()
    assert rp.logout(id_token_hint=token).path == "/logout", "it asks, as without a hint"
    assert rp.browser.get("/account").path == "/account"
    assert rp.userinfo(token).status == 401


@pytest.mark.parametrize("database", ["sqlite"])
def test_only_clients_of_this_session_are_told(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    for application in (world.web, world.spa, world.ours):
        listen(application, f"/{application.client_id}")
    hint = rp.tokens().id_token
    elsewhere(rp, world.ours).tokens()
    RelyingParty(world.url, world.spa, world.ada).tokens()  # in another browser of hers
    RelyingParty(world.url, world.web, world.admin).tokens()
    rp.logout(id_token_hint=hint)
    deliver(world)
    assert {asked["path"] for asked in https.asked} == {f"/{world.web.client_id}", f"/{world.ours.client_id}"}
    (token,) = tokens_at(https, f"/{world.web.client_id}")
    assert unverified_claims(token)["sub"] == str(world.ada.id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_client_without_an_address_is_not_told(rp: RelyingParty, world: World, https: Https) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert (https.asked, notices(world)) == ([], [])


def end_it(world: World, how: str, sid: str) -> None:
    with world.inside():
        user = world.user(world.ada)
        match how:
            case "one":
                users.end_session(user, sid, by=TESTS)
            case "every one":
                users.end_sessions(user, by=TESTS)
            case "every other one":
                users.end_sessions(user, by=TESTS, except_sid="another")
            case "a new password":
                users.change_password(user, password="a wholly new, long one", by=TESTS)
            case "disabled":
                users.disable(user, by=TESTS)


@pytest.mark.parametrize("how", ["one", "every one", "every other one", "a new password", "disabled"])
def test_however_a_session_ends_its_clients_are_told(rp: RelyingParty, world: World, https: Https, path: str, how: str) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    end_it(world, how, sid)
    deliver(world)
    assert [unverified_claims(token)["sid"] for token in tokens_at(https)] == [sid]


@pytest.mark.parametrize("database", ["sqlite"])
def test_signing_out_at_our_own_page_tells_them_too(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    rp.tokens()
    rp.browser.get("/logout")
    rp.browser.submit(press="Sign out")
    deliver(world)
    assert len(tokens_at(https)) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_that_is_kept_is_not_told_of(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    with world.inside():
        users.change_password(world.user(world.ada), password="a wholly new, long one", by=TESTS, except_sid=sid)
    deliver(world)
    assert https.asked == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_proves_again_who_they_are_stays_in_their_session(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    first = unverified_claims(rp.tokens().id_token)
    rp.start(prompt="login")
    old = [cookie.value for cookie in rp.browser.jar if "session" in cookie.name]
    again = unverified_claims(rp.exchange(rp.sign_in().answer["code"]).id_token)
    assert again["sid"] == first["sid"]
    assert again["auth_time"] >= first["auth_time"]
    deliver(world)
    assert https.asked == []
    assert [cookie.value for cookie in rp.browser.jar if "session" in cookie.name] != old, "the cookie is another"
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert len(tokens_at(https)) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_person_at_the_same_browser_ends_the_first_ones_session(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    sid = unverified_claims(rp.tokens().id_token)["sid"]
    eve = world.add_person("eve@example.com")
    rp.start(prompt="login")
    rp.browser.submit(email=eve.email, password=eve.password)
    deliver(world)
    assert [unverified_claims(token)["sid"] for token in tokens_at(https)] == [sid]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_that_lasted_for_weeks_is_told_of(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    hint = rp.tokens(scope=ONLINE).id_token
    for _ in range(2):
        world.later(days=13)
        rp.browser.get("/account")
        with world.inside():
            worker.purge()
    rp.logout(id_token_hint=hint)
    deliver(world)
    assert len(tokens_at(https)) == 1


def test_what_was_granted_for_the_time_of_the_session_ends_with_it(rp: RelyingParty, world: World) -> None:
    """§2.7: offline_access outlives it, nothing else does."""
    online, offline = rp.tokens(scope=ONLINE), elsewhere(rp, world.spa).tokens()
    assert [rp.userinfo(each.access_token).status for each in (online, offline)] == [200, 200]
    rp.logout(id_token_hint=online.id_token)
    process.until(lambda: rp.userinfo(online.access_token).status == 401, seconds=2, what="the end of the access token")
    assert rp.userinfo(offline.access_token).status == 200
    assert elsewhere(rp, world.spa).refresh(offline.refresh_token).status == 200


def test_a_client_that_is_down_is_told_when_it_is_up_again(rp: RelyingParty, world: World, https: Https, listen: Listen) -> None:
    path = listen(world.web, status=503)
    rp.logout(id_token_hint=rp.tokens().id_token)
    for _ in range(2):
        deliver(world)
        world.later(minutes=1)
    (notice,) = notices(world)
    assert (notice.attempts, notice.confirmed_at, notice.failed_at) == (2, None, None)
    assert "503" in str(notice.last_error)
    https.answer(path, b"", status=204)
    deliver(world)
    (notice,) = notices(world)
    assert (notice.attempts, notice.confirmed_at is None, notice.last_error) == (3, False, None)
    made = [unverified_claims(token) for token in tokens_at(https)]
    assert len({claims["jti"] for claims in made}) == 3
    assert made[2]["iat"] >= made[0]["iat"] + 120, "each attempt brings a fresh token"


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("status", "attempts"), [(400, 3), (302, 3), (404, 3), (500, outbox.MOST_ATTEMPTS)])
def test_a_client_that_does_not_confirm_is_given_up(
    rp: RelyingParty, world: World, https: Https, listen: Listen, status: int, attempts: int
) -> None:
    """§2.8: 400 is a failure. A redirect is not followed."""
    path = listen(world.web)
    https.answer(path, b"", {"Location": f"{https.url}/elsewhere"}, status=status)
    rp.logout(id_token_hint=rp.tokens().id_token)
    for _ in range(attempts + 3):
        deliver(world)
        world.later(hours=2)
    assert (https.seen(path), https.seen("/elsewhere")) == (attempts, 0)
    (notice,) = notices(world)
    assert notice.failed_at is not None
    assert str(status) in str(notice.last_error)
    with world.inside():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "client.logout_unconfirmed")).all()
    assert [event.subject_name for event in events] == [world.web.name]


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_inside_is_never_asked(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    assert https.asked == []
    (notice,) = notices(world)
    assert notice.last_error == "It could not be reached: not a public address"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_slow_client_is_cut_off_after_five_seconds_and_holds_up_no_letter(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    https.raw(path, [b"HTTP/1.1 200 X\r\n", b"Content-Length: 0\r\n\r\n"], pause=10)
    rp.logout(id_token_hint=rp.tokens().id_token)
    began = time.monotonic()
    slow = threading.Thread(target=deliver, args=(world,))
    slow.start()
    with world.inside():
        outbox_put_letter()
        worker.deliver("mail")
    assert time.monotonic() - began < 3
    assert len(list(world.settings.outbox_dir.glob("*.eml"))) == 1
    slow.join()
    assert 4 < time.monotonic() - began < 8
    (notice,) = notices(world)
    assert notice.confirmed_at is None
    assert "could not be reached" in str(notice.last_error)


def outbox_put_letter() -> None:
    with transaction():
        outbox.put("mail", {"to": "ada@example.com", "subject": "Hello", "text": "Hello"})


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_thread_at_most_waits_for_a_client_that_did_not_answer(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri="https://127.0.0.1:1/", by=TESTS)
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    with backchannel_logout._slow.turn("127.0.0.1"):  # some thread tries it again
        world.later(minutes=1)
        deliver(world)
    (notice,) = notices(world)
    assert notice.attempts == 1, "the others do not, and it does not count"
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri=https.url + path, by=TESTS)
    world.later(minutes=1)
    deliver(world)
    assert notices(world)[0].confirmed_at is not None


def test_what_a_worker_took_and_never_finished_another_one_delivers(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    with world.inside():
        assert outbox._take() is not None  # and then this worker died
    deliver(world)
    assert https.asked == []
    world.later(seconds=outbox.LEASE.total_seconds() + 1)
    deliver(world)
    assert len(tokens_at(https)) == 1


def test_a_hundred_sessions_end_at_once(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    hint = rp.tokens().id_token
    own = unverified_claims(hint)["sid"]
    with world.inside():
        for number in range(99):
            session = copy_of_session(world, f"sid-{number}")
            assert session != own
        users.end_sessions(world.user(world.ada), by=TESTS)
    began = time.monotonic()
    workers = [threading.Thread(target=deliver, args=(world,)) for _ in range(worker.LANES[logouts.KIND])]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert time.monotonic() - began < 30
    told = Counter(unverified_claims(token)["sid"] for token in tokens_at(https))
    assert len(told) == 100
    assert set(told.values()) == {1}
    assert all(notice.confirmed_at for notice in notices(world))


def copy_of_session(world: World, sid: str) -> str:
    from_row = db.session.scalars(select(Authorization)).first()
    assert from_row is not None
    names = ("tenant_id", "user_id", "client_id", "scopes", "auth_time", "acr", "amr", "expires_at")
    with transaction() as session:
        session.add(type(from_row)(sid=sid, **{name: getattr(from_row, name) for name in names}))
    return sid


@pytest.mark.parametrize("database", ["sqlite"])
def test_each_session_is_told_of_once(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    rp.tokens()
    rp.tokens(prompt="consent")
    for _ in range(2):
        end_it(world, "every one", "")
    deliver(world)
    assert len(tokens_at(https)) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_notices_are_purged_after_a_month(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    deliver(world)
    world.later(days=29)
    with world.inside():
        assert logouts.purge() == 0
    world.later(days=2)
    with world.inside():
        assert logouts.purge() == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_person_or_client_that_is_gone_is_nobodys_concern(rp: RelyingParty, world: World, https: Https, path: str) -> None:
    rp.logout(id_token_hint=rp.tokens().id_token)
    with world.inside():
        clients.delete(world.client(world.web), by=TESTS)
    deliver(world)
    assert https.asked == []
    with world.inside():
        assert not outbox.anything_due()
        assert db.session.get(User, world.ada.id) is not None


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_worker_tells_them_at_once(rp: RelyingParty, world: World, https: Https, path: str, tmp_path) -> None:
    log = tmp_path / "worker.log"
    told = world.auth.extensions["bailiwick.settings"]
    running = process.start([sys.executable, "-m", "auth_service.worker"], log=log, env=environment(told))
    try:
        process.until(lambda: "worker.started" in log.read_text(), seconds=30, what="the worker's start")
        hint = rp.tokens().id_token
        time.sleep(1)  # its first round is over
        began = time.monotonic()
        rp.logout(id_token_hint=hint)
        process.until(lambda: https.seen(path), seconds=10, what="the logout token")
        assert time.monotonic() - began < 2
        process.until(lambda: notices(world)[0].confirmed_at, seconds=10, what="the confirmation")
    finally:
        assert process.stop(running) == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_redis_a_session_that_ends_in_sql_is_told_of_later(
    rp: RelyingParty, world: World, https: Https, path: str
) -> None:
    rp.tokens()
    world.valkey.stop()
    try:
        with pytest.raises(Unavailable):
            end_it(world, "disabled", "")
    finally:
        world.valkey.start()
        process.until(world.valkey.answers)
    deliver(world)
    assert len(tokens_at(https)) == 1
    assert Browser(world.url).get("/login").status == 200
