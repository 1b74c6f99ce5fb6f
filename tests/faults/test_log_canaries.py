"""No password, code, token, secret or cookie is in any line of any log, however much is logged and whatever goes wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests.parts import process
from tests.parts.browsing import Browser
from tests.parts.installation import Installation
from tests.parts.proofs import Holder, ask
from tests.relying_party import RelyingParty

PASSWORD = "CANARY-password-q8Zt4Lw2"
WRONG = "CANARY-wrong-password-x7Kd"
FORGED = "CANARY-forged-value-m3Vb9Q"


@pytest.fixture(scope="module")
def talkative(installation_folder: Path, programs: Path) -> Iterator[Installation]:
    """An installation that logs all it can."""
    (installation_folder / "canaries").mkdir()
    installation = Installation(installation_folder / "canaries", programs, log_level="DEBUG")
    installation.start(gunicorn=("--log-level", "debug", "--access-logfile", "-"))
    installation.start_worker()
    yield installation
    installation.stop()


class Canaries:
    """Everything secret that was seen in the course of the flow, by what it was."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"password": PASSWORD, "wrong password": WRONG, "forged": FORGED}

    def note(self, name: str, value: str | None) -> None:
        if value and len(value) >= 6:
            self.values[name] = value

    def note_browser(self, name: str, browser: Browser) -> None:
        """Its cookies, the tokens of its forms, and what was in the addresses that it went through."""
        for cookie in browser.jar:
            self.note(f"{name}'s cookie {cookie.name}", cookie.value)
        for form in browser.page.forms:
            self.note(f"{name}'s csrf_token", form.fields.get("csrf_token"))
        for address in [*browser.page.trail, browser.page.left_to or ""]:
            for parameter, value in re.findall(
                r"[?&](code|state|nonce|request_uri|code_challenge|id_token_hint)=([^&]+)", address
            ):
                self.note(f"{parameter} {value[:6]}", unquote(value))

    def seen_in(self, text: str) -> list[str]:
        return [name for name, value in self.values.items() if value in text or quote(value, safe="") in text]


def test_no_canary_is_in_any_log(talkative):
    canaries = Canaries()
    sign_up(talkative, canaries)
    whole_flow(talkative, canaries)
    bound_flow(talkative, canaries)
    forgeries(talkative, canaries)
    with talkative.without_redis():
        flow_that_fails(talkative, canaries)
    with talkative.without_postgres():
        flow_that_fails(talkative, canaries)
    process.until(talkative.ready, what="recovery")

    logged = talkative.log.read_text() + talkative.worker_log.read_text()
    assert canaries.seen_in(logged) == []
    # The search is worth something: much was logged, and of every request.
    assert logged.count('"event":"request"') > 30
    assert len(canaries.values) > 25, sorted(canaries.values)
    for path in ("/login", "/token", "/signup", "/verify", "/api/userinfo", "/logout"):
        assert f'"path":"{path}"' in logged


def sign_up(installation: Installation, canaries: Canaries) -> None:
    """A new person, who verifies their address."""
    browser = Browser(installation.url)
    browser.get("/signup")
    browser.submit(email="canary@example.com", password=PASSWORD, name="Canary")
    canaries.note_browser("signup", browser)
    browser.get("/verify")
    browser.submit(press="resend")
    folder = installation.settings.outbox_dir or Path("missing")
    process.until(lambda: list(folder.glob("*.eml")), seconds=30, what="the letter")
    code = re.search(r"^ {4}(\w{6})$", sorted(folder.glob("*.eml"))[-1].read_text(), re.MULTILINE)
    assert code
    canaries.note("e-mail code", code[1])
    browser.get("/verify")
    browser.submit(code=code[1])
    canaries.note_browser("verify", browser)


