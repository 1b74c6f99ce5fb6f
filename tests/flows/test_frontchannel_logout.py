"""Front-channel logout: pages of clients in frames of ours (OpenID Connect Front-Channel Logout 1.0)."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.kit.db import db, transaction
from shared.kit.errors import Invalid
from shared.models.client import Client
from shared.services import clients
from tests.parts.browsing import Page
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty, unverified_claims

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def frames_of(page: Page) -> list[str]:
    return [unescape(src) for src in re.findall(r'<iframe src="([^"]*)"', page.text)]


def policy_of(page: Page) -> dict[str, str]:
    spelled = page.headers["Content-Security-Policy"].split("; ")
    return dict(each.partition(" ")[::2] for each in spelled)


def wants(world: World, application: Application, path: str, *, session: bool = False) -> str:
    """The application is to be told in a frame, at this path of where it is."""
    uri = application.redirect_uri.replace("/callback", path)
    with world.inside():
        settings = {"frontchannel_logout_uri": uri, "frontchannel_logout_session_required": session}
        clients.update(world.client(application), by=TESTS, **settings)
    return uri


def elsewhere(rp: RelyingParty, application: Application) -> RelyingParty:
    return RelyingParty(rp.issuer, application, rp.person, rp.browser)


def test_each_client_of_the_session_has_a_frame(rp: RelyingParty, world: World) -> None:
    """§3. Only those origins may be framed, and on this page alone."""
    plain, told = wants(world, world.web, "/front?a=b"), wants(world, world.spa, "/front?a=b", session=True)
    wants(world, world.ours, "/front")
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    elsewhere(rp, world.spa).tokens()
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert (page.status, page.left_to) == (200, None)
    found = frames_of(page)
    assert plain in found
    (other,) = set(found) - {plain}
    assert other.startswith(f"{told}&")
    assert parse_qs(urlsplit(other).query) == {"a": ["b"], "iss": [rp.issuer], "sid": [unverified_claims(hint)["sid"]]}
    origins = sorted(f"https://{urlsplit(each).netloc}" for each in (plain, told))
    assert policy_of(page)["frame-src"] == " ".join(origins)
    assert policy_of(page)["frame-ancestors"] == "'none'"
    assert "frame-src" not in policy_of(rp.browser.get("/login"))
    assert f'id="continue" href="{uri}?state=s"' in page.text
    assert page.headers["Refresh"] == f"5;url={uri}?state=s", "without scripts too"


def test_it_is_announced(rp: RelyingParty) -> None:
    assert rp.metadata["frontchannel_logout_supported"] is True
    assert rp.metadata["frontchannel_logout_session_supported"] is True


def test_who_signs_out_with_nowhere_to_go_sees_frames_too(rp: RelyingParty, world: World) -> None:
    uri = wants(world, world.web, "/front")
    rp.tokens()
    rp.browser.get("/logout")
    page = rp.browser.submit(press="Sign out")
    assert frames_of(page) == [uri]
    assert "continue" not in page.text
    assert rp.browser.get("/account").path == "/login"


def test_who_was_signed_out_already_returns_at_once(rp: RelyingParty, world: World) -> None:
    wants(world, world.web, "/front")
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    rp.logout(id_token_hint=hint)
    assert rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri).left_to == uri


def test_a_question_shows_no_frame(rp: RelyingParty, world: World) -> None:
    wants(world, world.web, "/front")
    rp.tokens()
    assert frames_of(rp.logout()) == []


@pytest.mark.parametrize("host", ["x.example;sandbox", "x.example,y", "x.example'", "[::1]"])
def test_no_address_adds_to_the_policy(rp: RelyingParty, world: World, host: str) -> None:
    with world.inside(), transaction():
        db.session.get_one(Client, world.web.id).frontchannel_logout_uri = f"https://{host}/front"
    hint, uri = rp.tokens().id_token, rp.application.post_logout_redirect_uri
    assert rp.logout(id_token_hint=hint, post_logout_redirect_uri=uri).left_to == uri


def test_the_page_is_where_a_redirect_uri_is(world: World) -> None:
    """§2: the same scheme, host and port."""
    with world.inside():
        client = world.client(world.web)
        host = urlsplit(world.web.redirect_uri).netloc
        for uri in (f"https://{host}:8443/front", "https://evil.example/front", f"https://x.{host}/front"):
            with pytest.raises(Invalid):
                clients.update(client, frontchannel_logout_uri=uri, by=TESTS)
        clients.update(client, frontchannel_logout_uri=f"https://{host}:443/front", by=TESTS)
