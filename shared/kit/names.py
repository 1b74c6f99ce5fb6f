"""What a name may be: one line, in the order in which it is written, with something to see."""

import re
import unicodedata

LONGEST = 200
# A line break forges lines in letters and logs, and marks of direction (UAX #9 §2) make a name read as another.
_MISLEADING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Spaces, controls, what joins or turns, and accents on nothing.
_UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"))
# By their category letters and signs, of which nothing is seen: Unicode's fillers, and an empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def shows(text: str) -> bool:
    """Whether there is something to see: a letter, a number, a mark of punctuation or a sign, of a later Unicode too."""
    return any(unicodedata.category(letter) not in _UNSEEN and letter not in _BLANK for letter in text)


def reads_well(text: str) -> bool:
    """Whether `text` is one line that shows something or is empty, and none of whose characters hides or turns around others."""
    return not _MISLEADING.search(text) and (not text or shows(text))


def is_name(text: str) -> bool:
    """Whether `text` says something in one line of at most 200 characters, none of which hides or turns around others."""
    return bool(text.strip()) and len(text) <= LONGEST and reads_well(text.strip())
