"""Who may see and change an account through the API: its person, by an application that was given the scope for it."""

from shared.kit.errors import Denied
from shared.models.audit import Actor
from shared.models.scope import ACCOUNT, ACCOUNT_WRITE
from shared.models.user import User
from shared.services import authorizations, clients
from shared.web import bearer, tenancy

# Whoever finds a session left open does not change whose it is: what guards an account needs a login of the last ten minutes.
FRESH_SECONDS = 600

reads = bearer.require(ACCOUNT, whole=True)
reads_all = bearer.require(ACCOUNT, max_age=FRESH_SECONDS, whole=True)
writes = bearer.require(ACCOUNT_WRITE, whole=True)
guards = bearer.require(ACCOUNT_WRITE, max_age=FRESH_SECONDS, whole=True)


def actor(user: User) -> Actor:
    """The person, who acts by the authorization that the token was given for."""
    return Actor.of(user, by=bearer.token().authorization_id)


def sid(user: User) -> str | None:
    """The browser session in which the token was given, if any: it goes on where every other one ends."""
    identifier = bearer.token().authorization_id
    return authorizations.run_of(identifier)[0].sid if identifier else None


def check_first_party() -> None:
    """An application of ours, or one that may write: who may see a name may not change it."""
    client = clients.find(tenancy.tenant(), bearer.token().client_id)
    if ACCOUNT_WRITE not in bearer.token().scopes and (client is None or not client.first_party):
        raise Denied("Only applications of the first party may change an account.")
