"""How the dashboard writes what is kept for machines."""

from typing import Any

from auth_service import devices
from shared.models.audit import AuditEvent
from shared.services import person_claims

SPANS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def span(seconds: int) -> str:
    """So many seconds in the largest unit that divides them: "10 minutes"."""
    length, unit = next((pair for pair in SPANS if seconds % pair[0] == 0), SPANS[-1])
    count = seconds // length
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def deed(action: str) -> str:
    """An audit action as words: `client.secret_rotated` is "Client secret rotated"."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def spelled(raw: object) -> str:
    """A value of an audit event's detail, readable."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, list):
        return ", ".join(map(spelled, raw)) or "none"
    return "none" if raw is None or raw == "" else str(raw)


def profile(claims: dict[str, Any]) -> list[tuple[str, str]]:
    """The claims about a person, each with its name in words, as one line of text."""
    address = claims.get("address", {})
    told = {**claims, "address": address.get("formatted") or "\n".join(address.values())}
    return [(name, str(told[name]).replace("\n", ", ")) for name in person_claims.CHECKS if told.get(name)]


def is_change(event: AuditEvent) -> bool:
    """Whether the detail of `event` has pairs of what was and what is."""
    return event.action.endswith(("updated", "changed", "renamed"))


FILTERS = {
    "span": span,
    "deed": deed,
    "spelled": spelled,
    "profile": profile,
    "device": devices.describe,
    "device_icon": devices.icon_of,
}
TESTS = {"a_change": is_change}
