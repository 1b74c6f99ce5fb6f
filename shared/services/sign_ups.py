"""Signing up: at once, or where an account opens only after its code; then the same is done whether or not there is one."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from shared.kit import clock, email_addresses, ids, languages
from shared.kit.db import lock, transaction
from shared.kit.errors import Conflict, Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import PASSWORD, Tenant
from shared.models.user import User
from shared.models.user_field import SIGN_UP as BY_SIGN_UP
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, email_undos, guesses, letters, tenants, user_fields, users
from shared.services.email_codes import SIGN_UP

# What of an account waits, sealed, for its code.
KEPT = ("email", "email_folded", "name", "name_folded", "password_hash", "claims", "fields")
# And the fields that it was asked for, by slug.
ASKED = "asked"
OVER = said("This sign-up is over. Start again.")
EXISTS = said("There is an account with this address already. Sign in with it.")


def open_at_once(tenant: Tenant, **typed: Any) -> User:
    """Make an account for whoever asks, whose address is still to be verified. Raises Invalid, TooMany, and Conflict when the
    address cannot be used.
    """
    return open_account(draft(tenant, **typed))


def draft(
    tenant: Tenant,
    *,
    email: str,
    password: str | None = None,
    name: str = "",
    fields: Mapping[str, Any] | None = None,
    invited: bool = False,
) -> User:
    """The account that somebody asks for, checked, and written nowhere. `fields` are what they typed into the tenant's, by slug.

    Whoever was `invited` may have it where others may not; whoever signs in another way has no password, and nobody has one
    where the tenant's people sign in without. Raises Invalid, and TooMany.
    """
    guesses.take_sign_up()
    if not invited and not tenant.takes_sign_ups:
        raise Invalid(said("New accounts are not open here."))
    check = None if invited else partial(_check_domain, tenant)
    chosen = password if PASSWORD in tenant.factors else None
    return users.drafted(tenant, email=email, name=name, password=chosen, fields=fields or {}, where=BY_SIGN_UP, check=check)


def open_account(user: User, *, verified: bool = False) -> User:
    """Make the account that was drafted; the address is `verified` when the person has shown that they read its letters.

    Raises Conflict.
    """
    if not verified and email_undos.holds(tenants.get(user.tenant_id), user.email_folded):
        # Or whoever takes an account away from somebody then takes the address that they would go back to.
        raise Conflict(users.NO_ACCOUNT, field="email")
    user.last_login_at, user.language = clock.now(), languages.own()
    user.email_verified_at = clock.now() if verified else None
    return users.add(user, "user.signed_up", by=Actor.of(user))


def begin(tenant: Tenant, *, browser: str, **typed: Any) -> None:
    """Check what somebody typed to make an account, and send the code that opens it, or tell whoever has the account.

    After three letters the last one goes on, for what was typed now, in a browser that has one; else it raises TooMany, and it
    raises Invalid: in the same words and time whether or not the account exists.
    """
    drafted = draft(tenant, **typed)
    details = {name: value for name in KEPT if (value := getattr(drafted, name)) is not None}
    _send(tenant, {**details, ASKED: _fields_of(tenant)}, browser=browser, goes_on=True)


def again(tenant: Tenant, *, browser: str) -> None:
    """Send another code for the account that waits at this browser. Raises Invalid and TooMany."""
    _, details = _waiting(tenant, browser)
    _send(tenant, details, browser=browser)


def waiting(tenant: Tenant, browser: str) -> EmailCode | None:
    """The code of the account that waits at this browser, whatever became of it, or None."""
    row = email_codes.latest(tenant, SIGN_UP, browser=browser)
    return row if row and row.details else None


def confirm(tenant: Tenant, code: str, *, browser: str) -> User:
    """Open the account that waits at this browser. Raises Invalid, and Conflict where one was made meanwhile."""
    row, details = _waiting(tenant, browser)

    def open_it(proof: EmailCode) -> User:
        # Of two browsers at once with the same address one makes the account.
        lock("account", tenant.id, proof.email_folded)
        if users.find_by_email(tenant, proof.email):
            raise Conflict(EXISTS)
        # What was proved is the address of the code.
        proved = {"email": proof.email, "email_folded": proof.email_folded}
        return open_account(User(id=ids.uuid7(), tenant_id=tenant.id, **_as_asked_now(tenant, details) | proved), verified=True)

    return email_codes.take(row, code, buy=open_it)


def _fields_of(tenant: Tenant) -> dict[str, str]:
    return {field.slug: str(field.id) for field in user_fields.listed(tenant)}


def _as_asked_now(tenant: Tenant, details: dict[str, Any]) -> dict[str, Any]:
    """What waited, without what was typed into fields that are gone: another of the same name may be of another kind."""
    now, then = _fields_of(tenant), details.get(ASKED, {})
    fields = {slug: value for slug, value in details["fields"].items() if slug in now and now[slug] == then.get(slug)}
    return {**{name: details[name] for name in KEPT if name in details}, "fields": fields}


def _check_domain(tenant: Tenant, email: str) -> None:
    if not tenant.takes_domain(email_addresses.read(email).ascii_domain.lower()):
        words = said("New accounts here are for addresses of certain organizations. Use the one that you have there.")
        raise Invalid(words, field="email")


def _waiting(tenant: Tenant, browser: str) -> tuple[EmailCode, dict[str, Any]]:
    row = waiting(tenant, browser)
    details = email_codes.details_of(row) if row else None
    if row is None or details is None:
        raise Invalid(OVER)
    return row, details


def _send(tenant: Tenant, details: dict[str, Any], *, browser: str, goes_on: bool = False) -> None:
    email = details["email"]
    with transaction():
        owner, language = users.find_by_email(tenant, email), languages.current()
        begun = email_codes.begin(
            tenant, SIGN_UP, email=email, browser=browser, details=details, real=owner is None, goes_on=goes_on
        )
        if not begun.new:
            return
        if owner is None:
            letters.post("sign_up_code", tenant, to=email, language=language, code=begun.code, minutes=email_codes.MINUTES)
        else:
            # To the address of the account: what was typed may be its twin, and somebody else's mailbox.
            speaks = owner.reads or language
            letters.post("sign_up_exists", tenant, to=owner.email, proved=owner.email_verified, language=speaks)
        audit.record("user.sign_up_code_sent", actor=Actor("visitor", "", email), subject="user", tenant=tenant)
