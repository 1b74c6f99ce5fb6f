"""The world a test finds: both services over one database and one Redis, two people and two applications."""

import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

from flask import Flask

import api_service
import auth_service
from shared.kit import clock, ids, log, settings
from shared.kit.db import db
from shared.kit.settings import Settings
from shared.models.audit import Actor
from shared.models.client import CONFIDENTIAL, PUBLIC, Client
from shared.models.tenant import Tenant
from shared.models.user import OPERATOR, User
from shared.services import clients, keys, outbox, providers, resources, setup, tenants, user_fields, users
from shared.web import bearer
from tests.parts.postgres import Postgres
from tests.parts.serving import Origin
from tests.parts.valkey import Valkey

TESTS = Actor.system("tests")
SECRET_KEY = "a secret key that only the tests of this house use"
# Both services by their settings, those that were asked for last.
_made: OrderedDict[str, tuple[Flask, Flask]] = OrderedDict()
MOST_MADE = 4
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Person:
    """Someone with an account, and the password that they know."""

    id: UUID
    email: str
    name: str
    password: str


@dataclass(frozen=True)
class Application:
    """A registered client as its own developers know it; `client_secret` is None for a public one."""

    id: UUID
    name: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    post_logout_redirect_uri: str


@dataclass(frozen=True)
class Cast:
    """Who and what is in the database before a test begins."""

    tenant_id: UUID
    ada: Person
    admin: Person
    web: Application
    spa: Application
    ours: Application


