"""E-mail codes: six characters by letter, and a link where wanted: five guesses, ten minutes, once, for one purpose.

Every code that proves that somebody reads an address is begun here and passes the one gate here.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update

from shared.kit import clock, ids, seal
from shared.kit.db import db, lock, transaction
from shared.kit.errors import Invalid, TooMany
from shared.kit.words import said
from shared.models.tenant import Tenant
from shared.models.user import FOLDED, User, fold, same_address
from shared.models.verification import EmailCode
from shared.services import askers, locks
from shared.services.askers import Asker

Bought = TypeVar("Bought")

# To verify the address of an account, make one, sign in, prove a second factor, and move to another address.
VERIFY, SIGN_UP, SIGN_IN, SECOND_FACTOR, CHANGE = "verify", "sign_up", "sign_in", "second_factor", "change"
# No 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V; no vowels but A and E, so that few words come out.
ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"
LENGTH = 6
LIVES = timedelta(minutes=10)
MINUTES = int(LIVES.total_seconds()) // 60
MOST_GUESSES = 5
SEALED = "e-mail code details"
OVER = said("This code no longer works. Ask for a new one.")
SEVERAL = said("We have sent several e-mails already. Please look for them, or wait a few minutes.")
WRONG = said("That is not the code in the e-mail. Please look again.")


@dataclass(frozen=True)
class Begun:
    """A code that is to be sent: what stands in the letter, and the secret of the link beside it, where one was wanted.

    Where it is not `real`, its letter goes to nobody; where it is not `new`, none is to be sent, and the last code goes on.
    """

    code: str
    link: str
    real: bool
    new: bool = True


def begin(
    tenant: Tenant,
    purpose: str,
    *,
    email: str,
    user: User | None = None,
    browser: str | None = None,
    details: dict[str, Any] | None = None,
    link: bool = False,
    real: bool = True,
    silent: bool = False,
    goes_on: bool = False,
    familiar: str = "",
) -> Begun:
    """Begin a code for whoever reads `email`, which ends the one before; its letter is posted in the same transaction.

    With `browser` only that browser can use it, and only its own code before ends: a stranger who types the address ends
    nobody's. `details` come back when the code is right. Where it is not `real`, the same is written and nothing ever fits.
    When this asker (askers; `familiar` is what the browser keeps) has had too many letters sent, it raises TooMany; but where it
    `goes_on`, the last code that this browser has for the address does, for these `details`; and where it is `silent`, that, or
    else a code is made that is not real.
    """
    folded, row_id = fold(email)[:FOLDED], ids.uuid7()
    asker = askers.here(tenant, folded, familiar=familiar)
    kept = None if details is None else seal.seal(orjson.dumps(details).decode(), SEALED)
    with transaction() as session:
        lock("e-mail code", tenant.id, purpose, folded)
        wait = _wait(tenant, purpose, folded, user, asker)
        begun = Begun(ids.pick(ALPHABET, LENGTH), ids.token(), real and not wait)
        if wait and (silent or goes_on) and _go_on(tenant, purpose, browser, folded, kept, email if goes_on else None):
            return replace(begun, new=False)
        if wait and not silent:
            raise TooMany(SEVERAL, retry_after=wait)
        session.add(
            EmailCode(
                id=row_id,
                tenant_id=tenant.id,
                purpose=purpose,
                user_id=user.id if user else None,
                email=email,
                email_folded=folded,
                fingerprint=_fingerprint(row_id, begun.code) if begun.real else ids.random_bytes(32),
                link_fingerprint=_link(begun.link if begun.real else ids.token()) if link else None,
                browser_fingerprint=ids.fingerprint(browser) if browser else None,
                details=kept,
                # What was not sent counts for nobody: or else whoever asks on and on keeps everybody waiting.
                asker=None if wait else asker.name,
                expires_at=clock.now() + LIVES,
            )
        )
        # The person's row before those of older codes, as whatever ends them all locks them (locks).
        session.flush()
        _end(and_(*_place(tenant, purpose, user, browser, folded), EmailCode.id != row_id))
    return begun


def latest(tenant: Tenant, purpose: str, *, user: User | None = None, browser: str | None = None) -> EmailCode | None:
    """The last code for this purpose that `user`, or else `browser`, asked for, whatever became of it; None without one."""
    query = select(EmailCode).where(*_place(tenant, purpose, user, browser)).order_by(EmailCode.id.desc()).limit(1)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def find_by_link(tenant: Tenant, purpose: str, secret: str) -> EmailCode | None:
    """The code beside which this link stood in a letter, if it still works, or None."""
    query = select(EmailCode).where(
        EmailCode.tenant_id == tenant.id, EmailCode.purpose == purpose, EmailCode.link_fingerprint == _link(secret), *_alive()
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def details_of(row: EmailCode) -> dict[str, Any] | None:
    """What was kept with the code until it is right; None once it was."""
    return None if row.details is None else orjson.loads(seal.unseal(row.details, SEALED))


def is_of(row: EmailCode, browser: str) -> bool:
    """Whether this browser asked for the code."""
    return row.browser_fingerprint is not None and ids.same(row.browser_fingerprint, ids.fingerprint(browser))


def take(row: EmailCode | None, code: str, *, buy: Callable[[EmailCode], Bought]) -> Bought:
    """Guess at the code of `row`. If it is right it is spent, in one transaction with `buy`, which writes what it buys.

    Raises Invalid when it is wrong, old, used up or of an address that is no longer the person's.
    """
    fits = None
    with transaction():
        _lock_person(row)
        fits = _guess(row, _fingerprint(row.id, normal(code))) if row else None
        if row and fits:
            bought = buy(row)
    # A wrong guess is counted durably before it is answered.
    if fits is None:
        raise Invalid(OVER, field="code")
    if not fits:
        raise Invalid(WRONG, field="code")
    return bought


def take_link(row: EmailCode | None, secret: str, *, buy: Callable[[EmailCode], Bought]) -> Bought:
    """Spend the link that stood beside the code of `row`, and the code with it. Raises Invalid like `take`."""
    with transaction():
        _lock_person(row)
        fits = row is not None and _spend_link(row, _link(secret))
        if row and fits:
            bought = buy(row)
    if not fits:
        raise Invalid(OVER, field="code")
    return bought


def end(user: User, *purposes: str) -> None:
    """End every code of a person, or those for `purposes`, because what they prove has changed; call it inside a transaction."""
    _end(and_(EmailCode.user_id == user.id, *([EmailCode.purpose.in_(purposes)] if purposes else [])))


def normal(code: str) -> str:
    """`code` as we wrote it, however it was typed: spaces, hyphens and letter case do not count."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isalnum())[:32]


