"""E-mail verification: a six-character code by letter, five guesses, ten minutes, once."""

import hashlib
import hmac
import unicodedata
from datetime import timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from shared.kit import clock, ids, seal
from shared.kit.db import transaction
from shared.kit.errors import Conflict, Invalid, TooMany
from shared.models.audit import Actor
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import audit, letters, outbox, tenants

# No 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V; no vowels but A and E, so that few words come out.
ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"
LENGTH = 6
LIVES = timedelta(minutes=10)
MOST_GUESSES = 5
MOST_LETTERS = 3
PER = timedelta(minutes=10)


def send_code(user: User) -> None:
    """Send `user` a code, which ends the one before. Raises Conflict when verified already, TooMany after three letters."""
    code = ids.pick(ALPHABET, LENGTH)
    with transaction() as session:
        row = _lock(session, user)
        if row.email_verified:
            raise Conflict("Your e-mail address is verified already.")
        _check_letters(session, row)
        _end_codes(session, row)
        session.add(
            EmailCode(
                id=ids.uuid7(),
                tenant_id=row.tenant_id,
                purpose="verify",
                user_id=row.id,
                email=row.email,
                email_folded=row.email_folded,
                fingerprint=_fingerprint(row, code),
                expires_at=clock.now() + LIVES,
            )
        )
        letter = letters.email_code(row, tenants.get(row.tenant_id), code, minutes=int(LIVES.total_seconds()) // 60)
        outbox.put("mail", letter)
        audit.record("user.email_code_sent", actor=Actor.of(row), subject=row)


def confirm(user: User, code: str) -> None:
    """Take `code` as proof that `user` reads their letters. Raises Invalid when it is wrong, old or used up."""
    with transaction() as session:
        fits = _guess(session, user, _fingerprint(user, normal(code)))
        if fits:
            row = session.get_one(User, user.id)
            row.email_verified_at = clock.now()
            audit.record("user.email_verified", actor=Actor.of(row), subject=row)
    # A wrong guess is counted durably before it is answered.
    if fits is None:
        raise Invalid("This code no longer works. Ask for a new one.", field="code")
    if not fits:
        raise Invalid("That is not the code in the letter. Please look again.", field="code")


def normal(code: str) -> str:
    """`code` as we wrote it, however it was typed: spaces, hyphens and letter case do not count."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isalnum())[:32]


def purge() -> int:
    """Delete codes that no longer work; how many."""
    with transaction() as session:
        return len(
            session.execute(delete(EmailCode).where(EmailCode.expires_at < clock.now() - PER).returning(EmailCode.id)).all()
        )


def _guess(session: Session, user: User, fingerprint: bytes) -> bool | None:
    # THE gate: one statement counts the guess and spends the code if it fits: of many at once five are looked at, one is right.
    moment = clock.now()
    ended = session.execute(
        update(EmailCode)
        .where(
            EmailCode.user_id == user.id,
            EmailCode.email == select(User.email).where(User.id == user.id).scalar_subquery(),
            EmailCode.ended_at.is_(None),
            EmailCode.expires_at > moment,
            EmailCode.guesses < MOST_GUESSES,
        )
        .values(guesses=EmailCode.guesses + 1, ended_at=case((EmailCode.fingerprint == fingerprint, moment), else_=None))
        .returning(EmailCode.ended_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if ended is None else ended[0] is not None


def _lock(session: Session, user: User) -> User:
    # One at a time for each person, so that the letters are counted rightly; SQLite has one writer anyway.
    query = select(User).where(User.id == user.id).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def _check_letters(session: Session, user: User) -> None:
    since = clock.now() - PER
    sent = session.execute(
        select(func.count(), func.min(EmailCode.created_at)).where(EmailCode.user_id == user.id, EmailCode.created_at > since)
    ).one()
    if sent[0] >= MOST_LETTERS:
        wait = int((sent[1] + PER - clock.now()).total_seconds()) + 1
        raise TooMany(
            "We have sent several letters already. Please look for them, or wait a few minutes.", retry_after=max(1, wait)
        )


def _end_codes(session: Session, user: User) -> None:
    session.execute(
        update(EmailCode)
        .where(EmailCode.user_id == user.id, EmailCode.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _fingerprint(user: User, code: str) -> bytes:
    # Keyed, because so few codes exist that a stolen table could be tried through.
    return hmac.new(seal.derive("e-mail code"), f"{user.id}:{code}".encode(), hashlib.sha256).digest()
