"""Fifty at once on two workers, each with another address in its headers: what works once works for one of them."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

from flask import Flask

from shared.kit.db import db, transaction
from shared.models.outbox import OutboxMessage
from shared.services import outbox, recovery, sessions, tenants
from tests.parts import process
from tests.parts.browsing import Browser
from tests.parts.installed import Known
from tests.parts.world import TESTS

AT_ONCE = 50
NEW = "nine engines and a kettle"


def at_once(act: Callable[[int], str]) -> Counter[str]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(act, range(AT_ONCE)))


def spoofed(number: int) -> dict[str, str]:
    """What a stranger writes who wants to be counted as somebody else each time."""
    address = f"198.51.100.{number}"
    return {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}", "X_Forwarded_For": address}


def send(browser: Browser, number: int, **typed: str) -> str:
    """Send the form that the browser shows; the status, and where it leads."""
    form = browser.page.form(**dict.fromkeys(typed, ""))
    answer = browser.http.post(
        urljoin(browser.page.url, form.action),
        data={**form.fields, **typed},
        headers=spoofed(number),
        allow_redirects=False,
        timeout=60,
    )
    return f"{answer.status_code} {answer.headers.get('Location', '')}".strip()


def copies(browser: Browser) -> list[Browser]:
    made = []
    for _ in range(AT_ONCE):
        copy = Browser(browser.page.url)
        copy.jar.update(browser.jar)
        copy.page = browser.page
        made.append(copy)
    return made


def test_one_recovery_code_lets_one_half_signed_in_browser_in(ada: Known) -> None:
    browsers = [ada.half() for _ in range(AT_ONCE)]
    for browser in browsers:
        browser.get("/factor/recovery")
    code = ada.paper.pop()
    answers = at_once(lambda n: send(browsers[n], n, code=code))
    assert answers["303 /account"] == 1
    # Ten guesses at one account are looked at, and ten more once one was right, whatever addresses they give.
    assert set(answers) <= {"303 /account", "422", "429"} and answers["422"] < 20
    assert [browser.get("/account").path for browser in browsers].count("/account") == 1


def test_one_link_sets_one_password(ada: Known, service: Flask) -> None:
    with service.app_context():
        user = ada.row()
        with transaction():
            secret = recovery.begin(tenants.get(user.tenant_id), email=user.email, user=user)
    browser = Browser(ada.installation.url)
    browser.get(f"/recover/password?token={secret}")
    twins = copies(browser)
    answers = at_once(lambda n: send(twins[n], n, password=f"{NEW} {n}"))
    assert answers["303 /login"] == 1 and set(answers) <= {"303 /login", "404", "422"}, answers


def test_one_code_by_letter_signs_one_in(ada: Known, service: Flask) -> None:
    with service.app_context():
        tenant = tenants.get(ada.row().tenant_id)
        before = tenant.factors
        tenants.update(tenant, factors=["password", "totp", "passkey", "email"], by=TESTS)
    try:
        browser = Browser(ada.installation.url)
        # Each worker remembers a tenant for a moment, and so many at once ask every one of them.
        strangers = [Browser(ada.installation.url) for _ in range(50)]
        process.until(
            lambda: set(at_once(lambda n: str(strangers[n].get("/login/code").status))) == {"200"}, what="a change of the tenant"
        )
        browser.get("/login/code")
        browser.submit(email=ada.person.email)
        twins, code = copies(browser), code_on_its_way(service, ada.person.email)
        answers = at_once(lambda n: send(twins[n], n, code=code))
        # She has an authenticator app.
        assert answers["303 /factor"] == 1 and set(answers) <= {"303 /factor", "422", "429"}, answers
        with service.app_context():
            assert len(sessions.of(ada.row())) == 2, "this one, and that in which she sat before"
    finally:
        with service.app_context():
            tenants.update(tenants.get(tenant.id), factors=before, by=TESTS)


def test_whoever_writes_another_address_each_time_has_no_more_letters_sent(ada: Known, service: Flask) -> None:
    for number in range(8):
        browser = Browser(ada.installation.url, **spoofed(number))
        browser.get("/recover")
        assert browser.submit(email=ada.person.email).path == "/recover/sent"
    assert len(letters_on_their_way(service, "recovery", ada.person.email)) == 3


def letters_on_their_way(service: Flask, kind: str, email: str) -> list[dict[str, object]]:
    with service.app_context():
        told = [outbox.payload_of(row) for row in db.session.query(OutboxMessage).order_by(OutboxMessage.id) if row.payload]
    return [each for each in told if (each.get("kind"), each.get("to")) == (kind, email)]


def code_on_its_way(service: Flask, email: str) -> str:
    letter = letters_on_their_way(service, "sign_in_code", email)[-1]
    words = letter["values"]
    assert isinstance(words, dict)
    return str(words["code"])
