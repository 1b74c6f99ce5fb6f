"""Scopes, and the words in which a person is asked for each (OpenID Connect Core §5.4)."""

from shared.kit.words import said

SCOPES = {
    "openid": said("Know that it is you, by an identifier"),
    "profile": said("See your name and the rest of your profile"),
    "email": said("See your e-mail address"),
    "address": said("See your postal address"),
    "phone": said("See your phone number"),
    "offline_access": said("Keep this access while you are away"),
    "account": said("See all of your account: where you are signed in and how, what you allow applications, and what was done"),
    "account:write": said("Run your account in your name: change your password and e-mail address, end sessions, and delete it"),
    "bailiwick:admin": said("Run this server in your name, with its applications, people, APIs and keys"),
}
# Opens the API of operators, to operators. No client has it unless one of them says so.
ADMIN = "bailiwick:admin"
# Opens one's own account to an application, to see it, and to change it: that no client has either, unless an operator says so.
ACCOUNT, ACCOUNT_WRITE = "account", "account:write"
USUAL = tuple(scope for scope in SCOPES if scope not in (ADMIN, ACCOUNT_WRITE))


def words_for(scope: str) -> str:
    """What a person reads about `scope`."""
    return SCOPES.get(scope, scope)


def parse(scope: str | None) -> list[str]:
    """The scope values in a `scope` parameter, each once, in the order asked (RFC 6749 §3.3)."""
    return list(dict.fromkeys((scope or "").split()))
