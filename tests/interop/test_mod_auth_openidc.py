"""Apache's mod_auth_openidc, as Debian has it, before the pages of a site."""

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from joserfc.jwk import Key

from shared.kit import ids
from tests.interop.apache import Apache
from tests.interop.conftest import Posted, Visit, rotate_keys, sign_out, trusting
from tests.parts.browsing import Browser, Page
from tests.parts.registering import let
from tests.parts.signing import new_key
from tests.parts.world import Application, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.needs("apache2 with mod_auth_openidc")


@pytest.fixture
def opening(world: World, parts_folder: Path, certificate: tuple[Path, Path]) -> Iterator[Callable[..., "Site"]]:
    """Open a site, registered as `settings` say ({back} is its redirect URI), and told so by its `directives`."""
    with ExitStack() as stack:

        def opened(directives: dict[str, str] | None = None, *, key: Key | None = None, **settings: Any) -> Site:
            told = {
                "ProviderMetadataURL": f"{world.url}/.well-known/openid-configuration",
                "Scope": '"openid profile email offline_access"',
                "PKCEMethod": "S256",
                "RemoteUserClaim": "sub",
                "InfoHook": "access_token id_token refresh_token userinfo session",
            }
            apache = Apache(parts_folder / f"apache-{ids.token(4)}", certificate, told)
            back, bye = apache.back, f"{apache.url}/bye/"
            placed = {name: value.format(back=back) if isinstance(value, str) else value for name, value in settings.items()}
            application = world.add_application("Site", redirect_uris=[back], post_logout_redirect_uris=[bye], **placed)
            apache.settings |= {"ClientID": application.client_id}
            if application.client_secret:
                apache.settings |= {"ClientSecret": application.client_secret}
            if key:
                for kind in ("Private", "Public"):
                    (apache.folder / f"{kind}.pem").write_bytes(key.as_pem(private=kind == "Private"))
                    apache.settings[f"{kind}KeyFiles"] = f"{key.kid}#{apache.folder}/{kind}.pem"
            apache.settings |= directives or {}
            return Site(stack.enter_context(apache), application)

        yield opened


@pytest.fixture
def newcomer(world: World, parts_folder: Path, certificate: tuple[Path, Path]) -> Iterator["Site"]:
    """A site that knows our metadata and nothing else: it registers itself when somebody first comes."""
    let(world)
    apache = Apache(parts_folder / f"apache-{ids.token(4)}", certificate, {"MetadataDir": "", "RemoteUserClaim": "sub"})
    folder = apache.folder / "metadata"
    folder.mkdir()
    folder.chmod(0o777)  # Apache's workers are somebody else
    name = quote(world.url.removeprefix("https://"), safe="")
    metadata = requests.get(f"{world.url}/.well-known/openid-configuration", timeout=10)
    (folder / f"{name}.provider").write_text(metadata.text)
    (folder / f"{name}.conf").write_text(json.dumps({"scope": "openid profile email", "pkce_method": "S256"}))
    apache.settings["MetadataDir"] = str(folder)
    with apache:
        yield Site(apache, world.web)


class Site:
    """What Apache guards, and the browser of the person who visits it."""

    def __init__(self, apache: Apache, application: Application) -> None:
        self.apache, self.application = apache, application
        self.browser = trusting(Browser(apache.url))

    def enter(self, visit: Visit) -> Page:
        """Open a page inside, signing in with us on the way."""
        asked = self.browser.get("/inside/")
        assert asked.left_to, f"{asked.status} {asked.words}"
        return self.browser.get(visit(asked.left_to))

    def known(self) -> dict[str, Any]:
        """What it knows of the session."""
        return self.browser.http.get(f"{self.apache.back}?info=json", timeout=10).json()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"])
def test_it_signs_in(world: World, visit: Visit, opening: Callable[..., Site], method: str) -> None:
    key = new_key("RS256")
    jwks = {"keys": [key.as_dict(private=False)]} if method == "private_key_jwt" else None
    site = opening({"ProviderTokenEndpointAuth": method}, key=key, token_endpoint_auth_method=method, jwks=jwks)
    page = site.enter(visit)
    assert (page.status, page.path) == (200, "/inside/")
    assert page.headers["Remote-User"] == str(world.ada.id)
    assert page.headers["Claims"] == f"{world.ada.email} {world.url}"


def test_the_answer_comes_by_form(world: World, posted: Posted, opening: Callable[..., Site]) -> None:
    site = opening({"ResponseMode": "form_post"})
    form = posted(site.browser.get("/inside/").left_to or "")
    page = site.browser.post(form.action, **form.fields)
    assert (page.status, page.headers["Remote-User"]) == (200, str(world.ada.id))


def test_it_signs_its_request(world: World, visit: Visit, opening: Callable[..., Site]) -> None:
    """By value: by reference it uses a new address each time, and we fetch only from addresses that are registered."""
    key = new_key("RS256")
    every = ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"]
    told = json.dumps({"copy_from_request": every, "crypto": {"sign_alg": "RS256"}, "request_object_type": "request"})
    quoted = told.replace('"', r"\"")
    jwks = {"keys": [key.as_dict(private=False)]}
    site = opening({"RequestObject": f'"{quoted}"'}, key=key, jwks=jwks, require_signed_request_object=True)
    assert site.enter(visit).headers["Remote-User"] == str(world.ada.id)