@dataclass
class World:
    """`url` is the origin that serves both. What `inside` gives is for looking into the house and for setting it up."""

    url: str
    database: str
    settings: Settings
    auth: Flask
    api: Flask
    valkey: Valkey
    cast: Cast
    tenant: Tenant = field(init=False)

    def __post_init__(self) -> None:
        with self.inside():
            self.tenant = db.session.get_one(Tenant, self.cast.tenant_id)

    @property
    def ada(self) -> Person:
        """ada@example.com, with a verified address."""
        return self.cast.ada

    @property
    def admin(self) -> Person:
        """grace@example.com, an operator."""
        return self.cast.admin

    @property
    def web(self) -> Application:
        """A confidential application of a third party, with all scopes."""
        return self.cast.web

    @property
    def spa(self) -> Application:
        """A public application of a third party, with all scopes."""
        return self.cast.spa

    @property
    def ours(self) -> Application:
        """A confidential application of the first party: nobody is asked for consent."""
        return self.cast.ours

    @contextmanager
    def inside(self) -> Iterator[None]:
        """An application context of the authorization server, where services can be called."""
        with self.auth.app_context():
            yield

    def user(self, person: Person) -> User:
        """The row of `person`. Call it inside."""
        return db.session.get_one(User, person.id, populate_existing=True)

    def client(self, application: Application) -> Client:
        """The row of `application`. Call it inside."""
        return db.session.get_one(Client, application.id, populate_existing=True)

    def add_person(
        self, email: str, *, name: str = "", tenant: Tenant | None = None, permissions: tuple[str, ...] = ()
    ) -> Person:
        """Make an account with a strong password."""
        with self.inside():
            return add_person(tenant or self.tenant, email, name=name, permissions=permissions)

    def add_application(self, name: str, *, tenant: Tenant | None = None, **more: object) -> Application:
        """Register an application with all scopes."""
        with self.inside():
            return add_application(tenant or self.tenant, name, **more)

    def later(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let so much time pass, here and in Redis."""
        passed = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        clock.shift(passed)
        self.valkey.later(passed)

    def letters(self) -> list[str]:
        """The texts of the letters that were sent so far, oldest first; what waits is delivered before."""
        with self.inside():
            outbox.deliver_due()
        folder = self.settings.outbox_dir or Path("missing")
        kept = sorted(folder.glob("*.eml")) if folder.is_dir() else []
        return [_text_of(path) for path in kept]

    def close(self) -> None:
        """Give back every connection."""
        for app in (self.auth, self.api):
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def open_world(
    origin: Origin, valkey: Valkey, *, database: str, database_url: str, cast: Cast, folder: Path, **more: object
) -> World:
    """Both services over the database at `database_url`, served at `origin`; `more` settings."""
    told = settings_for(origin.url, valkey.url, database_url, folder, **more)
    auth, api = _services(told)
    log.setup(told)
    auth.extensions["bailiwick.settings"] = api.extensions["bailiwick.settings"] = told
    # Each test is a new start of the program, which remembers nothing.
    guard = api.extensions[bearer.EXTENSION]
    api.extensions[bearer.EXTENSION] = type(guard)(guard.origin)
    for kept in (keys._rings, tenants._kept, clients._recent, providers._recent, resources._recent, user_fields._kept):
        kept.clear()
    origin.show(auth, api)
    return World(origin.url, database, told, auth, api, valkey, cast)


def _services(told: Settings) -> tuple[Flask, Flask]:
    """Both, made once for all tests whose settings differ in nothing but where letters go: making them costs more than a test."""
    alike = told.model_copy(update={"outbox_dir": None}).model_dump_json()
    made = _made.pop(alike, None) or (auth_service.create_app(told), api_service.create_app(told))
    _made[alike] = made
    if len(_made) > MOST_MADE:
        _made.popitem(last=False)
    return made


def settings_for(public_url: str, redis_url: str, database_url: str, folder: Path, **more: object) -> Settings:
    """The settings of an installation under test."""
    told = {
        "public_url": public_url,
        "secret_key": SECRET_KEY,
        "database_url": database_url,
        "redis_url": redis_url,
        "issuer_internal_url": None,
        "trusted_proxies": 0,
        "smtp_url": None,
        "outbox_dir": folder / "letters",
        "log_level": "DEBUG",
        "log_format": "json",
        "quickstart": False,
    }
    return settings.load(**{**told, **more})


def populate(told: Settings) -> Cast:
    """Bring an empty database up to date and put the cast into it."""
    app = auth_service.create_app(told)
    with app.app_context():
        setup.migrate()
        tenant = setup.default_tenant(by=TESTS)
        cast = Cast(
            tenant_id=tenant.id,
            ada=add_person(tenant, "ada@example.com", name="Ada Lovelace"),
            admin=add_person(tenant, "grace@example.com", name="Grace Hopper", permissions=(OPERATOR,)),
            web=add_application(tenant, "Web shop"),
            spa=add_application(tenant, "Note board", client_type=PUBLIC),
            ours=add_application(tenant, "Our portal", first_party=True),
        )
        keys.jwks(tenant)
        db.session.remove()
        db.engine.dispose()
    return cast


def add_person(tenant: Tenant, email: str, *, name: str = "", permissions: tuple[str, ...] = ()) -> Person:
    """Make an account with a strong password. Call it inside."""
    password = ids.token(12)
    user = users.create(tenant, email=email, name=name, password=password, permissions=permissions, verified=True, by=TESTS)
    return Person(user.id, email, name, password)


def add_application(tenant: Tenant, name: str, *, client_type: str = CONFIDENTIAL, **more: object) -> Application:
    """Register an application with all scopes. Call it inside."""
    host = f"https://{tenant.slug}-{name.lower().replace(' ', '-')}.example"
    back, bye = f"{host}/callback", f"{host}/bye"
    wanted = {"redirect_uris": [back], "post_logout_redirect_uris": [bye], **more}
    client, secret = clients.register(tenant, name=name, client_type=client_type, by=TESTS, **wanted)
    return Application(client.id, name, client.client_id, secret, back, bye)


@dataclass
class Template:
    """A database with the cast in it, which each test finds as it was made: a copy of the file, or the same rows again."""

    name: str
    cast: Cast
    postgres: Postgres | None = None
    rows: dict[str, bytes] = field(default_factory=dict)
    file: Path | None = None

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        """The URL of the database as it was made."""
        if self.postgres is None:
            path = folder / "bailiwick.db"
            for left in folder.glob("bailiwick.db*"):
                left.unlink()
            shutil.copyfile(self.file or "", path)
            yield f"sqlite:///{path}"
            return
        self.postgres.restore(self.name, self.rows)
        yield self.postgres.url(self.name)


def _text_of(path: Path) -> str:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = letter.get_body(("plain",))
    return f"To: {letter['to']}\nSubject: {letter['subject']}\n\n{body.get_content() if body else ''}"
