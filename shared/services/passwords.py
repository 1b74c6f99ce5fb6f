"""Passwords: what one may be (NIST SP 800-63B §3.1.1.2): long, and on no list of common ones nor made from them."""

from zxcvbn import zxcvbn

from shared.kit.errors import Invalid
from shared.models.user import fold

LEAST, MOST = 12, 1024
# What is read of a long password: the rest can only make it better, and the estimate's cost grows with the length.
READ = 72
# As a power of ten: as many guesses as a hundred a second reach in a month.
LEAST_GUESSES = 8


def check(password: str, *about: str) -> None:
    """Raise Invalid unless `password` is long enough and neither common nor what is known of its owner (`about`)."""
    if len(password) < LEAST:
        raise Invalid(f"Use at least {LEAST} characters. A few words in a row are easy to remember.", field="password")
    if len(password) > MOST or "\0" in password:
        raise Invalid(f"Use at most {MOST} characters.", field="password")
    known = [fold(word) for word in about if word]
    estimate = zxcvbn(fold(password)[:READ], user_inputs=[part for word in known for part in (word, *word.split("@"))])
    if estimate["guesses_log10"] < LEAST_GUESSES:
        raise Invalid("Too easy to guess: it is made of common passwords, or says who you are. Choose another.", field="password")
