"""Fills the installation that is measured: three tenants with thousands of users and clients each.

`python -m bench.world` fills the database that the settings name, and prints who is in it.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, text

from auth_service import create_app
from bench.person import CHEAP, PASSWORD, REDIRECT_URI, SCOPES, Person
from shared.kit import clock, ids, settings
from shared.kit.db import db, transaction
from shared.models import Actor, Client, Consent, Tenant, User
from shared.services import clients, keys, setup, tenants, users

# Of each tenant. All but the first 600 users have a password hash that costs nothing.
USERS, COSTLY, CLIENTS = 3000, 600, 1000
BY = Actor.system("bench")

Row = dict[str, Any]


def make() -> list[Person]:
    """Fill an empty database; everyone who is now in it."""
    setup.migrate()
    made = [setup.default_tenant(by=BY), *(tenants.create(name=name, by=BY) for name in ("Acme", "Globex"))]
    people = [person for tenant in made for person in _fill(tenant)]
    db.session.execute(text("ANALYZE"))
    return people


def _fill(tenant: Tenant) -> list[Person]:
    keys.jwks(tenant)
    ada = users.create(tenant, email="ada@example.com", name="Ada Lovelace", password=PASSWORD, verified=True, by=BY)
    may = {
        "grant_types": [*clients.USUAL_GRANTS, "client_credentials"],
        "redirect_uris": [REDIRECT_URI],
        "refresh_mode": "rotate",
    }
    client, secret = clients.register(tenant, name="Client", by=BY, **may)
    people = [_like(ada, **_user(n, str(ada.password_hash))) for n in range(USERS)]
    apps = [_like(client, client_id=ids.token(16)) for _ in range(CLIENTS)]
    uses = [(user, apps[n % CLIENTS]) for n, user in enumerate(people)]
    with transaction() as session:
        session.execute(insert(User), people)
        session.execute(insert(Client), apps)
        session.execute(insert(Consent), [_consent(user, app) for user, app in uses])
    return [Person(tenant.path, user["email"], app["client_id"], str(secret), n >= COSTLY) for n, (user, app) in enumerate(uses)]


def _user(number: int, costly: str) -> Row:
    email = f"user{number}@example.com"
    return {"email": email, "email_folded": email, "password_hash": costly if number < COSTLY else CHEAP_HASH}


def _consent(user: Row, app: Row) -> Row:
    return {"user_id": user["id"], "client_id": app["id"], "scopes": SCOPES, "created_at": clock.now(), "updated_at": clock.now()}


def _like(row: User | Client, **differences: object) -> Row:
    """A row like `row`, with an id of its own and these differences."""
    return {**{column.key: getattr(row, column.key) for column in row.__table__.columns}, "id": ids.uuid7(), **differences}


CHEAP_HASH = CHEAP.hash(PASSWORD)

if __name__ == "__main__":
    with create_app(settings.load()).app_context():
        json.dump([asdict(person) for person in make()], sys.stdout)
