"""Clients that nobody here wrote, and the person who uses them."""

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from auth_service import worker
from auth_service.protocol import backchannel_logout
from shared.models.tenant import Tenant
from shared.services import client_profiles, clients, keys, logouts, resources, tenants
from tests.interop.mcp_server import SCOPE, McpServer
from tests.parts.browsing import Browser, Form, Page
from tests.parts.https import certificates
from tests.parts.serving import Origin
from tests.parts.valkey import Valkey
from tests.parts.world import TESTS, Application, Person, Template, World, open_world
from tests.relying_party import RelyingParty

# Storage is asked of both databases by tests/flows; what others' clients accept does not depend on it.
Visit = Callable[[str], str]
Part = TypeVar("Part", Browser, RelyingParty)
Posted = Callable[[str], Form]
Serving = Callable[[str, Tenant], McpServer]


@dataclass(frozen=True)
class Acme:
    """A tenant, one person in it, and what `visit` is for her."""

    issuer: str
    tenant: Tenant
    person: Person
    visit: Visit


@pytest.fixture
def database() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def certificate(parts_folder: Path) -> tuple[Path, Path]:
    """The authority of these tests, and its certificate for this machine with the key."""
    (parts_folder / "tls").mkdir()
    return certificates(parts_folder / "tls")


@pytest.fixture(scope="session")
def https_origin(certificate: tuple[Path, Path]) -> Iterator[Origin]:
    """The address at which the world of each test is served, as in production over https."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate[1])
    server = Origin(tls)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path]) -> None:
    """These clients read it: whom to trust, and that no proxy knows our loopback address."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.setenv(name, str(certificate[0]))
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def world(
    https_origin: Origin,
    certificate: tuple[Path, Path],
    valkey: Valkey,
    database: str,
    template: Template,
    database_url: str,
    tmp_path: Path,
) -> Iterator[World]:
    """Both services over https; what clients name may be fetched from this machine."""
    fetching = {"fetch_admits": "localhost 127.0.0.0/8", "fetch_ca_file": certificate[0]}
    opened = open_world(
        https_origin, valkey, database=database, database_url=database_url, cast=template.cast, folder=tmp_path, **fetching
    )
    yield opened
    https_origin.hide()
    opened.close()


@pytest.fixture
def browser(world: World) -> Browser:
    return trusting(Browser(world.url))


@pytest.fixture
def rp(world: World, browser: Browser) -> RelyingParty:
    """Ours, beside the others: it signs ada in, in the same browser."""
    return trusting(RelyingParty(world.url, world.web, world.ada, browser))


def follow(world: World, application: Application, profile: str) -> None:
    """Let the application follow a profile, as an operator does by a click."""
    with world.inside():
        client = world.client(application)
        clients.update(client, by=TESTS, **client_profiles.changes(client, profile))


def rotate_keys(world: World) -> None:
    """New keys, signing at once, and every worker has read them."""
    with world.inside():
        keys.rotate(world.tenant, at_once=True, by=TESTS)
    keys._rings.clear()


def sign_out(world: World, browser: Browser) -> None:
    """Sign the person out with us; those who want to know of it are told."""
    backchannel_logout._slow._hosts.clear()
    browser.get("/logout")
    browser.submit(press="Sign out")
    worker.within(world.auth, lambda: worker.deliver(logouts.KIND))()


def trusting(part: Part) -> Part:
    """It trusts whom the environment names."""
    part.http.verify = os.environ["SSL_CERT_FILE"]
    return part


@pytest.fixture
def visit(world: World, browser: Browser) -> Visit:
    """Take ada's browser to an address, sign in and allow where asked; the address to which it was sent in the end."""
    return visiting(browser, world.ada)


@pytest.fixture
def posted(world: World, browser: Browser) -> Posted:
    """The same, for the form that it posts back in the end."""
    return lambda url: walk(browser, world.ada, url).form(press="Continue")


@pytest.fixture
def acme(world: World, browser: Browser) -> Acme:
    """A tenant beside the default one."""
    with world.inside():
        tenant = tenants.create(name="Acme", by=TESTS)
    person = world.add_person("emmy@example.com", tenant=tenant)
    return Acme(f"{world.url}/t/{tenant.slug}", tenant, person, visiting(browser, person))


@pytest.fixture
def serving(world: World, tmp_path: Path) -> Iterator[Serving]:
    """Start an MCP server that believes this issuer, and make it known to the tenant as a resource."""
    with ExitStack() as stack:

        def served(issuer: str, tenant: Tenant) -> McpServer:
            server = stack.enter_context(McpServer(issuer, tmp_path))
            scopes = {SCOPE: "Read your notes", "else": "Else"}
            with world.inside():
                resources.create(tenant, identifier=server.url, name="Notes", scopes=scopes, by=TESTS)
            return server

        yield served


def visiting(browser: Browser, person: Person) -> Visit:
    """As the fixture `visit`, for `person`."""

    def visited(url: str) -> str:
        page = walk(browser, person, url)
        assert page.left_to, f"{page.status} {page.url}: {page.words[:500]}"
        return page.left_to

    return visited


def walk(browser: Browser, person: Person, url: str) -> Page:
    """Go to an address, sign in and allow where asked; where that ends."""
    page = browser.get(url)
    for _ in range(4):
        if page.left_to is not None:
            break
        if page.path.endswith("/login"):
            page = browser.submit(email=person.email, password=person.password)
        elif any(form.has_button("allow") for form in page.forms):
            page = browser.submit(press="allow")
        else:
            break
    return page
