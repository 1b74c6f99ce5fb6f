"""Signing in by letter: a code, or a link that the same browser opens. The same is done whether or not there is an account."""

from collections.abc import Mapping

from shared.kit import clock, languages, origin
from shared.kit.db import db, transaction
from shared.kit.errors import Denied, Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import EMAIL, Tenant
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, factors, guesses, letters, ownership, sign_ins, tenants, users
from shared.services.email_codes import SIGN_IN


def ask(tenant: Tenant, email: str, *, browser: str, way: Mapping[str, str], **carried: str) -> None:
    """Send a code, and a link, to whoever has an account with this address; `carried` is what the link takes along.

    `way` is kept with them: where this browser was going, for when it opens the link.

    A fourth letter in ten minutes is not sent, and nobody is told. Raises Denied where the tenant does not offer this, Invalid
    for what is no address, and TooMany where one network asks for very many.
    """
    check_offered(tenant)
    guesses.take_sign_up(origin.current().address or "unknown")
    _send(tenant, users.checked_email(email), browser=browser, way=way, carried=carried)


def again(tenant: Tenant, *, browser: str, way: Mapping[str, str], **carried: str) -> None:
    """Send another letter to the address that was typed at this browser. Raises Invalid, and what `ask` raises."""
    row = waiting(tenant, browser)
    if row is None:
        raise Invalid(email_codes.OVER)
    ask(tenant, row.email, browser=browser, way=way, **carried)


def waiting(tenant: Tenant, browser: str) -> EmailCode | None:
    """The last code that this browser asked for, whatever became of it, or None."""
    return email_codes.latest(tenant, SIGN_IN, browser=browser)


def by_code(tenant: Tenant, code: str, *, browser: str, familiar: str = "") -> User:
    """Whoever the code was sent to; `familiar` is what their browser keeps of earlier sign-ins.

    Raises Invalid, in the same words where there is no account, and TooMany: guesses count for the account, like all others.
    """
    check_offered(tenant)
    row = waiting(tenant, browser)
    if row is None:
        raise Invalid(email_codes.OVER, field="code")
    guess = guesses.of(tenant, row.email_folded, familiar=familiar)
    count = guesses.take(guess)
    try:
        user = email_codes.take(row, code, buy=lambda proof: _signed_in(tenant, proof))
    except Invalid:
        sign_ins.failed(tenant, row.email_folded, factor=EMAIL)
        raise
    if factors.demanded(tenant, user, factors.BY_CODE):
        guesses.take_back(guess, count)
    else:
        guesses.forgive(guess)
    return user


def find_link(tenant: Tenant, secret: str) -> EmailCode | None:
    """What the link with this secret stands beside, if it still works, or None; looking spends nothing."""
    return email_codes.find_by_link(tenant, SIGN_IN, secret)


def way_of(tenant: Tenant, secret: str, *, browser: str) -> dict[str, str]:
    """Where this browser was going when it asked for the link with this secret; nowhere for any other."""
    row = find_link(tenant, secret)
    return (email_codes.details_of(row) or {}) if row and email_codes.is_of(row, browser) else {}


def by_link(tenant: Tenant, secret: str, *, browser: str) -> User:
    """Whoever the link was sent to, in the browser that asked for it. Raises Invalid."""
    check_offered(tenant)
    row = find_link(tenant, secret)
    mine = row if row and email_codes.is_of(row, browser) else None
    return email_codes.take_link(mine, secret, buy=lambda proof: _signed_in(tenant, proof))


def check_offered(tenant: Tenant) -> None:
    """Raise Denied unless people of this tenant may sign in so."""
    if EMAIL not in tenant.factors:
        raise Denied(said("Signing in by e-mail is not offered here."))


def _send(tenant: Tenant, email: str, *, browser: str, way: Mapping[str, str], carried: dict[str, str]) -> None:
    with transaction():
        found = users.find_by_email(tenant, email)
        user = found if found and not found.disabled else None
        begun = email_codes.begin(
            tenant,
            SIGN_IN,
            email=user.email if user else email,
            user=user,
            browser=browser,
            details=dict(way),
            link=True,
            real=user is not None,
            silent=True,
        )
        post = letters.post if begun.real else letters.nobody
        speaks = user.claims.get("locale") if user else None
        link = tenants.address(tenant, "/login/link", token=begun.link, **carried)
        minutes, to = email_codes.MINUTES, user.email if user else email
        post("sign_in_code", tenant, to=to, language=speaks or languages.current(), code=begun.code, minutes=minutes, link=link)
        audit.record("user.sign_in_code_sent", actor=Actor("visitor", "", email), subject="user", tenant=tenant)


def _signed_in(tenant: Tenant, proof: EmailCode) -> User:
    user = db.session.get_one(User, proof.user_id, populate_existing=True)
    if user.disabled:
        raise Invalid(email_codes.OVER, field="code")
    known, row = user.email_verified, ownership.prove(user)
    half = factors.demanded(tenant, row, factors.BY_CODE)
    sign_ins.succeeded(row, sign_ins.FIRST if half else sign_ins.SIGNED_IN, factor=EMAIL)
    if not known:
        # Applications are told that the address is verified.
        row.updated_at = clock.now()
    return row
