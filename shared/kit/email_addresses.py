"""E-mail addresses: whether a text is one (RFC 5321 §4.1.2, RFC 6531), and its parts in the forms that are compared."""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from shared.kit.errors import Invalid
from shared.kit.words import said

# How a word begins that says what it is in another way (RFC 2047 §2): no address may hold one (§5), and Python's parser decodes
# it while a header is put together, line breaks too.
ENCODED = "=?"


def read(unverified: str) -> ValidatedEmail:
    """The address that somebody typed; `.ascii_domain` is its domain after IDNA. Raises Invalid; asks no name server."""
    try:
        return check(unverified.strip())
    except EmailNotValidError:
        raise Invalid(said("This is not an e-mail address."), field="email") from None


def check(text: str) -> ValidatedEmail:
    """The same of a text as it stands. Raises EmailNotValidError, a ValueError."""
    if ENCODED in text:
        raise EmailNotValidError("An address may not hold encoded words.")
    return validate_email(text, check_deliverability=False, test_environment=True, strict=True)
