"""The code that a client's page offers to paste does what it says."""

import html
import re
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

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


def test_the_python_of_a_client_that_signs_uses_its_key(
    desk: Desk, browser: Browser, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ECKey.generate_key("P-256")
    with world.inside():
        back, jwks = ["http://127.0.0.1:5000/callback"], {"keys": [key.as_dict(private=False)]}
        settings = {"token_endpoint_auth_method": "private_key_jwt", "assertion_audience": "issuer"}
        client, _ = clients.register(
            world.tenant, name="Signer", redirect_uris=back, jwks=jwks, by=Actor.system("tests"), **settings
        )
    (tmp_path / "private-key.pem").write_bytes(key.as_pem(private=True))
    monkeypatch.chdir(tmp_path)
    page = desk.get(f"/admin/clients/{client.id}").text
    assert "CLIENT_SECRET" not in page
    assert "oidc.PrivateKeyJwt(key)," in html.unescape(page)
    app = pasted(page)
    browser.get(app.get("/login", base_url="http://127.0.0.1:5000").headers["Location"])
    browser.submit(email=world.ada.email, password=world.ada.password)
    back_at = urlsplit(browser.submit(press="Allow").left_to or "")
    app.get(f"{back_at.path}?{back_at.query}", base_url="http://127.0.0.1:5000")
    assert app.get("/", base_url="http://127.0.0.1:5000").text == f"Hello, {world.ada.id}"


def pasted(page: str) -> FlaskClient:
    """The Python of the page, as an application one can talk to."""
    found = re.search(r'<code id="sample-python">(.*?)</code>', page, re.DOTALL)
    assert found
    module = ModuleType("app")
    exec(compile(html.unescape(found[1]), "app.py", "exec"), module.__dict__)  # noqa: S102  # it is what this test is about
    return module.app.test_client()
