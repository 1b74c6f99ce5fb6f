"""Applications that nobody here answers for: what people are told, and asked each time (OpenID Connect Registration 1.0 §2)."""

import re
from typing import Any

import pytest
import requests

from tests.parts.https import Https
from tests.parts.registering import let, party, register
from tests.parts.signers import change
from tests.parts.world import World
from tests.relying_party import RelyingParty

# What is shown does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

PNG = b"\x89PNG\r\n\x1a\n and the rest"
ABOUT = {
    "client_uri": "https://newcomer.example/",
    "policy_uri": "https://newcomer.example/privacy",
    "tos_uri": "https://newcomer.example/terms",
}


def newcomer(world: World, **metadata: Any) -> RelyingParty:
    let(world)
    return party(world, register(world, **metadata))


def test_it_is_asked_for_each_time_and_remembered_where_nobody_may_be_asked(world: World) -> None:
    rp = newcomer(world)
    rp.sign_in_and_allow()
    assert rp.start().path.endswith("/consent")
    assert "code" in rp.allow().answer
    # OpenID Connect Core §3.1.2.1: prompt=none shows nothing.
    assert "code" in rp.start(prompt="none", scope="openid").answer


def test_prompt_none_gives_no_more_than_was_given(world: World) -> None:
    rp = newcomer(world)
    rp.sign_in_and_allow(scope="openid")
    assert rp.start(prompt="none", scope="openid email").answer["error"] == "consent_required"


def test_a_person_is_told_that_nobody_answers_for_it(world: World, rp: RelyingParty) -> None:
    stranger = newcomer(world)
    stranger.start()
    page = stranger.sign_in()
    assert page.path.endswith("/consent")
    assert "Unverified application." in page.words
    assert "newcomer.example" in page.words
    rp.start()
    assert "Unverified" not in rp.sign_in().words


def test_a_person_is_told_when_the_answer_goes_to_their_own_device(world: World) -> None:
    rp = newcomer(world, redirect_uris=["http://127.0.0.1:3030/callback"])
    rp.start()
    assert "a program on this very device" in rp.sign_in().words


def test_what_it_says_of_itself_is_linked_before_and_after_the_login(world: World) -> None:
    """OpenID Connect Registration §2: policy_uri, tos_uri."""
    rp = newcomer(world, **ABOUT)
    for page in (rp.start(), rp.sign_in()):
        assert {page.links["Website"], page.links["Privacy policy"], page.links["Terms of service"]} == set(ABOUT.values())
        assert 'rel="noopener noreferrer"' in page.text


def test_its_logo_is_shown_from_our_own_address(world: World, https: Https) -> None:
    """OpenID Connect Registration §2: logo_uri."""
    https.answer("/logo.png", PNG, {"Content-Type": "text/html"})
    rp = newcomer(world, logo_uri=f"{https.url}/logo.png")
    for page in (rp.start(), rp.sign_in()):
        assert https.url not in page.text
        address = re.search(r'src="(/logo/[^"]+)"', page.text)
        assert address is not None
        answer = requests.get(world.url + address[1].replace("&amp;", "&"), timeout=30)
        assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, PNG, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert https.seen("/logo.png") == 1


@pytest.mark.parametrize("body", [b"", b"<svg xmlns='x'><script>x</script></svg>", b"<html>", b"RIFF1234WAVE", b"\x89PN"])
def test_what_is_no_picture_is_not_passed_on(rp: RelyingParty, world: World, https: Https, body: bytes) -> None:
    path = f"/logo-{len(body)}"
    https.answer(path, body, {"Content-Type": "image/png"})
    change(world, rp, logo_url=https.url + path, name='<"&')
    answer = requests.get(f"{world.url}/logo/{rp.application.id}", timeout=30)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "&lt;" in answer.text
    assert "<script" not in answer.text


def test_a_logo_that_cannot_be_fetched_is_a_letter_for_a_minute(rp: RelyingParty, world: World, https: Https) -> None:
    https.answer("/late.png", b"", status=503)
    change(world, rp, logo_url=f"{https.url}/late.png")
    address = f"{world.url}/logo/{rp.application.id}"
    assert requests.get(address, timeout=30).headers["Content-Type"].startswith("image/svg+xml")
    https.answer("/late.png", PNG)
    assert requests.get(address, timeout=30).headers["Content-Type"].startswith("image/svg+xml")
    world.later(minutes=1)
    assert requests.get(address, timeout=30).content == PNG
