"""Headers of every answer (CSP Level 3, RFC 6797, RFC 9700 §4.2.4)."""

import pytest

import auth_service
from tests.parts.browsing import Browser
from tests.parts.world import World
from tests.relying_party import RelyingParty

ADDRESSES = ["/login", "/signup", "/nowhere", "/authorize", "/.well-known/jwks.json", "/t/nobody/login", "/admin/"]


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_them(browser: Browser, address: str) -> None:
    headers = browser.get(address).headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


def test_a_form_of_ours_goes_nowhere_else(browser: Browser) -> None:
    assert directives(browser.get("/login").headers["Content-Security-Policy"])["form-action"] == "'self'"


def test_a_form_on_the_way_to_a_client_may_end_there(rp: RelyingParty) -> None:
    """Browsers hold every redirect after a form to form-action, and this one ends at the client."""
    assert "form-action" not in directives(rp.start().headers["Content-Security-Policy"])


def test_pages_are_kept_by_nobody(browser: Browser) -> None:
    assert browser.get("/login").headers["Cache-Control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(world: World) -> None:
    told = world.settings.model_copy(update={"public_url": "https://id.example.com"})
    headers = auth_service.create_app(told).test_client().get("/health/live").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in Browser(world.url).get("/login").headers
