"""E-mail addresses: whether a text is one (RFC 5321 §4.1.2, RFC 6531), and its parts in the forms that are compared."""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from shared.kit.errors import Invalid
from shared.kit.words import said

# How a word begins that says what it is in another way (RFC 2047 §2): no address may hold one (§5), and Python's parser decodes
# it while a header is put together, line breaks too.
ENCODED = "=?"
LONGEST_LOCAL_PART = 64


def read(unverified: str) -> ValidatedEmail:
    """The address that somebody typed; `.ascii_domain` is its domain after IDNA. Raises Invalid; asks no name server."""
    try:
        known = check(unverified.strip())
    except EmailNotValidError:
        known = None
    # RFC 5321 §4.5.3.1.1, in octets.
    if known is None or len(known.local_part.encode()) > LONGEST_LOCAL_PART:
        raise Invalid(said("This is not an e-mail address."), field="email")
    return known


def check(text: str) -> ValidatedEmail:
    """The same of a text as it stands. Raises EmailNotValidError, a ValueError."""
    if ENCODED in text:
        raise EmailNotValidError("An address may not hold encoded words.")
    return validate_email(text, check_deliverability=False, test_environment=True)