def test_it_refreshes(world: World, visit: Visit, opening: Callable[..., Site]) -> None:
    site = opening()
    site.enter(visit)
    before = site.known()
    page = site.browser.get(f"{site.apache.back}", refresh=f"{site.apache.url}/inside/", access_token=before["access_token"])
    assert (page.status, page.path) == (200, "/inside/")
    after = site.known()
    assert after["access_token"] != before["access_token"]
    assert after["userinfo"]["email"] == world.ada.email


def test_it_refreshes_by_itself_when_a_token_is_about_to_end(world: World, visit: Visit, opening: Callable[..., Site]) -> None:
    site = opening({"RefreshAccessTokenBeforeExpiry": "3600 logout_on_error"}, refresh_mode="rotate")
    tokens = [
        site.enter(visit).headers["Access-Token"],
        *(site.browser.get("/inside/").headers["Access-Token"] for _ in range(3)),
    ]
    assert len({*tokens}) == 4


def test_signing_out_there_is_signing_out_here(
    world: World, browser: Browser, visit: Visit, opening: Callable[..., Site]
) -> None:
    site = opening()
    site.enter(visit)
    token = site.known()["access_token"]
    bye = f"{site.apache.url}/bye/"
    asked = site.browser.get(site.apache.back, logout=bye).left_to
    assert asked and asked.startswith(f"{world.url}/logout?")
    assert visit(asked) == bye
    assert browser.get("/account").path == "/login"
    assert site.browser.get("/inside/").left_to, "it asks for a login again"
    assert site.apache.get("/api/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_it_hears_that_a_session_has_ended(world: World, visit: Visit, browser: Browser, opening: Callable[..., Site]) -> None:
    """OpenID Connect Back-Channel Logout 1.0: the person signs out with us, and Apache is told behind her back."""
    site = opening({"ProviderBackChannelLogoutSupported": "On"}, backchannel_logout_uri="{back}?logout=backchannel")
    site.enter(visit)
    assert site.browser.get("/inside/").status == 200
    sign_out(world, browser)
    assert site.browser.get("/inside/").left_to, "it asks for a login again"


def test_it_signs_out_in_a_frame(world: World, visit: Visit, browser: Browser, opening: Callable[..., Site]) -> None:
    """OpenID Connect Front-Channel Logout 1.0: our page has a frame of Apache's, in which its session ends."""
    site = opening(frontchannel_logout_uri="{back}?logout=get", frontchannel_logout_session_required=True)
    site.enter(visit)
    browser.get("/logout")
    page = browser.submit(press="Sign out")
    (frame,) = re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)
    assert site.browser.get(html.unescape(frame)).status == 200
    assert site.browser.get("/inside/").left_to, "it asks for a login again"


def test_a_login_begins_elsewhere(world: World, visit: Visit, browser: Browser, opening: Callable[..., Site]) -> None:
    """OpenID Connect Core §4: somebody sends the person to Apache, naming us."""
    site = opening()
    asked = site.browser.get(site.apache.back, iss=world.url, target_link_uri=f"{site.apache.url}/inside/")
    page = site.browser.get(visit(asked.left_to or asked.words))
    assert (page.status, page.path, page.headers["Remote-User"]) == (200, "/inside/", str(world.ada.id))


def test_it_registers_itself(world: World, visit: Visit, newcomer: Site) -> None:
    asked = newcomer.browser.get(newcomer.apache.back, iss=world.url, target_link_uri=f"{newcomer.apache.url}/inside/")
    page = newcomer.browser.get(visit(asked.left_to or asked.words))
    assert (page.status, page.headers["Remote-User"]) == (200, str(world.ada.id))


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_it_finds_the_new_keys_when_ours_rotate(world: World, visit: Visit, opening: Callable[..., Site], alg: str) -> None:
    site = opening({"IDTokenSignedResponseAlg": alg}, id_token_alg=alg)
    site.enter(visit)
    rotate_keys(world)
    site.browser.jar.clear()
    assert site.enter(visit).headers["Remote-User"] == str(world.ada.id)


def test_it_is_a_resource_server_that_checks_our_signatures(world: World, rp: RelyingParty, opening: Callable[..., Site]) -> None:
    site = opening({"OAuthVerifyJwksUri": rp.metadata["jwks_uri"], "OAuthRemoteUserClaim": "sub"})
    token = rp.tokens().access_token
    answer = site.apache.get("/api/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Remote-User"]) == (200, str(world.ada.id))
    for wrong in (token[:-8] + "AAAAAAAA", "nothing"):
        assert site.apache.get("/api/", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401


def test_it_is_a_resource_server_that_asks_us(world: World, rp: RelyingParty, opening: Callable[..., Site]) -> None:
    """As the application that the token was given to."""
    application = rp.application
    told = {
        "OAuthIntrospectionEndpoint": rp.metadata["introspection_endpoint"],
        "OAuthClientID": application.client_id,
        "OAuthClientSecret": application.client_secret or "",
        "OAuthRemoteUserClaim": "sub",
        "OAuthTokenIntrospectionInterval": "0",
    }
    site = opening(told)
    tokens = rp.tokens()
    bearing = {"Authorization": f"Bearer {tokens.access_token}"}
    assert site.apache.get("/api/", headers=bearing).headers["Remote-User"] == str(world.ada.id)
    rp.post(rp.metadata["revocation_endpoint"], {"token": tokens.refresh_token or ""}, rp.basic())
    assert site.apache.get("/api/", headers=bearing).status_code == 401
