"""Passwords: what one may be (NIST SP 800-63B §3.1.1.2): long, and on no list of common ones nor made from them."""

from zxcvbn import zxcvbn

from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.user import fold

LEAST, MOST = 12, 1024
# What is read of a long password: the rest can only make it better, and the estimate's cost grows with the square of the length.
READ = 24
# Each of these may stand for a letter, and every combination is tried: without them, seconds become milliseconds.
RARE = str.maketrans("({[<|+%", "~^;:_,=")
# As a power of ten: as many guesses as a hundred a second reach in a month.
LEAST_GUESSES = 8


def check(password: str, *about: str) -> None:
    """Raise Invalid unless `password` is long enough and neither common nor what is known of its owner (`about`)."""
    if len(password) < LEAST:
        raise Invalid(
            said("Use at least %(least)s characters. A few words in a row are easy to remember.", least=LEAST), field="password"
        )
    if len(password) > MOST or "\0" in password:
        raise Invalid(said("Use at most %(most)s characters.", most=MOST), field="password")
    known = [part for word in map(fold, about) for part in (word, *word.split("@"))]
    estimate = zxcvbn(fold(password).translate(RARE)[:READ], user_inputs=known)
    if estimate["guesses_log10"] < LEAST_GUESSES:
        words = said("Too easy to guess: it is made of common passwords, or says who you are. Choose another.")
        raise Invalid(words, field="password")
