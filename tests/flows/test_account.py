"""The pages about oneself: another address, a copy of one's data, and the end of the account."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.models.audit import Actor
from shared.services import audit, deletions, users
from tests.parts.browsing import Browser
from tests.parts.signed_in import SESSION, is_signed_in, sign_in, signed_in
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

NEW = "countess@example.org"


def code_in(letter: str) -> str:
    return re.search(r"\b[34679ACDEFGHJKMNPQRTVWXY]{6}\b", letter.split("\n\n", 1)[1])[0]


def ask(browser: Browser, email: str = NEW) -> None:
    browser.get("/account/email")
    browser.submit(email=email)


def test_an_address_changes_once_the_new_one_has_proved_to_be_theirs(rp: RelyingParty, world: World) -> None:
    tokens = rp.tokens()
    browser = rp.browser
    ask(browser)
    assert browser.page.path == "/account/email/code" and NEW in browser.page.words
    assert rp.userinfo(tokens.access_token).email == world.ada.email, "the old address stays until then"
    letter = world.letters()[-1]
    assert f"To: {NEW}" in letter
    page = browser.submit(code=code_in(letter).lower())
    assert page.path == "/account" and NEW in page.words and "Verified" in page.words
    claims = rp.userinfo(tokens.access_token)
    assert (claims.email, claims.email_verified) == (NEW, True)
    told = world.letters()[-1]
    assert f"To: {world.ada.email}" in told and NEW in told
    assert is_signed_in(browser)
    assert sign_in_fails(world)


def sign_in_fails(world: World) -> bool:
    browser = Browser(world.url)
    browser.get("/login")
    return browser.submit(email=world.ada.email, password=world.ada.password).status == 422


def test_a_wrong_code_changes_nothing(world: World) -> None:
    browser = signed_in(world)
    ask(browser)
    for _ in range(5):
        assert browser.submit(code="AAAAAA").status == 422
    right = code_in(world.letters()[-1])
    browser.get("/account/email/code")
    assert browser.page.path == "/account/email" or browser.submit(code=right).status == 422
    assert world.ada.email in browser.get("/account").words


def test_nobody_learns_whether_an_address_is_taken(world: World) -> None:
    browser = signed_in(world)
    ask(browser, world.admin.email)
    taken = browser.page.words.replace(world.admin.email, "?")
    assert world.letters() == [], "nothing is sent to somebody else"
    other = signed_in(world)
    ask(other)
    assert other.page.words.replace(NEW, "?") == taken


def test_an_address_that_is_taken_meanwhile_is_not_given_twice(world: World) -> None:
    browser = signed_in(world)
    ask(browser)
    letter = world.letters()[-1]
    world.add_person(NEW)
    page = browser.submit(code=code_in(letter))
    assert page.status == 409 and "by now" in page.words
    assert world.ada.email in browser.get("/account").words


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_code_of_one_change_is_no_code_for_another(world: World) -> None:
    browser = signed_in(world)
    ask(browser)
    first = code_in(world.letters()[-1])
    ask(browser, "other@example.org")
    assert browser.submit(code=first).status == 422
    eve = sign_in(Browser(world.url), world.add_person("eve@example.com"))
    ask(eve, "eve@example.net")
    assert eve.submit(code=first).status == 422


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("email", ["", "x", "a@b@c", "ada@example.com", "x" * 400 + "@example.com", "a\r\nBcc: all@example.com"])
def test_odd_addresses_are_refused_in_the_form(world: World, email: str) -> None:
    browser = signed_in(world)
    browser.get("/account/email")
    page = browser.submit(email=email)
    assert page.status == 422 and page.path == "/account/email"
    assert world.letters() == []


def test_everything_kept_about_oneself_can_be_taken_along(rp: RelyingParty, world: World) -> None:
    rp.tokens()
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS, reason="a check")
        users.enable(world.user(world.ada), by=TESTS)
    browser = signed_in(world)
    browser.get("/account/data")
    browser.follow("copy")
    page = browser.submit(press="Download")
    assert page.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    copy = json.loads(page.text)
    assert copy["account"]["email"] == world.ada.email and copy["account"]["has_password"] is True
    assert [each["application"] for each in copy["consents"]] == ["Web shop"]
    assert [each["application"] for each in copy["authorizations"]] == ["Web shop"]
    assert {"user.signed_in", "consent.given", "user.disabled", "user.data_copied"} <= {e["action"] for e in copy["events"]}
    assert len(copy["sessions"]) == 1


def test_a_copy_has_no_secrets_and_nobody_else_in_it(world: World) -> None:
    """An operator's own copy tells nothing of the people whom they looked after."""
    with world.inside():
        users.rename(world.user(world.ada), name="Countess", by=Actor.of(world.user(world.admin)))
        hashed = world.user(world.admin).password_hash
    grace = sign_in(Browser(world.url), world.admin)
    grace.get("/account/data/copy")
    text = grace.submit(press="Download").text
    assert "user.renamed" in text
    for secret in (hashed, "argon2", world.ada.email, "Countess", str(world.ada.id), grace.jar.get(SESSION)):
        assert secret not in text


