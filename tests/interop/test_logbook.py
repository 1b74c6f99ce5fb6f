"""The program for Node.js of docs/applications.md, run as its readers would."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.interop.conftest import Visit
from tests.parts import needs, process
from tests.parts.browsing import Browser
from tests.parts.installation import free_port
from tests.parts.world import World

pytestmark = pytest.mark.needs("openid-client (Node.js 20 and npm)")
PAGE = Path(__file__).parents[2] / "docs/applications.md"
MODULES = Path(__file__).parent / "openid_client/node_modules"


@pytest.fixture
def logbook(world: World, tmp_path: Path) -> Iterator[str]:
    """The address at which it runs."""
    home = f"http://127.0.0.1:{free_port()}"
    (program,) = re.findall(r"save this as `logbook\.mjs`:\n\n```js\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "logbook.mjs").write_text(program.replace("5070", home.rpartition(":")[2]))
    (tmp_path / "node_modules").symlink_to(MODULES)
    application = world.add_application("Logbook", redirect_uris=[f"{home}/callback"])
    told = {"ISSUER": world.url, "CLIENT_ID": application.client_id, "CLIENT_SECRET": application.client_secret or ""}
    command = [needs.found("node") or "node", str(tmp_path / "logbook.mjs")]
    started = process.start(command, log=tmp_path / "log", env={**os.environ, **told})
    process.until(lambda: answers(home), what=f"the start of the program ({tmp_path / 'log'})")
    yield home
    process.stop(started)


def answers(home: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(home, timeout=10).ok
    return False


def test_the_logbook_says_hello(world: World, visit: Visit, logbook: str) -> None:
    reader = Browser(logbook)
    assert "Nobody is signed in." in reader.get("/").words
    asked = reader.follow("Sign in").left_to
    assert f"Hello, {world.ada.name}." in reader.get(visit(asked or "")).words
    assert reader.get("/callback?state=x&code=y").status == 400
