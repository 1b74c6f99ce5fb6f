"""Parts fall, and the installation says so, does what it can, and comes back by itself."""

import time

import pytest
import requests

from shared.kit import ids
from shared.services import tenants
from tests.parts import process
from tests.parts.browsing import Browser
from tests.parts.factoring import sign_in
from tests.parts.installation import Installation
from tests.parts.world import TESTS
from tests.relying_party import RelyingParty


def signed_in(rp: RelyingParty) -> bool:
    return rp.browser.get("/account").path == "/account"


def test_a_killed_worker_is_replaced_and_nobody_is_signed_out(installation, rp):
    rp.tokens()
    for pid in installation.workers():
        installation.kill(pid)
    process.until(lambda: len(installation.workers()) == 2, what="a new worker")
    process.until(installation.ready, what="an answer")
    assert signed_in(rp)


def test_a_code_outlives_the_worker_that_gave_it(installation, rp):
    code = rp.sign_in_and_allow()
    for pid in installation.workers():
        installation.kill(pid)
    process.until(installation.ready, what="an answer")
    assert rp.exchange(code).status == 200


def test_without_redis_readiness_names_it_and_liveness_stays(installation):
    with installation.without_redis():
        status, parts = installation.health()
        assert status == 503
        assert "Redis" in parts["redis"]
        assert parts["database"] == "ok"
        assert requests.get(f"{installation.url}/health/live", timeout=10).status_code == 200
    process.until(installation.ready, what="recovery")


def test_without_redis_signing_in_is_refused_in_plain_words_and_quickly(installation, rp):
    rp.start()
    with installation.without_redis():
        began = time.monotonic()
        page = rp.sign_in()
        assert page.status == 503
        assert "try again" in page.words
        assert int(page.headers["Retry-After"]) > 0
        assert time.monotonic() - began < 5


def test_losing_redis_means_signing_in_again_and_nothing_worse(installation, rp):
    tokens = rp.tokens()
    code = rp.sign_in_and_allow()
    with installation.without_redis():
        # What SQL holds needs no Redis.
        assert rp.exchange(code).status == 200
        assert rp.refresh(tokens.refresh_token).status == 200
        assert rp.userinfo(tokens.access_token).sub == str(installation.cast.ada.id)
    process.until(installation.ready, what="recovery")
    assert not signed_in(rp)
    assert rp.tokens().status == 200


def test_a_full_redis_is_no_worse_than_none(installation, rp):
    tokens = rp.tokens()
    code = rp.sign_in_and_allow()
    other = RelyingParty(installation.url, installation.cast.web, installation.cast.ada)
    other.start()
    with installation.with_a_full_redis():
        assert rp.exchange(code).status == 200
        assert rp.refresh(tokens.refresh_token).status == 200
        page = other.sign_in()
        assert page.status == 503 and int(page.headers["Retry-After"]) > 0
        # What is there already is read.
        assert signed_in(rp)
    assert other.sign_in_and_allow()


@pytest.fixture
def opening_at_once(installation, service):
    """Whoever signs up has an account at once."""

    def verifying(when: str) -> str:
        with service.app_context():
            tenant = tenants.get(installation.cast.tenant_id)
            before = tenant.email_verification
            tenants.update(tenant, email_verification=when, by=TESTS)
        # Each worker remembers a tenant for a moment.
        time.sleep(tenants.KEPT_SECONDS + 0.5)
        return before

    before = verifying("later")
    yield
    verifying(before)


@pytest.mark.parametrize("how", ["without_redis", "with_a_full_redis"])
def test_a_sign_up_that_cannot_be_finished_makes_no_account(installation, opening_at_once, how):
    browser = Browser(installation.url)
    browser.get("/signup")
    typed = {"email": f"{ids.token(6).lower()}@example.com", "password": "nine engines and a kettle"}
    form = browser.page.form(email="", password="")
    with getattr(installation, how)():
        answer = browser.post("/signup", **{**form.fields, **typed})
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
    process.until(installation.ready, what="recovery")
    # What was typed does the second time what it would have done the first.
    assert browser.post("/signup", **{**form.fields, **typed}).status == 200
    assert browser.get("/account").path == "/account"


def test_a_session_that_is_there_goes_on_by_a_second_factor_though_redis_is_full(installation, ada):
    browser = Browser(installation.url)
    sign_in(browser, ada.person)
    browser.get("/factor/recovery")
    with installation.with_a_full_redis():
        assert browser.submit(code=ada.paper[0]).path == "/account"
        assert browser.get("/account").path == "/account"


def test_wrong_passwords_are_still_limited_without_redis(installation, rp):
    browser = Browser(installation.url)
    browser.get("/login")
    form = browser.page.form(email="", password="")
    with installation.without_redis():
        statuses = {
            browser.post("/login", **{**form.fields, "email": "nobody@example.com", "password": "x"}).status for _ in range(30)
        }
        assert 429 in statuses or statuses == {503}
    process.until(installation.ready, what="recovery")


def test_without_postgresql_readiness_names_it_and_requests_are_told_to_come_back(installation, rp):
    rp.start()
    with installation.without_postgres():
        status, parts = installation.health()
        assert status == 503
        assert "database" in parts["database"]
        page = rp.sign_in()
        assert page.status == 503
        assert int(page.headers["Retry-After"]) > 0
        refused = rp.post(f"{installation.url}/token", {"grant_type": "refresh_token", "refresh_token": "x"}, rp.basic())
        assert refused.status == 503
    process.until(installation.ready, what="recovery")


def test_a_restarted_postgresql_is_found_again_without_a_restart_of_ours(installation, rp):
    tokens = rp.tokens()
    for _ in range(3):
        with installation.without_postgres():
            pass
    process.until(installation.ready, what="recovery")

    def tried() -> set[int]:
        seen = {rp.userinfo(tokens.access_token).status, rp.refresh(tokens.refresh_token).status}
        assert seen <= {200, 503}
        return seen

    # Every connection that every worker kept is stale: each may cost one request, and a second where a worker of the API met one
    # when it asked for keys. Then it is over.
    process.until(lambda: all(tried() == {200} for _ in range(15)), seconds=10, what="workers that found PostgreSQL again")
    assert all(tried() == {200} for _ in range(30))


def test_a_dead_mail_server_does_not_hold_up_a_sign_up(installation):
    browser = Browser(installation.url)
    browser.get("/signup")
    began = time.monotonic()
    page = browser.submit(email="new@example.com", password="a long enough password for us", name="New")
    assert page.status == 200, page.words
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("part", ["without_redis", "without_postgres"])
def test_what_is_answered_meanwhile_is_a_page_with_a_number_and_no_traceback(installation: Installation, part: str):
    with getattr(installation, part)():
        page = Browser(installation.url).get("/admin/clients")
        assert "Traceback" not in page.text
        assert page.status < 500 or page.headers["X-Request-Id"] in page.text
    process.until(installation.ready, what="recovery")
