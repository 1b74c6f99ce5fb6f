"""Making an account of one's own."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.services import guesses, tenants, users
from tests.parts.browsing import Browser, Page
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

STRONG = "difference engines all the way"
CODE = re.compile(r"^ {4}([A-Z0-9-]+)$", re.MULTILINE)


def sign_up(world: World, email: str, password: str = STRONG, *, name: str = "") -> Page:
    """One try by a browser of its own."""
    browser = Browser(world.url)
    browser.get("/signup")
    return browser.submit(name=name, email=email, password=password)


def test_a_new_account_is_signed_in_and_can_come_back(world: World, browser: Browser) -> None:
    browser.get("/signup")
    page = browser.submit(name=" Charles Babbage ", email="charles@example.com", password=STRONG)
    assert page.path == "/account"
    assert "Charles Babbage" in page.text
    with world.inside():
        charles = users.find_by_email(world.tenant, "charles@example.com")
        assert charles is not None
        assert charles.last_login_at is not None, "signing up is signing in"
    again = Browser(world.url)
    again.get("/login")
    assert again.submit(email="charles@example.com", password=STRONG).path == "/account"


@pytest.mark.parametrize("page", ["/signup", "/recover"])
@pytest.mark.parametrize("words", ["=0D=0A=0D=0AAnother_letter", "eve=40example.com=2C"])
def test_nobody_writes_letters_of_ours_in_the_name_of_an_address(world: World, browser: Browser, page: str, words: str) -> None:
    """RFC 2047 §5: what mail programs decode is no address."""
    browser.get(page)
    address = f"=?utf-8?q?{words}?=@example.com"
    refused = browser.submit(email=address, **({"name": "", "password": STRONG} if page == "/signup" else {}))
    assert (refused.status, world.letters()) == (422, [])


def test_signing_up_on_the_way_to_an_application_goes_on_to_it(rp: RelyingParty) -> None:
    rp.start()
    rp.browser.follow("signup")
    assert rp.browser.submit(name="Charles", email="charles@example.com", password=STRONG).path == "/consent"
    tokens = rp.exchange(rp.allow().answer["code"])
    assert rp.userinfo(tokens.access_token).json["email_verified"] is False


def test_the_code_in_the_letter_verifies_the_address(rp: RelyingParty, world: World) -> None:
    rp.start()
    rp.browser.follow("signup")
    rp.browser.submit(name="Charles", email="charles@example.com", password=STRONG)
    tokens = rp.exchange(rp.allow().answer["code"])
    (letter,) = world.letters()
    assert "To: charles@example.com" in letter
    rp.browser.get("/verify")
    assert rp.browser.submit(code="WRONG1").status == 422
    code = CODE.search(letter)
    assert code is not None
    assert rp.browser.submit(code=f" {code[1].lower()} ").path == "/account"
    assert rp.userinfo(tokens.access_token).json["email_verified"] is True


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.com", " ada@example.com "])
def test_an_address_has_one_account(world: World, email: str) -> None:
    page = sign_up(world, email)
    assert (page.status, page.path) == (409, "/signup")
    assert page.form().fields["password"] == ""


def test_of_two_sign_ups_at_once_one_succeeds(world: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda _: sign_up(world, "charles@example.com"), range(6)))
    assert sorted(page.status for page in pages) == [200] + [409] * 5
    with world.inside():
        assert len(users.search(world.tenant, "charles@").items) == 1


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "password",
    ["short", "elevenchars", "password1234", "aaaaaaaaaaaaaaaa", "charles@example.com", "Charles Babbage", "x" * 1001, ""],
)
def test_a_weak_password_is_refused_at_its_field_and_what_was_typed_is_kept(world: World, password: str) -> None:
    page = sign_up(world, "charles@example.com", password, name="Charles Babbage")
    assert (page.status, page.path) == (422, "/signup")
    assert page.form().fields | {"csrf_token": ""} == {
        "csrf_token": "",
        "name": "Charles Babbage",
        "email": "charles@example.com",
        "password": "",
    }
    assert page.text.count('aria-invalid="true"') == 1
    with world.inside():
        assert users.find_by_email(world.tenant, "charles@example.com") is None


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "email", ["", "charles", "charles@", "@example.com", "a b@example.com", "charles@exam ple.com", "x" * 300 + "@example.com"]
)
def test_what_is_no_address_is_refused(world: World, email: str) -> None:
    assert sign_up(world, email).status == 422


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_address_and_a_name_may_be_in_any_writing(world: World) -> None:
    page = sign_up(world, "żółw@bücher.example", name="Żółw 🐢 <b>O'Neil</b>")
    assert page.path == "/account"
    assert "Żółw 🐢 &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page.text


@pytest.mark.parametrize("database", ["sqlite"])
def test_where_new_accounts_are_not_open_there_is_no_way_in(world: World, browser: Browser) -> None:
    browser.get("/signup")
    with world.inside():
        tenants.update(world.tenant, sign_up="off", by=TESTS)
    page = browser.submit(name="", email="charles@example.com", password=STRONG)
    assert page.status == 422
    assert browser.get("/signup").status == 403
    assert "signup" not in browser.get("/login").links
    with world.inside():
        assert users.find_by_email(world.tenant, "charles@example.com") is None


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("sign_up", "head"), [("off", "Accounts are made for you here"), ("invitation", "By invitation only")])
def test_whoever_an_application_sent_where_none_is_made_can_go_back(
    rp: RelyingParty, world: World, sign_up: str, head: str
) -> None:
    with world.inside():
        tenants.update(world.tenant, sign_up=sign_up, by=TESTS)
    page = rp.start(prompt="create")
    assert (page.status, page.path) == (403, "/signup")
    assert f"<title>{head} · " in page.text and f"<h1>{head}</h1>" in page.text
    assert rp.browser.submit(press="refuse").answer["error"] == "access_denied"


@pytest.mark.parametrize("database", ["sqlite"])
def test_nobody_makes_themselves_an_operator(world: World, browser: Browser) -> None:
    browser.get("/signup")
    form = browser.page.form(email="")
    fields = {**form.fields, "email": "eve@example.com", "password": STRONG}
    browser.post("/signup", **fields, permissions="bailiwick:admin", email_verified_at="2026-01-01", tenant_id="x")
    with world.inside():
        eve = users.find_by_email(world.tenant, "eve@example.com")
        assert eve is not None
        assert (eve.permissions, eve.email_verified, eve.tenant_id) == ([], False, world.tenant.id)
    assert browser.get("/admin/clients").status == 403


def test_new_accounts_are_limited_for_each_address(browser: Browser) -> None:
    browser.get("/signup")
    for _ in range(guesses.SIGN_UPS.amount):
        assert browser.submit(name="", email="not an address", password="short").status == 422
    refused = browser.submit(name="", email="new@example.com", password="quite a long password of mine")
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.form(email="").fields["email"] == "new@example.com"


def test_whoever_has_another_code_sent_reads_that_it_was(world: World, browser: Browser) -> None:
    browser.get("/signup")
    browser.submit(name="", email="charles@example.com", password=STRONG)
    browser.get("/verify")
    assert "Another e-mail is on its way." in browser.submit(press="resend").words


@pytest.mark.parametrize("database", ["sqlite"])
def test_whoever_has_the_account_already_is_led_to_it(rp: RelyingParty, world: World) -> None:
    for link, path in (("known-login", "/login"), ("known-recover", "/recover")):
        rp.start(prompt="create")
        page = rp.browser.submit(name="", email=world.ada.email, password=STRONG)
        assert page.status == 409 and "If it is yours, sign in or choose a new password ." in page.words
        page = rp.browser.follow(link)
        assert page.path == path and "request_uri" in page.url, "the application waits all the while"
        assert page.form(email="").fields["email"] == world.ada.email
    rp.start()
    assert rp.sign_in().path == "/consent"


@pytest.mark.parametrize("database", ["sqlite"])
def test_where_sign_up_is_silent_nobody_is_led_anywhere(world: World) -> None:
    with world.inside():
        tenants.update(tenants.get(world.tenant.id), email_verification="before", by=TESTS)
    page = sign_up(world, world.ada.email)
    assert (page.status, page.path) == (200, "/signup/code")
    assert "known-login" not in page.text


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_password_that_is_typed_again_is_asked_for_in_words(world: World) -> None:
    again = "Please type your password again."
    assert again not in Browser(world.url).get("/signup").words
    assert again in sign_up(world, "nobody").words
    assert again not in sign_up(world, "charles@example.com", "short").words, "the password is what is wrong"
