"""The code that a client's page offers to paste does what it says."""

import html
import re
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from shared.models.audit import Actor
from shared.services import clients
from tests.auth_service.admin.desk import Desk
from tests.parts.browsing import Browser
from tests.parts.world import Application, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.mark.parametrize("kind", ["web", "spa"])
def test_the_python_signs_people_in(
    desk: Desk, browser: Browser, world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    application: Application = getattr(world, kind)
    with world.inside():
        clients.add_redirect_uri(world.client(application), "http://127.0.0.1:5000/callback", by=Actor.system("tests"))
    monkeypatch.setenv("CLIENT_SECRET", application.client_secret or "")
    app = pasted(desk.get(f"/admin/clients/{application.id}").text)

    login = app.get("/login", base_url="http://127.0.0.1:5000")
    browser.get(login.headers["Location"])
    browser.submit(email=world.ada.email, password=world.ada.password)
    allowed = browser.submit(press="Allow")
    assert allowed.left_to and allowed.left_to.startswith("http://127.0.0.1:5000/callback?")
    back = urlsplit(allowed.left_to)
    app.get(f"{back.path}?{back.query}", base_url="http://127.0.0.1:5000")
    assert app.get("/", base_url="http://127.0.0.1:5000").text == f"Hello, {world.ada.id}"


def pasted(page: str) -> FlaskClient:
    """The Python of the page, as an application one can talk to."""
    found = re.search(r'<code id="sample-python">(.*?)</code>', page, re.DOTALL)
    assert found
    module = ModuleType("app")
    exec(compile(html.unescape(found[1]), "app.py", "exec"), module.__dict__)  # noqa: S102  # it is what this test is about
    return module.app.test_client()