def delete(browser: Browser, email: str) -> None:
    browser.get("/account/data")
    browser.follow("delete")
    browser.submit(confirmation=email)


def test_a_deleted_account_is_gone_everywhere_at_once(rp: RelyingParty, world: World) -> None:
    tokens, elsewhere = rp.tokens(), signed_in(world)
    delete(rp.browser, world.ada.email)
    assert rp.browser.page.path == "/login" and "Your account is deleted" in rp.browser.page.words
    time.sleep(0.6)
    assert rp.userinfo(tokens.access_token).status == 401
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
    assert not is_signed_in(elsewhere)
    world.valkey.client.flushall()
    assert rp.refresh(tokens.refresh_token).error == "invalid_grant"
    assert sign_in_fails(world)
    assert f"To: {world.ada.email}" in world.letters()[-1]
    assert world.add_person(world.ada.email), "the address is free again"


def test_what_stays_in_the_log_does_not_say_who_it_was(rp: RelyingParty, world: World) -> None:
    rp.tokens()
    stranger = Browser(world.url)
    stranger.get("/login")
    stranger.submit(email=world.ada.email, password="wrong from the start")
    delete(rp.browser, world.ada.email)
    grace = sign_in(Browser(world.url), world.admin)
    page = grace.get("/admin/audit")
    assert "deleted" in page.words
    assert world.ada.email not in page.text and "Lovelace" not in page.text


def test_nor_does_it_say_which_addresses_were_theirs_before(world: World) -> None:
    browser, stranger = signed_in(world), Browser(world.url)
    stranger.get("/login")
    stranger.submit(email=world.ada.email, password="wrong from the start")
    ask(browser)
    browser.submit(code=code_in(world.letters()[-1]))
    # Whoever has the old address after them is somebody else.
    heir = world.add_person(world.ada.email)
    stranger.submit(email=heir.email, password="wrong once more")
    delete(browser, NEW)
    with world.inside():
        tried = [row.actor_name for row in audit.search(tenant=world.tenant, action="user.login_failed").items]
    assert tried == [heir.email, "deleted"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_deleting_needs_the_address_to_be_typed(world: World) -> None:
    browser = signed_in(world)
    for typed in ("", "yes", world.admin.email):
        browser.get("/account/deletion")
        assert browser.submit(confirmation=typed).status == 422
    assert is_signed_in(browser)
    browser.get("/account/deletion")
    assert browser.submit(confirmation=" ADA@example.com ").path == "/login"


def test_the_last_operator_cannot_go(world: World) -> None:
    grace = sign_in(Browser(world.url), world.admin)
    page = grace.get("/account/deletion")
    assert "This is the last operator" in page.words
    token = page.form().fields["csrf_token"]
    assert grace.post("/account/deletion", csrf_token=token, confirmation=world.admin.email).status == 409
    world.add_person("second@example.com", permissions=("bailiwick:admin",))
    delete(grace, world.admin.email)
    assert grace.page.path == "/login"


def test_of_fifty_deletions_at_once_each_is_answered_and_one_is_done(world: World) -> None:
    """While others sign in, exchange and allow: nobody sees an error of ours, and nothing of the person is left."""
    browsers = [signed_in(world) for _ in range(2)]
    token = browsers[0].get("/account/deletion").form(confirmation="").fields["csrf_token"]

    def go(number: int) -> int:
        if number % 5 == 0:
            other = Browser(world.url)
            other.get("/login")
            return other.submit(email=world.ada.email, password=world.ada.password).status
        if number % 5 == 1:
            rp = RelyingParty(world.url, world.web, world.ada)
            rp.start()
            return rp.sign_in().status
        other = Browser(world.url)
        other.jar.update(browsers[0].jar)
        return other.post("/account/deletion", csrf_token=token, confirmation=world.ada.email).status

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(go, range(50)))
    assert all(status < 500 for status in statuses), statuses
    with world.inside():
        assert users.find(world.tenant, world.ada.id) is None
        assert len(audit.search(action="user.deleted").items) == 1


def test_deleting_somebody_who_is_gone_is_told(world: World) -> None:
    with world.inside():
        ada = world.user(world.ada)
        deletions.carry_out(ada, by=TESTS)
        with pytest.raises(Exception, match="no such user"):
            deletions.carry_out(ada, by=TESTS)


def test_an_application_of_ours_is_listed_and_withdrawn_too(ours: RelyingParty, world: World) -> None:
    """Nobody was asked for consent, and what it holds can be taken back all the same."""
    tokens = ours.tokens()
    page = ours.browser.get("/account/applications")
    assert "Our portal" in page.words and "last used" in page.words
    ours.browser.get(f"/account/applications/{world.ours.id}/withdrawal")
    assert ours.browser.submit(press="Withdraw").path == "/account/applications"
    assert "Nothing yet" in ours.browser.page.words
    assert ours.refresh(tokens.refresh_token).error == "invalid_grant"
    assert ours.browser.get(f"/account/applications/{world.web.id}/withdrawal").status == 404
