"""The claims parameter: claims that a client asks for one by one (OpenID Connect Core §5.5, §5.5.1)."""

from dataclasses import dataclass
from typing import Any

import orjson

from auth_service.protocol.errors import ProtocolError
from shared.models.claims import STANDARD, own
from shared.models.client import Client
from shared.models.scope import parse
from shared.services import user_fields
from shared.web import tenancy

SECTION = "OpenID Connect Core §5.5"
USERINFO, ID_TOKEN = "userinfo", "id_token"
MOST = 100  # claims of each kind


@dataclass(frozen=True)
class Wish:
    """What is asked of one claim: whether it matters, and which values would do; None for any."""

    essential: bool = False
    values: list[Any] | None = None


def read(params: dict[str, str]) -> dict[str, dict[str, Wish]]:
    """The wishes for userinfo and for the ID token, each by the name of its claim. Raises ProtocolError.

    Other members of the object are passed over (§5.5), and the whole of it in a request that is no login.
    """
    if "claims" not in params or "openid" not in parse(params.get("scope")):
        return {USERINFO: {}, ID_TOKEN: {}}
    asked = check_object(params["claims"])
    return {member: _wishes(member, check_member(member, asked.get(member))) for member in (USERINFO, ID_TOKEN)}


def check(client: Client, params: dict[str, str]) -> None:
    """The parameter can be read (§5.5)."""
    subjects(params)


def names(params: dict[str, str]) -> str:
    """The claims asked for that there are, as JSON that is kept with the request; empty when there are none.

    They are the standard ones and the tenant's own; others are passed over.
    """
    known = {*STANDARD, *(field.claim for field in own(user_fields.of(tenancy.tenant())))}
    asked = {member: [name for name in wishes if name in known] for member, wishes in read(params).items()}
    return orjson.dumps(asked).decode() if any(asked.values()) else ""


def subjects(params: dict[str, str]) -> list[str]:
    """By their `sub`, the people whom alone the client wants to hear about (§5.5.1, §3.1.2.2); none for whoever comes.

    Raises ProtocolError.
    """
    named = [wishes["sub"].values for wishes in read(params).values() if "sub" in wishes]
    demands = [check_subjects(values) for values in named if values is not None]
    both = [sub for sub in demands[0] if all(sub in demand for demand in demands)] if demands else []
    if demands and not both:
        raise _invalid("the same sub for userinfo and for the ID token", "two people")
    return both


def check_object(unverified: str) -> dict[str, Any]:
    """It is a JSON object (§5.5)."""
    try:
        asked = orjson.loads(unverified)
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise _invalid("a JSON object with the members userinfo and id_token", "something else")
    return asked


def check_member(name: str, asked: object) -> dict[str, Any]:
    """A member lists claims by their names, not too many (§5.5)."""
    if asked is None:
        return {}
    if not isinstance(asked, dict) or len(asked) > MOST:
        raise _invalid(f"{name}: an object of at most {MOST} claims", type(asked).__name__)
    return asked


def check_wish(name: str, asked: object) -> Wish:
    """A claim is asked for by null, or by an object that says what is wanted of it (§5.5.1)."""
    if asked is None:
        return Wish()
    said = asked if isinstance(asked, dict) else {"essential": None}
    essential, values = said.get("essential", False), said.get("values", [])
    if not isinstance(essential, bool) or not isinstance(values, list):
        raise _invalid(f"{name[:100]}: null, or an object with essential (true or false), value and values (an array)", "another")
    alone = [said["value"]] if "value" in said else []
    return Wish(essential, [*alone, *values] or None)


def check_subjects(values: list[Any]) -> list[str]:
    """A `sub` is a text (§2)."""
    if not all(isinstance(value, str) and value for value in values):
        raise _invalid("sub: values that are texts", "another value")
    return values


def _wishes(member: str, asked: dict[str, Any]) -> dict[str, Wish]:
    return {name: check_wish(f"{member}.{name}", value) for name, value in asked.items()}


def _invalid(expected: str, came: str) -> ProtocolError:
    return ProtocolError(
        "invalid_request",
        "The claims parameter cannot be read.",
        section=SECTION,
        expected=expected,
        came=came,
        mend="Send JSON such as {userinfo: {email: {essential: true}}}, with its names in quotes.",
    )
