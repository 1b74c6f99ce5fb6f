"""Request parameters: each at most once but those that name targets, none endless (RFC 6749 §3.1, RFC 8707 §2, RFC 8693 §2.1)."""

from collections.abc import Mapping
from urllib.parse import quote_plus

from werkzeug.datastructures import MultiDict

from auth_service.protocol.errors import ProtocolError

LONGEST = {
    "state": 4096,
    "nonce": 1024,
    "scope": 2000,
    "redirect_uri": 2000,
    "client_id": 320,
    "prompt": 200,
    "login_hint": 1000,
    "acr_values": 200,
    "resource": 2000,
    "audience": 2000,
    "request": 32 * 1024,
    "request_uri": 2000,
}
LONGEST_OTHER = 8192
# As it stands in an address: what goes back to the client must fit into a header, of which front doors take 16 KiB.
LONGEST_SENT_BACK = 8192  # bytes
# RFC 8707 §2, RFC 8693 §2.1: those that may come more than once.
REPEATABLE = ("resource", "audience")


def read(unverified: MultiDict[str, str]) -> dict[str, str]:
    """The parameters by name; empty ones count as left out, several targets are joined by blanks. Raises ProtocolError."""
    for name, values in unverified.lists():
        check_targets(values) if name in REPEATABLE else check_once(name, values)
        check_writable(name, " ".join(values))
    return {name: " ".join(values) for name, values in unverified.lists() if any(values)}


def state_of(unverified: Mapping[str, str]) -> str | None:
    """The state that goes back to the client, also when its request is refused: cut where it is endless (RFC 6749 §4.1.2.1)."""
    state = unverified.get("state", "")[: LONGEST["state"]]
    while not fits_back(state):
        state = state[: len(state) // 2]
    return state or None


def fits_back(state: str) -> bool:
    """Whether it can be sent back in an address: a letter that is not ASCII takes up to twelve bytes there."""
    return len(quote_plus(state)) <= LONGEST_SENT_BACK


def check_once(name: str, values: list[str]) -> None:
    """No parameter comes twice (RFC 6749 §3.1)."""
    if len(values) > 1:
        raise ProtocolError(
            "invalid_request",
            "A parameter was sent more than once.",
            section="RFC 6749 §3.1",
            expected=f"{name} at most once",
            came=f"{name} {len(values)} times",
            mend="Send each parameter once; resource and audience are the exceptions that other specifications make.",
        )


def check_targets(values: list[str]) -> None:
    """Each resource and each audience has a parameter of its own (RFC 8707 §2, RFC 8693 §2.1): a blank would make two of one."""
    if any(blank in value for value in values for blank in " \t\r\n\v\f"):
        raise ProtocolError(
            "invalid_target",
            "What a target is called has no blank in it.",
            section="RFC 8707 §2",
            expected="one target in each parameter",
            came="a value with a blank",
            mend="Repeat the parameter for each resource.",
        )


def check_writable(name: str, value: str) -> None:
    """A value has a length that can be kept, and no NUL (RFC 6749 Appendix A allows visible characters)."""
    longest = LONGEST.get(name, LONGEST_OTHER)
    if len(value) > longest or "\0" in value or (name == "state" and not fits_back(value)):
        raise ProtocolError(
            "invalid_request",
            "A parameter is too long, or has a character that cannot be used.",
            section="RFC 6749 Appendix A",
            expected=f"{name} of at most {longest} characters, without NUL",
            came=f"{len(value)} characters",
            mend="Keep what is long on your side and send a short reference to it.",
        )
