"""How surely a person has to be known: acr_values and the acr claim (OpenID Connect Core §3.1.2.1, §5.5.1.1)."""

from auth_service.protocol import claims_request
from auth_service.protocol.claims_request import ID_TOKEN, Wish
from auth_service.protocol.errors import ProtocolError
from shared.models.authorization import ACRS, LOGIN, SESSION, TWO_FACTORS
from shared.models.client import Client
from shared.services import factors
from shared.web import tenancy


def supported() -> list[str]:
    """The values that can be reached at this tenant, which may offer no second factor."""
    return list(ACRS if factors.offered(tenancy.tenant()) else ACRS[:2])


def check_reachable(client: Client, params: dict[str, str]) -> None:
    """One of the values that an essential acr must have is one that we can reach (§5.5.1.1)."""
    wish = _wish(params)
    if wish.essential and wish.values is not None and not _known(wish.values):
        raise ProtocolError(
            "unmet_authentication_requirements",
            "The acr that the request demands cannot be reached here.",
            section="OpenID Connect Core §5.5.1.1",
            expected=f"one of {', '.join(supported())}",
            came=wish.values,
            mend="Ask for an acr that discovery names, or ask for it as a wish.",
        )


def check_second_factor(client: Client, params: dict[str, str]) -> None:
    """A client to which nobody signs in without a second factor is at a tenant that offers one (Unmet Authentication
    Requirements 1.0 §2).
    """
    if client.require_second_factor and TWO_FACTORS not in supported():
        raise ProtocolError(
            "unmet_authentication_requirements",
            "This application asks for a second factor, and none is offered here.",
            section="OpenID Connect Core Unmet Authentication Requirements 1.0 §2",
            expected="a tenant that offers passkeys, authenticator apps or codes by letter",
            came=", ".join(tenancy.tenant().factors),
            mend="Offer a second factor at the tenant, or do not require one of this client.",
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


def reached(params: dict[str, str], *, fresh: bool, second_factor: bool) -> str:
    """The acr to be told of a request that was kept: `fresh` when the person signed in for it, `second_factor` if one was given.

    Of a second factor only a client hears that asked: the others may know no such value.
    """
    must = params.get("acr_must", "").split()
    true = {SESSION: True, LOGIN: fresh, TWO_FACTORS: second_factor}
    liked = next((value for value in params.get("acr_values", "").split() if true[value]), None)
    if liked == TWO_FACTORS:
        return liked
    # A login is a session too.
    return LOGIN if fresh and (not must or LOGIN in must) else SESSION


def _wish(params: dict[str, str]) -> Wish:
    return claims_request.read(params)[ID_TOKEN].get("acr", Wish())


def _known(values: list[str]) -> list[str]:
    reachable = supported()
    return [value for value in values if value in reachable]
