"""Signing in by letter: a code, or a link that the same browser opens. The same is done whether or not there is an account."""

from collections.abc import Mapping

from shared.kit import clock, languages
from shared.kit.db import db, transaction
from shared.kit.errors import Denied, Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import EMAIL, PASSKEY, PASSWORD, Tenant
from shared.models.user import User, fold
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, factors, guesses, letters, ownership, sign_ins, tenants, users
from shared.services.email_codes import SIGN_IN


def ask(
    tenant: Tenant,
    email: str,
    *,
    browser: str,
    way: Mapping[str, str],
    person: User | None = None,
    familiar: str = "",
    **carried: str,
) -> None:
    """Send a code, and a link, to whoever has an account with this address; `carried` is what the link takes along.

    `way` is kept with them: where this browser was going, for when it opens the link. A fourth letter in ten minutes for one
    asker (`familiar` is what their browser keeps of earlier sign-ins) is not sent, and nobody is told. Raises Denied where the
    tenant does not offer this, Invalid for what is no address, and TooMany where one network asks for very many. `person` is who
    is signed in here, in all of these.
    """
    check_offered(tenant, person, email)
    guesses.take_sign_up()
    _send(tenant, users.checked_email(email), browser=browser, way=way, familiar=familiar, carried=carried)


def again(
    tenant: Tenant, *, browser: str, way: Mapping[str, str], person: User | None = None, familiar: str = "", **carried: str
) -> None:
    """Send another e-mail to the address that was typed at this browser. Raises Invalid, and what `ask` raises."""
    row = waiting(tenant, browser)
    if row is None:
        raise Invalid(email_codes.OVER)
    ask(tenant, row.email, browser=browser, way=way, person=person, familiar=familiar, **carried)


def waiting(tenant: Tenant, browser: str) -> EmailCode | None:
    """The last code that this browser asked for, whatever became of it, or None."""
    return email_codes.latest(tenant, SIGN_IN, browser=browser)


def by_code(tenant: Tenant, code: str, *, browser: str, person: User | None = None, familiar: str = "") -> User:
    """Whoever the code was sent to; `familiar` is what their browser keeps of earlier sign-ins.

    Raises Invalid, in the same words where there is no account, and TooMany: guesses count for the account, like all others.
    """
    row = waiting(tenant, browser)
    check_offered(tenant, person, row.email if row else "")
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


def by_link(tenant: Tenant, secret: str, *, browser: str, person: User | None = None) -> User:
    """Whoever the link was sent to, in the browser that asked for it. Raises Invalid."""
    row = find_link(tenant, secret)
    check_offered(tenant, person, row.email if row else "")
    mine = row if row and email_codes.is_of(row, browser) else None
    return email_codes.take_link(mine, secret, buy=lambda proof: _signed_in(tenant, proof))


def check_offered(tenant: Tenant, person: User | None = None, email: str = "") -> None:
    """Raise Denied unless people of this tenant may sign in so, or `person` may by a letter to this address of theirs."""
    theirs = person is not None and (not email or fold(email) == person.email_folded)
    if not serves(tenant, person if theirs else None):
        raise Denied(said("Signing in by e-mail is not offered here."))


def serves(tenant: Tenant, person: User | None) -> bool:
    """Whether a letter serves at this tenant, or serves `person`, who is signed in here, to show that it is still them.

    Where the tenant offers no letters it serves whoever has nothing else: those who came by a provider that cannot show it. They
    could do nothing any more that asks for a fresh login.
    """
    if EMAIL in tenant.factors or person is None:
        return EMAIL in tenant.factors
    own = {PASSWORD} if person.password_hash else set[str]()
    return person.email_verified and not (own | set(person.second_factors)) & {PASSWORD, PASSKEY} & set(tenant.factors)


def _send(tenant: Tenant, email: str, *, browser: str, way: Mapping[str, str], familiar: str, carried: dict[str, str]) -> None:
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
            familiar=familiar,
        )
        post = letters.post if begun.real else letters.nobody
        speaks = user.reads if user else None
        link = tenants.address(tenant, "/login/link", token=begun.link, **carried)
        to, proved = (user.email, user.email_verified) if user else (email, False)
        language, code, minutes = speaks or languages.current(), begun.code, email_codes.MINUTES
        post("sign_in_code", tenant, to=to, proved=proved, language=language, code=code, minutes=minutes, link=link)
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
