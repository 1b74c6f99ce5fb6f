"""How surely a person has to be known: acr_values and the acr claim (OpenID Connect Core §3.1.2.1, §5.5.1.1)."""

from auth_service.protocol import claims_request
from auth_service.protocol.claims_request import ID_TOKEN, Wish
from auth_service.protocol.errors import ProtocolError
from shared.models.client import Client

# A session, and a login for this very request.
SESSION, LOGIN = ACRS = ("0", "1")


def check_reachable(client: Client, params: dict[str, str]) -> None:
    """One of the values that an essential acr must have is one that we can reach (§5.5.1.1)."""
    wish = _wish(params)
    if wish.essential and wish.values is not None and not _known(wish.values):
        raise ProtocolError(
            "unmet_authentication_requirements",
            "The acr that the request demands cannot be reached here.",
            section="OpenID Connect Core §5.5.1.1",
            expected=f"one of {', '.join(ACRS)}",
            came=wish.values,
            mend="Ask for an acr that discovery names, or ask for it as a wish.",
        )


def resolved(client: Client, params: dict[str, str]) -> dict[str, str]:
    """The wish as it is kept: what is liked, best first, by the claim, the parameter or the default; and what it must be."""
    wish = _wish(params)
    asked = params["acr_values"].split() if "acr_values" in params else client.default_acr_values
    liked = _known(asked if wish.values is None else wish.values)
    must = liked if wish.essential and wish.values is not None else []
    return {name: " ".join(values) for name, values in {"acr_values": liked, "acr_must": must}.items() if values}


def wanted(params: dict[str, str]) -> str:
    """What is liked best in a request that was kept; a session serves when it names nothing."""
    return next(iter(params.get("acr_values", "").split()), SESSION)


def reached(params: dict[str, str], *, fresh: bool) -> str:
    """The acr to be told of a request that was kept, `fresh` when the person signed in for it."""
    must = params.get("acr_must", "").split()
    # A login is a session too.
    return LOGIN if fresh and (not must or LOGIN in must) else SESSION


def _wish(params: dict[str, str]) -> Wish:
    return claims_request.read(params)[ID_TOKEN].get("acr", Wish())


def _known(values: list[str]) -> list[str]:
    return [value for value in values if value in ACRS]
