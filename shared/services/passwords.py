"""Passwords: what one may be (NIST SP 800-63B §3.1.1.2)."""

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from shared.kit.errors import Invalid
from shared.models.user import fold

LEAST, MOST = 12, 1024
_COMMON = frozenset(FREQUENCY_LISTS["passwords"])


def check(password: str, *about: str) -> None:
    """Raise Invalid unless `password` is long enough and is neither common nor what is known of its owner."""
    if len(password) < LEAST:
        raise Invalid(f"Use at least {LEAST} characters. A few words in a row are easy to remember.", field="password")
    if len(password) > MOST or "\0" in password:
        raise Invalid(f"Use at most {MOST} characters.", field="password")
    folded = fold(password)
    if folded in _COMMON or folded in {fold(word) for word in about if word} or len(set(folded)) < 4:
        raise Invalid(
            "Too easy to guess: it is on every list of common passwords, or says who you are. Choose another.", field="password"
        )