def whole_flow(installation: Installation, canaries: Canaries) -> None:
    """Wrong password, right password, consent, code, tokens, refresh, userinfo, logout."""
    for application in (installation.cast.web, installation.cast.spa):
        rp = RelyingParty(installation.url, application, installation.cast.ada)
        rp.start(state=FORGED)
        rp.browser.submit(email=installation.cast.ada.email, password=WRONG)
        canaries.note_browser(f"{application.name} before", rp.browser)
        tokens = rp.tokens()
        canaries.note_browser(f"{application.name} after", rp.browser)
        again = rp.refresh(tokens.refresh_token)
        rp.userinfo(again.access_token)
        rp.userinfo(again.access_token, method="POST")
        rp.logout(id_token_hint=tokens.id_token, post_logout_redirect_uri=application.post_logout_redirect_uri, state=FORGED)
        canaries.note(f"{application.name}'s secret", application.client_secret)
        canaries.note(f"{application.name}'s verifier", rp.asked.verifier)
        for name in ("access_token", "refresh_token", "id_token"):
            canaries.note(f"{application.name}'s {name}", tokens.json[name])
            canaries.note(f"{application.name}'s second {name}", again.json.get(name))
    canaries.note("ada's password", installation.cast.ada.password)


def bound_flow(installation: Installation, canaries: Canaries) -> None:
    """Tokens that are bound to a key (RFC 9449), with a proof that is good once, and one that never is."""
    rp, holder = RelyingParty(installation.url, installation.cast.web, installation.cast.ada), Holder()
    token = holder.exchange(rp, rp.sign_in_and_allow()).access_token
    url = f"{installation.url}/api/userinfo"
    proof = holder.proof("GET", url, token=token)
    assert [ask(url, token, proof=sent).status for sent in (proof, proof, FORGED)] == [200, 401, 401]
    canaries.note("bound token", token)
    canaries.note("proof", proof)
    canaries.note("its signature", proof.split(".")[2])


def forgeries(installation: Installation, canaries: Canaries) -> None:
    """Requests that are wrong in many ways, each with something secret in it."""
    rp = RelyingParty(installation.url, installation.cast.web, installation.cast.ada)
    rp.exchange(FORGED)
    rp.refresh(FORGED)
    rp.token(grant_type="password", username="ada", password=PASSWORD)
    rp.token(headers=rp.basic(FORGED), grant_type="authorization_code", code=FORGED)
    rp.token(
        headers={}, client_id=rp.application.client_id, client_secret=FORGED, grant_type="refresh_token", refresh_token=FORGED
    )
    rp.token(headers={"Authorization": f"Basic {FORGED}"}, grant_type="refresh_token")
    rp.userinfo(FORGED)
    rp.logout(id_token_hint=FORGED, state=FORGED)
    rp.browser.get("/authorize", client_id=FORGED, request_uri=FORGED, code=FORGED)
    rp.browser.get("/login", code=FORGED, token=FORGED, password=FORGED)
    rp.browser.get("/nowhere", client_secret=FORGED, access_token=FORGED)
    rp.browser.post("/login", email="ada@example.com", password=FORGED, csrf_token=FORGED)
    rp.http.put(
        f"{installation.url}/token?client_secret={FORGED}", data=FORGED, headers={"Cookie": f"session={FORGED}"}, timeout=30
    )
    rp.http.get(f"{installation.url}/api/userinfo?access_token={FORGED}", headers={"X-Api-Key": FORGED}, timeout=30)
    rp.http.post(f"{installation.url}/token", data=FORGED * 9000, timeout=30)


def flow_that_fails(installation: Installation, canaries: Canaries) -> None:
    """The same while a part is gone, which makes for long lines."""
    rp = RelyingParty(installation.url, installation.cast.web, installation.cast.ada)
    rp.http.post(
        f"{installation.url}/token", data={"grant_type": "refresh_token", "refresh_token": FORGED}, headers=rp.basic(), timeout=30
    )
    rp.http.get(f"{installation.url}/api/userinfo", headers={"Authorization": f"Bearer {FORGED}"}, timeout=30)
    rp.browser.get("/login")
    rp.browser.post("/login", email="ada@example.com", password=PASSWORD)
    rp.browser.get("/account")
    canaries.note_browser("failing", rp.browser)
