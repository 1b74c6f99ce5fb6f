"""Checks that grants share (RFC 6749 §4.4, §5.2, §6)."""

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
    """The value of a parameter that must be there (RFC 6749 §5.2, and the section named). Raises ProtocolError."""
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


def check_confidential(client: Client) -> None:
    """Only a client that proved who it is is given a token without its person (RFC 6749 §4.4, RFC 8693 §5, RFC 7521 §6.3)."""
    if client.public:
        raise ProtocolError(
            "unauthorized_client",
            "A public client cannot use this grant.",
            section="RFC 6749 §4.4; RFC 8693 §5; RFC 7521 §6.3",
            expected="a confidential client",
            came="a public one",
            mend="Register a confidential client for programs that act without a person.",
        )


def check_verified(client: Client) -> None:
    """An operator answers for a client that is given a person's token without asking that person (RFC 7591 §5)."""
    if not client.verified:
        raise ProtocolError(
            "unauthorized_client",
            "A client that registered itself cannot use this grant.",
            section="RFC 7591 §5; RFC 8693 §5",
            expected="a client that an operator registered",
            came=f"one that came by {client.registered_by}",
            mend="Register the client in the dashboard.",
        )
