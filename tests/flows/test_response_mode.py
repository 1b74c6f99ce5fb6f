"""How the answer travels (OAuth Multiple Response Types §2.1, Form Post Response Mode)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from shared.services import clients
from tests.parts.browsing import Page
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


def posted(page: Page) -> dict[str, str]:
    return page.form(press="Continue").fields


def test_form_post_carries_the_code_in_a_form(rp: RelyingParty) -> None:
    page = rp.walk(response_mode="form_post", state='a b"<é%&')
    assert page.form(press="Continue").action == rp.application.redirect_uri
    fields = posted(page)
    assert (fields["state"], fields["iss"]) == ('a b"<é%&', rp.issuer)
    assert rp.exchange(fields["code"]).status == 200


def test_form_post_has_no_inline_script_and_is_kept_by_nobody(rp: RelyingParty) -> None:
    page = rp.walk(response_mode="form_post")
    assert "onload" not in page.text
    assert "<script>" not in page.text
    assert "form_post.js" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action" not in page.headers["Content-Security-Policy"]


def test_errors_travel_by_form_post_too(rp: RelyingParty) -> None:
    fields = posted(rp.start(response_mode="form_post", prompt="none"))
    assert (fields["error"], fields["state"], fields["iss"]) == ("login_required", rp.asked.state, rp.issuer)
    assert posted(rp.start(response_mode="form_post", scope="everything"))["error"] == "invalid_scope"


def test_fragment_is_for_clients_that_may(rp: RelyingParty, world: World) -> None:
    assert rp.start(response_mode="fragment").answer["error"] == "invalid_request"
    with world.inside():
        clients.update(world.client(world.web), response_modes=["query", "fragment"], by=TESTS)
    page = rp.walk(response_mode="fragment")
    parts = urlsplit(page.left_to or "")
    assert not parts.query
    assert rp.exchange(parse_qs(parts.fragment)["code"][0]).status == 200


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_mode_can_be_taken_from_a_client(rp: RelyingParty, world: World, mode: str) -> None:
    others = [each for each in ("query", "fragment", "form_post") if each != mode]
    with world.inside():
        clients.update(world.client(world.web), response_modes=others, by=TESTS)
    assert rp.start(response_mode=mode).answer["error"] == "invalid_request"
