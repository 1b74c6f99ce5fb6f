"""How fresh a login has to be for what the visitor is about, and whether a provider shows that theirs is."""

from auth_service import visitor
from auth_service.pages import asking
from shared.kit import clock
from shared.models.authorization import UNKNOWN
from shared.models.user import User
from shared.services.arrivals import Told

# acr_values that mean a login for this very request.
LOGIN = "1"


def wanted() -> int | None:
    """How many seconds old the login may be, 0 for one that is made now; None where any session serves."""
    if "again" in visitor.way():
        return 0
    params = asked.params if (asked := visitor.asked()) else {}
    if "login" in params.get("prompt", "").split() or params.get("acr_values", "").split()[:1] == [LOGIN]:
        return 0
    return int(params["max_age"]) if "max_age" in params else None


def proving() -> User | None:
    """Who is signed in and has yet to show that it is them: asked to, or sent by a provider that could not show it."""
    session = visitor.session()
    undated = session is not None and session.auth_time == UNKNOWN
    return asking.again() or (visitor.user() if undated else None)


def is_proved(told: Told) -> bool:
    """Whether what a provider told shows a login that is fresh enough for what the visitor is about."""
    seconds = wanted()
    if seconds is None or told.anew:
        return True
    # Our own pages ask for a login anew, and are content with one of the last ten minutes.
    enough = asking.FRESH if "again" in visitor.way() else seconds
    return enough > 0 and clock.timestamp() - told.auth_time <= enough
