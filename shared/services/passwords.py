"""Passwords: what one may be (NIST SP 800-63B §3.1.1.2): long, and on no list of common ones nor made from them."""

import unicodedata

from zxcvbn import zxcvbn

from shared.kit import hashes
from shared.kit.db import release
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.user import fold

MOST = 1024
# What is read of a long password: the rest can only make it better, and the estimate's cost grows with the square of the length.
READ = 24
# Each of these may stand for a letter, and every combination is tried: without the rare ones, and with one sign for each letter,
# seconds become milliseconds.
SIGNS = str.maketrans("({[<|+%@$!", "~^;:_,=451")
# As a power of ten: as many guesses as a hundred a second reach in a month.
LEAST_GUESSES = 8


def chosen(password: str, *about: str, least: int) -> str:
    """The hash of a password that somebody chooses, once it is checked; outside of any transaction. Raises Invalid."""
    check(password, *about, least=least)
    release()
    return hashed(password)


def hashed(password: str) -> str:
    """The hash under which `password` is kept."""
    return hashes.hash_password(normal(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether `password` has the hash `kept`; takes the same time where there is none."""
    brought = normal(password)
    # One that was hashed as it was typed, before passwords were brought to one form, is found in that form alone.
    return hashes.verify_password(kept, brought) or (brought != password and hashes.verify_password(kept, password))


def normal(password: str) -> str:
    """`password` in the one form in which it is hashed, however the keyboard composed it (OpaqueString, RFC 8265 §4.2)."""
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
    return unicodedata.normalize("NFC", spaced)


def check(password: str, *about: str, least: int) -> None:
    """Raise Invalid unless `password` is long enough and neither common nor what is known of its owner (`about`).

    `least`: how many characters the tenant asks for. Marks over a character do not count, as a reader would not count them.
    """
    if len(password) > MOST:
        raise Invalid(said("Use at most %(most)s characters.", most=MOST), field="password")
    if "\0" in password:
        raise Invalid(said("This has a character that cannot be used here."), field="password")
    if sum(not unicodedata.combining(letter) for letter in normal(password)) < least:
        raise Invalid(
            said("Use at least %(least)s characters. A few words in a row are easy to remember.", least=least), field="password"
        )
    known = [part.translate(SIGNS) for word in map(fold, about) for part in (word, *word.split("@"))]
    folded = fold(password).translate(SIGNS)
    # Blanks between common words make nothing of them: whoever tries the words tries them with blanks too.
    if min(_guesses(text[:READ], known) for text in {folded, "".join(folded.split())}) < LEAST_GUESSES:
        words = said("Too easy to guess: it repeats itself, is made of common passwords, or says who you are. Choose another.")
        raise Invalid(words, field="password")


def _guesses(text: str, known: list[str]) -> float:
    """How many guesses `text` takes, as a power of ten; nought where nothing is left of it, as of blanks."""
    return float(zxcvbn(text, user_inputs=known)["guesses_log10"]) if text else 0.0
