"""What this browser keeps of the accounts that signed in here before, so that guesses made elsewhere do not keep them out."""

from auth_service import cookies
from shared.models.user import User
from shared.services import familiar_browsers
from shared.web import tenancy

COOKIE = "familiar"


def kept() -> str:
    """What the browser sent."""
    return cookies.read(COOKIE) or ""


def remember(user: User) -> None:
    """`user` has signed in here, with all that is demanded of them; or showed by a letter that their address is theirs."""
    before = kept()
    now = familiar_browsers.added(before, tenancy.tenant(), user.email_folded)
    if now != before:
        cookies.put(COOKIE, now, seconds=familiar_browsers.KEPT_SECONDS)
