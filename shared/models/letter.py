"""The kinds of letters: what each is for, and what its template can say. Each has its templates in shared/letters/."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.kit.words import said

# What a value is: a line of text, a code, an address of ours, a moment, a number, or the name of a factor.
TEXT, CODE, LINK, MOMENT, NUMBER, FACTOR = "text", "code", "link", "moment", "number", "factor"
# Where the button of a letter leads that brings no link of its own.
SIGN_IN, ACCOUNT, RECOVERY = "sign_in_url", "account_url", "recovery_url"


@dataclass(frozen=True)
class Value:
    """What a template can say by this name. `sample` is for trying it, a link's being a path; an optional one may be empty."""

    name: str
    type: str
    means: str
    sample: str | int | datetime
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of letter."""

    name: str
    title: str
    means: str
    values: tuple[Value, ...] = ()
    leads_to: str | None = None


SAMPLE_MOMENT = datetime(2027, 2, 3, 14, 5, tzinfo=UTC)
# What every letter can say.
COMMON = (
    Value("tenant", TEXT, "The name of the tenant", "Example"),
    Value("to", TEXT, "The address that the letter goes to", "ada@example.com"),
    Value("sign_in_url", TEXT, "The page to sign in at", "https://id.example.com/login"),
    Value("account_url", TEXT, "The person's own pages", "https://id.example.com/account"),
    Value("recovery_url", TEXT, "The page to choose a new password at", "https://id.example.com/recover"),
    Value("action_url", TEXT, "Where the button leads; empty where there is none", "https://id.example.com/account"),
    Value("support", TEXT, "Whom people can ask for help; empty where there is none", "support@example.com"),
    Value("support_url", TEXT, "The same as a link", "mailto:support@example.com"),
    Value("language", TEXT, "The tag of the reader's language", "en"),
    Value("direction", TEXT, "The direction of the reader's language, ltr or rtl", "ltr"),
    Value("accent", TEXT, "The tenant's colour, for a button", "#2563eb"),
    Value("on_accent", TEXT, "The colour of words on it", "#ffffff"),
    Value("ink", TEXT, "A shade of the tenant's colour that can be read on white", "#2563eb"),
    Value("ink_on_dark", TEXT, "A shade of it that can be read on a dark ground", "#7ea2f4"),
)

_CODE = Value("code", CODE, "The code", "4KD7XM")
_MINUTES = Value("minutes", NUMBER, "How many minutes it works", 10)
_LINK = Value("link", LINK, "The same by one click", "/login/link?token=7Qh2", optional=True)
_WHEN = Value("when", MOMENT, "When it happened", SAMPLE_MOMENT)
_DEVICE = Value("device", TEXT, "With which browser or device, where it is known", "Firefox on Linux", optional=True)
_BY_CODE, _NOTICE = (_CODE, _MINUTES), (_WHEN, _DEVICE)
_FACTOR = (
    Value("factor", FACTOR, "Which way to prove who one is, in words", "passkey"),
    Value("name", TEXT, "What the person calls it, where it has a name", "Blue key", optional=True),
)
_PROVIDER = Value("provider", TEXT, "The name of the other account's provider", "Example Social")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("email_code", "Verify an address", "Brings the code that proves that an address is one's own.", _BY_CODE),
        Kind("sign_up_code", "Sign up", "Brings the code that opens a new account.", _BY_CODE),
        Kind(
            "sign_up_exists",
            "Sign up with an address that has an account",
            "Tells the owner of an account that somebody tried to make another with the same address.",
            leads_to=SIGN_IN,
        ),
        Kind("sign_in_code", "Sign in by letter", "Brings a code, and a link, to sign in with.", (*_BY_CODE, _LINK)),
        Kind("second_factor_code", "Second step by letter", "Brings the code for the second step of signing in.", _BY_CODE),
        Kind("email_change_code", "Change an address", "Brings the code that confirms a new address, to it.", _BY_CODE),
        Kind(
            "email_changed",
            "Address changed",
            "Tells the old address that the account has another one.",
            (
                Value("new_email", TEXT, "The new address", "ada@example.org"),
                *_NOTICE,
                Value("link", LINK, "Where the old address is taken back", "/recover/email?token=7Qh2", optional=True),
                Value("days", NUMBER, "How many days that works", 3, optional=True),
            ),
        ),
        Kind(
            "email_change_undone",
            "Address taken back",
            "Tells the address that an account leaves that its earlier owner took the account back.",
            (Value("old_email", TEXT, "The address that the account has again", "ada@example.com"), *_NOTICE),
        ),
        Kind(
            "recovery",
            "Choose a new password",
            "Brings the link to choose a new password with.",
            (Value("link", LINK, "The link", "/recover/password?token=7Qh2"), _MINUTES),
        ),
        Kind("password_changed", "Password changed", "Tells that the password was changed.", _NOTICE, ACCOUNT),
        Kind("factor_added", "Factor added", "Tells that there is a new way to prove who one is.", (*_FACTOR, *_NOTICE), ACCOUNT),
        Kind(
            "factor_removed", "Factor removed", "Tells that a way to prove who one is was removed.", (*_FACTOR, *_NOTICE), ACCOUNT
        ),
        Kind(
            "recovery_code_used",
            "Recovery code used",
            "Tells that somebody signed in with a recovery code.",
            (Value("left", NUMBER, "How many codes are left", 3), *_NOTICE),
            ACCOUNT,
        ),
        Kind(
            "identity_linked",
            "Other account linked",
            "Tells that an account elsewhere now opens this one.",
            (_PROVIDER, *_NOTICE),
            ACCOUNT,
        ),
        Kind(
            "identity_unlinked",
            "Other account removed",
            "Tells that an account elsewhere opens this one no longer.",
            (_PROVIDER, *_NOTICE),
            ACCOUNT,
        ),
        Kind("sessions_ended", "Signed out everywhere", "Tells that every session was ended.", _NOTICE, ACCOUNT),
        Kind(
            "invitation",
            "Invitation",
            "Invites somebody to make an account.",
            (
                Value("inviter", TEXT, "The name of whoever invites, where they have one", "Grace Hopper", optional=True),
                Value("link", LINK, "The link to the sign-up page", "/invitation?token=7Qh2"),
                Value("until", MOMENT, "Until when it works", SAMPLE_MOMENT),
            ),
        ),
        Kind("account_deleted", "Account deleted", "Tells that the account is gone.", (_WHEN,)),
    )
}
# The names of the factors, as they are put in words for the reader.
FACTORS = {
    "password": said("Password"),
    "passkey": said("Passkey"),
    "totp": said("Authenticator app"),
    "email": said("Code by e-mail"),
    "recovery_codes": said("Recovery codes"),
}
