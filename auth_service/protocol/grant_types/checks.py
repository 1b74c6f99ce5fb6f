"""Checks that every grant shares (RFC 6749 §5.2)."""

from auth_service.protocol.errors import ProtocolError
from shared.models.client import Client


def check_grant_allowed(client: Client, grant_type: str) -> None:
    """The client may use this grant (RFC 6749 §5.2)."""
    if grant_type not in client.grant_types:
        raise ProtocolError(
            "unauthorized_client",
            "This client may not use this grant.",
            section="RFC 6749 §5.2",
            expected=client.grant_types,
            came=grant_type,
            mend="Allow the grant in the client's settings.",
        )


def needed(params: dict[str, str], name: str, section: str) -> str:
    """The value of a parameter that must be there. Raises ProtocolError."""
    if name not in params:
        raise ProtocolError(
            "invalid_request",
            f"The {name} is missing.",
            section=section,
            expected=name,
            came="none",
            mend=f"Send {name} in the form body.",
        )
    return params[name]


def check_no_wider(asked: list[str], granted: list[str]) -> None:
    """A refresh asks for no scope that was not granted (RFC 6749 §6)."""
    if wider := [scope for scope in asked if scope not in granted]:
        raise ProtocolError(
            "invalid_scope",
            "A scope is asked for that was not granted.",
            section="RFC 6749 §6",
            expected=granted,
            came=wider,
            mend="Leave scope out to get all that was granted, or start a new authorization for more.",
        )
