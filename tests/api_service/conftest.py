"""The API alone, over a database of its own, beside an issuer that speaks only HTTP: it must not need ours to check a token."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api_service import create_app
from shared.kit import clock, settings
from shared.kit.db import db
from shared.models import Actor, Client, Tenant, User
from shared.models.scope import ADMIN
from shared.models.user import OPERATOR
from shared.services import clients, tenants, users
from tests.issuer import Issuer

TESTS = Actor.system("tests")
NOWHERE = "redis://127.0.0.1:1/0"


@dataclass
class Api:
    """What a test finds: the app alone, its issuer, a person and two applications."""

    app: Flask
    issuer: Issuer
    tenant: Tenant
    ada: User
    first_party: Client
    third_party: Client

    @property
    def web(self) -> FlaskClient:
        return self.app.test_client()

    def token(self, scope: str = "openid", **claims: object) -> str:
        """A token for ada, asked for by the third party unless told otherwise."""
        return self.issuer.token(**{"sub": str(self.ada.id), "client_id": self.third_party.client_id, "scope": scope} | claims)

    def bearer(self, scope: str = "openid", **claims: object) -> dict[str, str]:
        """The header with such a token."""
        return {"Authorization": f"Bearer {self.token(scope, **claims)}"}


@pytest.fixture
def issuer():
    issuer = Issuer()
    yield issuer
    clock.reset()
    issuer.stop()


@pytest.fixture
def redis_url():
    """Nowhere: without it, the API serves all but what is about browser sessions."""
    return NOWHERE


@pytest.fixture
def api(issuer, populated, tmp_path, redis_url):
    database, people = populated
    shutil.copy(database, tmp_path / "test.db")
    return Api(build(issuer.url, tmp_path / "test.db", redis_url), issuer, *people)


@pytest.fixture(scope="session")
def populated(tmp_path_factory):
    """A database with a person and two applications, made once and copied for each test; and who is in it."""
    database = tmp_path_factory.mktemp("api") / "populated.db"
    with build("http://localhost", database).app_context():
        db.create_all()
        tenant = tenants.create(name="Default", slug="default", is_default=True, by=TESTS)
        ada = users.create(tenant, email="ada@example.com", name="Ada Lovelace", verified=True, by=TESTS)
        first, _ = clients.register(tenant, name="Ours", first_party=True, by=TESTS)
        third, _ = clients.register(tenant, name="Theirs", by=TESTS)
        db.session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return database, (tenant, ada, first, third)


def build(public_url: str, database: Path, redis_url: str = NOWHERE) -> Flask:
    """The API over this database."""
    url = f"sqlite:///{database}"
    return create_app(settings.load(public_url=public_url, secret_key="x" * 40, database_url=url, redis_url=redis_url))


@pytest.fixture
def operator(api):
    """The header of ada, who is an operator and gave two factors."""
    with api.app.app_context():
        users.set_permissions(api.ada, [OPERATOR], by=TESTS)
    return api.bearer(ADMIN, amr=["pwd", "otp", "mfa"])
