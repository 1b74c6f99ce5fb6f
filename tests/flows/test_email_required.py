"""Where an address must be verified before any application, and who is only asked."""

import pytest

from shared.kit.errors import Invalid
from shared.services import tenants, users
from tests.parts.browsing import Browser
from tests.parts.post import code_to
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

STRONG = "difference engines all the way"
NEW = "charles@example.com"


def require(world: World) -> None:
    with world.inside():
        tenants.update(world.tenant, email_verification="required", by=TESTS)


def unverified(world: World, email: str = "eve@example.com", **more: object) -> str:
    with world.inside():
        users.create(world.tenant, email=email, password=STRONG, by=TESTS, **more)
    return email


def test_the_account_opens_at_once_and_the_code_comes_before_the_application(rp: RelyingParty, world: World) -> None:
    require(world)
    rp.start()
    rp.browser.follow("signup")
    page = rp.browser.submit(name="Charles", email=NEW, password=STRONG)
    assert page.path == "/verify" and "later" not in page.links and not any(form.has_button("later") for form in page.forms)
    assert rp.browser.get("/account").status == 200, "their own pages are theirs"
    assert rp.start().path == "/verify", "there is no way around it"
    assert rp.browser.submit(code=code_to(world, NEW)).path == "/consent"
    assert rp.exchange(rp.allow().answer["code"]).access_token


def test_to_put_it_off_does_not_help(rp: RelyingParty, world: World) -> None:
    require(world)
    email = unverified(world)
    rp.start()
    assert rp.browser.submit(email=email, password=STRONG).path == "/verify"
    form = rp.browser.page.form(press="send")
    query = rp.browser.page.url.partition("?")[2]
    assert rp.browser.post(f"/verify/later?{query}", csrf_token=form.fields["csrf_token"]).path == "/verify"


def test_without_a_page_the_application_is_told_that_one_is_needed(rp: RelyingParty, world: World) -> None:
    require(world)
    email = unverified(world)
    rp.browser.get("/login")
    rp.browser.submit(email=email, password=STRONG)
    rp.start(prompt="none")
    assert rp.browser.page.answer["error"] == "interaction_required"


def test_a_device_is_let_in_by_nobody_who_has_not_verified_their_address(world: World, browser: Browser) -> None:
    require(world)
    email = unverified(world)
    browser.get("/login?next=/device")
    page = browser.submit(email=email, password=STRONG)
    assert page.path == "/verify"
    browser.submit(press="send")
    assert browser.submit(code=code_to(world, email)).path == "/device"


def test_an_account_that_is_older_than_the_rule_is_asked_and_never_kept_out(rp: RelyingParty, world: World) -> None:
    email = unverified(world)
    world.later(minutes=1)
    require(world)
    rp.start()
    page = rp.browser.submit(email=email, password=STRONG)
    assert page.path == "/verify" and page.form(press="later")
    assert rp.browser.submit(press="later").path == "/consent"
    assert rp.exchange(rp.allow().answer["code"]).access_token
    # Signed in already, no application asks again; nor does one that may show no page.
    assert rp.start().path != "/verify"
    rp.start(prompt="none")
    assert rp.browser.page.answer["code"]


def test_the_dashboard_keeps_nobody_out(world: World, browser: Browser) -> None:
    require(world)
    email = unverified(world, permissions=("bailiwick:admin",))
    browser.get("/login?next=/admin/")
    assert browser.submit(email=email, password=STRONG).path == "/admin/"


def test_the_rule_counts_from_when_it_was_made_and_not_from_each_change_of_it(world: World) -> None:
    require(world)
    with world.inside():
        since = tenants.default().verification_since
        world.later(minutes=5)
        changed = tenants.update(world.tenant, email_verification="before", by=TESTS)
        assert since is not None and changed.verification_since == since
        tenants.update(world.tenant, email_verification="later", by=TESTS)
        assert tenants.update(world.tenant, email_verification="required", by=TESTS).verification_since > since


def test_it_cannot_be_turned_on_where_no_letter_can_leave(world: World) -> None:
    told = world.settings.model_copy(update={"outbox_dir": None})
    world.auth.extensions["bailiwick.settings"] = told
    for rule in ("before", "required"):
        with world.inside(), pytest.raises(Invalid, match="BAILIWICK_SMTP_URL"):
            tenants.update(world.tenant, email_verification=rule, by=TESTS)


def test_a_new_tenant_verifies_before_where_there_is_a_mail_server(world: World) -> None:
    with world.inside():
        assert tenants.create(name="Without", by=TESTS).email_verification == "later"
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(update={"smtp_url": world.settings.secret_key})
    with world.inside():
        made = tenants.create(name="With", by=TESTS)
        assert made.email_verification == "before" and made.verification_since is not None
