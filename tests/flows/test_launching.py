"""Logins that begin elsewhere: `initiate_login_uri`, with our issuer (OpenID Connect Core §4)."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.kit.db import transaction
from shared.models.client import BY_ITSELF
from shared.services import clients
from tests.parts.browsing import Page
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
URI = "https://app.example/start?tenant=a"


def links_of(page: Page, like: str = "https://app.example/") -> list[str]:
    return [link for link in map(unescape, re.findall(r'href="([^"]*)"', page.text)) if link.startswith(like)]


def change(world: World, application: Application, **settings: object) -> None:
    with world.inside():
        clients.update(world.client(application), by=TESTS, **settings)


def begins(page: Page, world: World) -> bool:
    """Whether the page links to where the application begins a login here."""
    return [parse_qs(urlsplit(link).query) for link in links_of(page)] == [{"tenant": ["a"], "iss": [world.url]}]


def test_what_one_allowed_can_be_opened_from_the_account(rp: RelyingParty, world: World) -> None:
    change(world, world.web, initiate_login_uri=URI)
    rp.tokens()
    assert begins(rp.browser.get("/account/applications"), world)


def test_applications_of_the_house_can_be_opened_before_they_were_used(rp: RelyingParty, world: World) -> None:
    change(world, world.ours, initiate_login_uri=URI)
    rp.tokens()
    assert begins(rp.browser.get("/account/applications"), world)
    with world.inside():
        clients.disable(world.client(world.ours), by=TESTS)
    assert links_of(rp.browser.get("/account/applications")) == []


def test_without_an_address_there_is_no_link(rp: RelyingParty) -> None:
    rp.tokens()
    page = rp.browser.get("/account/applications")
    assert rp.application.name in page.words
    assert "Open" not in page.words


def test_a_login_that_is_over_leads_back_to_the_application(rp: RelyingParty, world: World) -> None:
    change(world, world.web, initiate_login_uri=URI)
    rp.start()
    world.later(hours=3)
    page = rp.sign_in()
    assert page.status == 404
    assert begins(page, world), page.words
    page = rp.browser.get(f"/consent?client_id={rp.application.client_id}&request_uri=urn%3Agone")
    assert page.status == 404
    assert begins(page, world)


def test_no_page_leads_to_a_client_that_registered_itself(rp: RelyingParty, world: World) -> None:
    change(world, world.web, initiate_login_uri=URI)
    rp.tokens()
    with world.inside(), transaction():
        world.client(world.web).registered_by = BY_ITSELF
    for client_id in (rp.application.client_id, "nobody", "x" * 2000, "%00", "%22%3E"):
        page = rp.browser.get(f"/consent?client_id={client_id}&request_uri=urn%3Agone")
        assert (page.status, links_of(page)) == (404, [])
