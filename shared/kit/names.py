"""What a name may be: one line, in the order in which it is written."""

import re

LONGEST = 200
# A line break forges lines in letters and logs, and marks of direction (UAX #9 §2) make a name read as another.
_MISLEADING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def reads_well(text: str) -> bool:
    """Whether `text` is one line, none of whose characters hides or turns around others."""
    return not _MISLEADING.search(text)


def is_name(text: str) -> bool:
    """Whether `text` says something in one line of at most 200 characters, none of which hides or turns around others."""
    return bool(text.strip()) and len(text) <= LONGEST and reads_well(text.strip())
