"""Second factors: somebody who has given one proof of who they are gives another, by a code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.kit import clock, languages
from shared.kit.db import transaction
from shared.kit.errors import Invalid, NotFound
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import EMAIL, TOTP, Tenant
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import (
    audit,
    authenticator_apps,
    email_codes,
    factors,
    guesses,
    letters,
    locks,
    notices,
    recovery_codes,
    sign_ins,
    verification,
)
from shared.services.email_codes import MINUTES, SECOND_FACTOR

WRONG = said("This code is not right, or was used before. Please look again.")
SPENDING: dict[str, Callable[[User, str], bool]] = {
    TOTP: authenticator_apps.spend,
    factors.RECOVERY: recovery_codes.spend,
}


def prove(
    tenant: Tenant, user: User, kind: str, code: str, *, amr: tuple[str, ...], sid: str, familiar: str = "", device: str = ""
) -> tuple[str, ...]:
    """Take `code` as the second proof of who `user` is, in the session `sid` with the proofs `amr`: what it adds to them.

    `familiar` is what their browser keeps of earlier sign-ins, `device` what a letter calls it. Raises Invalid when it is wrong,
    TooMany, and NotFound for a kind that is not to be asked of them.
    """
    check_usable(tenant, user, kind, amr=amr)
    with _counted(tenant, user, kind, familiar):
        _by_letter(tenant, user, code, sid) if kind == EMAIL else _spend(user, kind, code, device)
    return factors.BY_CODE


def prove_address(
    tenant: Tenant, user: User, code: str, *, amr: tuple[str, ...], sid: str, familiar: str = ""
) -> tuple[str, ...]:
    """Take `code` as proof that `user` reads their letters; what it adds to the session `sid`, which has the proofs `amr`.

    Where a letter may be a second factor, one that was asked for in this very session was it: nobody is sent two in a row, and
    whoever is told a code that was sent for another session gets nowhere with it. Raises Invalid, TooMany.
    """
    if not factors.letter_serves(tenant, user, amr) or not verification.was_asked_in(user, sid):
        verification.confirm(user, code)
        return ()
    with _counted(tenant, user, EMAIL, familiar):
        verification.confirm(user, code)
        _note(user)
    return factors.BY_CODE


def check_usable(tenant: Tenant, user: User, kind: str, *, amr: tuple[str, ...]) -> None:
    """Raise NotFound unless `kind` may be asked of `user` now: a weaker one cannot be chosen by writing its name."""
    paper = [factors.RECOVERY] if user.second_factors else []
    if kind not in (*factors.usable(tenant, user, amr), *paper):
        raise NotFound(said("There is nothing at this address."))


def send_code(tenant: Tenant, user: User, *, amr: tuple[str, ...], sid: str, familiar: str = "") -> None:
    """Write to `user` with a code that serves in the session `sid` alone, and ends the one before.

    Raises TooMany after three letters for one asker, and NotFound like `prove`.
    """
    check_usable(tenant, user, EMAIL, amr=amr)
    with transaction():
        code = email_codes.begin(tenant, SECOND_FACTOR, email=user.email, user=user, browser=sid, familiar=familiar).code
        language = user.reads or languages.current()
        to, proved = user.email, user.email_verified
        letters.post("second_factor_code", tenant, to=to, proved=proved, language=language, code=code, minutes=MINUTES)
        audit.record("user.second_factor_code_sent", actor=Actor.of(user), subject=user)


def is_sent(tenant: Tenant, user: User, *, sid: str) -> bool:
    """Whether a letter is on its way whose code still works in this session."""
    row = _sent(tenant, user, sid)
    return row is not None and row.ended_at is None and row.expires_at > clock.now()


@contextmanager
def _counted(tenant: Tenant, user: User, kind: str, familiar: str) -> Iterator[None]:
    """A guess at a second factor is made inside: it is counted before, and forgiven when it was right."""
    guess = guesses.of(tenant, user.email_folded, familiar=familiar)
    guesses.take_second(user)
    guesses.take(guess)
    try:
        yield
    except Invalid:
        sign_ins.failed(tenant, user.email_folded, factor=kind)
        raise
    guesses.forgive(guess)
    guesses.forgive_second(user)


def _spend(user: User, kind: str, code: str, device: str) -> None:
    with transaction():
        # The person before what hangs on them, as whatever takes it away does.
        row = locks.person(user)
        if not SPENDING[kind](row, code):
            raise Invalid(WRONG, field="code")
        sign_ins.succeeded(row, sign_ins.SECOND, factor=kind)
        if kind == factors.RECOVERY:
            notices.post("recovery_code_used", row, left=recovery_codes.left(row), device=device)


def _by_letter(tenant: Tenant, user: User, code: str, sid: str) -> None:
    email_codes.take(_sent(tenant, user, sid), code, buy=lambda row: _note(user))


def _sent(tenant: Tenant, user: User, sid: str) -> EmailCode | None:
    # Of this session: whoever knows the password and is told a code gets nowhere with one that was sent for another.
    row = email_codes.latest(tenant, SECOND_FACTOR, browser=sid)
    return row if row and row.user_id == user.id else None


def _note(user: User) -> None:
    with transaction() as session:
        sign_ins.succeeded(session.get_one(User, user.id), sign_ins.SECOND, factor=EMAIL)
