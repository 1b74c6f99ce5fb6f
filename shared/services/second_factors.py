"""Second factors: somebody who has given one proof of who they are gives another."""

from collections.abc import Callable

from shared.kit.db import transaction
from shared.kit.errors import Invalid, NotFound
from shared.kit.words import said
from shared.models.tenant import TOTP, Tenant
from shared.models.user import User
from shared.services import authenticator_apps, factors, guesses, recovery_codes, sign_ins

WRONG = said("This code is not right, or was used before. Please look again.")
SPENDING: dict[str, Callable[[User, str], bool]] = {
    TOTP: authenticator_apps.spend,
    factors.RECOVERY: recovery_codes.spend,
}


def prove(tenant: Tenant, user: User, kind: str, code: str, *, amr: tuple[str, ...], familiar: str = "") -> tuple[str, ...]:
    """Take `code` as the second proof of who `user` is, in a session with the proofs `amr`: what it adds to them.

    `familiar` is what their browser keeps of earlier sign-ins. Raises Invalid when it is wrong, TooMany, and NotFound for a kind
    that is not to be asked of them.
    """
    check_usable(tenant, user, kind, amr=amr)
    guess = guesses.of(tenant, user.email_folded, familiar=familiar)
    guesses.take(guess)
    with transaction() as session:
        right = SPENDING[kind](user, code)
        if right:
            sign_ins.succeeded(session.get_one(User, user.id), sign_ins.SECOND, factor=kind)
    if not right:
        sign_ins.failed(tenant, user.email_folded, factor=kind)
        raise Invalid(WRONG, field="code")
    guesses.forgive(guess)
    return factors.BY_CODE


def check_usable(tenant: Tenant, user: User, kind: str, *, amr: tuple[str, ...]) -> None:
    """Raise NotFound unless `kind` may be asked of `user` now: a weaker one cannot be chosen by writing its name."""
    paper = [factors.RECOVERY] if user.second_factors else []
    if kind not in (*factors.usable(tenant, user, amr), *paper):
        raise NotFound(said("There is nothing at this address."))
