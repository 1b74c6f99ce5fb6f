"""Factors: the pure decision whether one proof of who a person is is enough, and what a second one may be (RFC 8176)."""

from collections.abc import Callable, Iterable

from shared.kit import mail
from shared.kit.errors import Denied
from shared.kit.words import said
from shared.models.tenant import EMAIL, PASSKEY, TOTP, Tenant
from shared.models.user import OPERATOR, User

# In `amr`: two proofs of different kinds were given.
MFA = "mfa"
BY_PASSWORD, BY_CODE, BY_PROVIDER = ("pwd",), ("otp",), ("fed",)
# A code on paper that stands for a lost factor; nobody is offered it as a factor of its own.
RECOVERY = "recovery"
# What may be a second factor, the one that cannot be phished first.
SECOND = (PASSKEY, TOTP, EMAIL)
# What a person adds themselves.
ADDED = (PASSKEY, TOTP)

PROVE_FIRST = said("First show that your e-mail address is yours. Then nobody else can keep you out of your account.")

RULES: dict[str, Callable[[User], bool]] = {
    "never": lambda user: False,
    "enrolled": lambda user: bool(user.second_factors),
    "operators": lambda user: bool(user.second_factors) or user.has(OPERATOR),
    "always": lambda user: True,
}


def demanded(tenant: Tenant, user: User, amr: Iterable[str]) -> bool:
    """Whether a session with these proofs (`amr`) is only half of what `tenant` demands of `user`."""
    return MFA not in amr and RULES[tenant.second_factor](user)


def awaits_proof(user: User) -> bool:
    """Whether `user` verifies their address before they add a factor: a stranger's would keep the owner of the address out.

    Where no letter can leave nobody can verify anything, and nobody is kept from it.
    """
    return mail.leaves() and not user.email_verified


def check_proof(user: User) -> None:
    """Raise Denied unless `user` may add a factor."""
    if awaits_proof(user):
        raise Denied(PROVE_FIRST)


def offered(tenant: Tenant) -> list[str]:
    """The kinds of second factor that `tenant` has at all."""
    return [kind for kind in SECOND if kind in tenant.factors]


def addable(tenant: Tenant) -> list[str]:
    """The kinds that a person of `tenant` may add to their account."""
    return [kind for kind in ADDED if kind in tenant.factors]


def usable(tenant: Tenant, user: User, amr: Iterable[str]) -> list[str]:
    """The kinds of second factor that can be asked of `user` now, in a session with these proofs.

    What somebody added goes on to serve where the tenant no longer offers it: a change of settings weakens no account. A
    letter is a second factor only for whoever has no better one, or else a mailbox alone, by a new password and a code, would
    open every account; nor does it follow on a sign-in by letter, or on nothing.
    """
    if own := [kind for kind in ADDED if kind in user.second_factors]:
        return own
    return [EMAIL] if user.email_verified and letter_serves(tenant, user, amr) else []


def letter_serves(tenant: Tenant, user: User, amr: Iterable[str]) -> bool:
    """Whether a letter to a verified address would be a second factor of `user`, who has no other, on the proofs `amr`."""
    another = set(amr) - set(BY_CODE)
    return EMAIL in tenant.factors and not set(ADDED) & set(user.second_factors) and bool(another) and MFA not in another


def first(user: User, *, by_letter: bool) -> tuple[str, ...]:
    """The proofs of somebody who has just made an account: the password that they chose, or the letter that they read."""
    return BY_PASSWORD if user.password_hash else BY_CODE if by_letter else ()


def combined(amr: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """The proofs of a session to which a second factor with the proofs `more` was added."""
    return tuple(dict.fromkeys((*amr, *more, MFA)))