def purge() -> int:
    """Delete codes that no longer work; how many."""
    with transaction() as session:
        return len(
            session.execute(
                delete(EmailCode).where(EmailCode.expires_at < clock.now() - askers.PER).returning(EmailCode.id)
            ).all()
        )


def _lock_person(row: EmailCode | None) -> None:
    # Before the code, as whatever ends all of them does. Of nobody the same is asked: that there is no account takes as long.
    if row is not None:
        locks.find(row.user_id or row.id)


def _guess(row: EmailCode, fingerprint: bytes) -> bool | None:
    # THE gate: one statement counts the guess and spends the code if it fits: of many at once five are looked at, one is right.
    fits = EmailCode.fingerprint == fingerprint
    ended = db.session.execute(
        update(EmailCode)
        .where(EmailCode.id == row.id, *_alive())
        .values(
            guesses=EmailCode.guesses + 1,
            ended_at=case((fits, clock.now()), else_=None),
            details=case((fits, None), else_=EmailCode.details),
        )
        .returning(EmailCode.ended_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if ended is None else ended[0] is not None


def _spend_link(row: EmailCode, fingerprint: bytes) -> bool:
    spent = db.session.execute(
        update(EmailCode)
        .where(EmailCode.id == row.id, EmailCode.link_fingerprint == fingerprint, *_alive())
        .values(ended_at=clock.now(), details=None)
        .returning(EmailCode.id)
        .execution_options(synchronize_session=False)
    )
    return spent.one_or_none() is not None


def _alive() -> list[ColumnElement[bool]]:
    # A code proves the address that it was sent to, and no other that the person has had since.
    theirs = select(User.email).where(User.id == EmailCode.user_id).correlate(EmailCode).scalar_subquery()
    return [
        EmailCode.ended_at.is_(None),
        EmailCode.expires_at > clock.now(),
        EmailCode.guesses < MOST_GUESSES,
        or_(EmailCode.user_id.is_(None), EmailCode.purpose == CHANGE, EmailCode.email == theirs),
    ]


def _place(
    tenant: Tenant, purpose: str, user: User | None, browser: str | None, folded: str | None = None
) -> list[ColumnElement[bool]]:
    whose = [EmailCode.tenant_id == tenant.id, EmailCode.purpose == purpose]
    if browser:
        return [*whose, EmailCode.browser_fingerprint == ids.fingerprint(browser)]
    return [*whose, EmailCode.user_id == user.id if user else EmailCode.email_folded == folded]


def _go_on(tenant: Tenant, purpose: str, browser: str | None, folded: str, kept: str | None, email: str | None) -> bool:
    """Whether the last code of this browser still works for this address, from now on for what is `kept`.

    With `email` for this very one: a code proves nothing of a twin of the address that it was sent to.
    """
    last = latest(tenant, purpose, browser=browser) if browser else None
    if last is None or last.email_folded != folded or (email and not same_address(last.email, email)):
        return False
    this = update(EmailCode).where(EmailCode.id == last.id, *_alive()).values(details=kept)
    spared = db.session.execute(this.returning(EmailCode.id).execution_options(synchronize_session=False))
    return spared.one_or_none() is not None


def _wait(tenant: Tenant, purpose: str, folded: str, user: User | None, asker: Asker) -> int:
    """Seconds until another letter may leave."""
    whose = EmailCode.email_folded == folded
    if user:
        whose = or_(whose, EmailCode.user_id == user.id)
    return askers.wait(EmailCode, asker, EmailCode.tenant_id == tenant.id, EmailCode.purpose == purpose, whose)


def _end(whose: ColumnElement[bool]) -> None:
    db.session.execute(
        update(EmailCode)
        .where(whose, EmailCode.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _fingerprint(row_id: UUID, code: str) -> bytes:
    # Keyed, because so few codes exist that a stolen table could be tried through.
    return hmac.new(seal.derive("e-mail code"), f"{row_id}:{code}".encode(), hashlib.sha256).digest()


def _link(secret: str) -> bytes:
    return ids.fingerprint(secret)
