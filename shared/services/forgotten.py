"""Forgotten passwords: a link by letter, with which a person chooses a new one."""

from shared.kit import languages
from shared.kit.db import transaction
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.recovery import RecoveryLink
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import audit, guesses, letters, locks, ownership, password_changes, recovery, tenants, users

OVER = said("This link no longer works. Ask for a new one.")


def ask(tenant: Tenant, email: str, *, familiar: str = "", **carried: str) -> None:
    """Send a link to whoever has an account with this address; `carried` is what its address takes along.

    The same is done, in the same time, where nobody has one, and where it is disabled. After three letters in ten minutes for
    one asker (`familiar` is what their browser keeps of earlier sign-ins) nothing is sent, and nothing is said of it.
    Raises Invalid for what is no address, and TooMany.
    """
    guesses.take_sign_up()
    address = users.checked_email(email)
    with transaction():
        found = users.find_by_email(tenant, address)
        user = found if found and not found.disabled else None
        secret = recovery.begin(tenant, email=address, user=user, familiar=familiar)
        if secret:
            post = letters.post if user else letters.nobody
            link = tenants.address(tenant, "/recover/password", token=secret, **carried)
            speaks = user.reads if user else None
            to, proved = (user.email, user.email_verified) if user else (address, False)
            language = speaks or languages.current()
            post("recovery", tenant, to=to, proved=proved, language=language, link=link, minutes=recovery.MINUTES)
            audit.record("user.recovery_asked", actor=Actor("visitor", "", address), subject="user", tenant=tenant)


def find(tenant: Tenant, secret: str) -> RecoveryLink | None:
    """The link with this secret, if it still works, or None."""
    return recovery.find(tenant, secret)


def get(tenant: Tenant, secret: str) -> RecoveryLink:
    """The link with this secret. Raises NotFound, in one way for every reason."""
    link = recovery.find(tenant, secret)
    if link is None:
        raise NotFound(OVER)
    return link


def choose(tenant: Tenant, secret: str, password: str) -> User:
    """Set a new password with a link: every session and authorization ends, and whoever reads the letter has the address.

    It signs nobody in: the second factor is asked for as always. Raises Invalid, TooMany, and NotFound when the link no longer
    works. Whoever sits in the account and tries passwords there keeps nobody from it.
    """
    user = users.get(tenant, get(tenant, secret).user_id or "")
    guesses.take_sign_up()
    password_hash = password_changes.hashed(user, password)
    with transaction():
        row = locks.person(user)
        if not recovery.spend(tenant, secret):
            raise NotFound(OVER)
        row = password_changes.put(ownership.prove(row), password_hash, by=Actor.of(row))
        audit.record("user.recovered", actor=Actor.of(row), subject=row)
    return row
