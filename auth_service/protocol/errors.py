"""Errors of the protocol (RFC 6749 §4.1.2.1, §5.2): the RFC's code and public words, and for the operator all that mends it."""

from authlib.oauth2 import OAuth2Error

LONGEST_SHOWN = 300


class ProtocolError(OAuth2Error):
    """A check of the protocol that failed.

    `error` and `description` are public (ASCII, no quotes or backslashes). `section` names the rule; `expected`,
    `came` and `mend` are for the operator.
    """

    def __init__(
        self, error: str, description: str, *, section: str, expected: object, came: object, mend: str, status_code: int = 400
    ) -> None:
        super().__init__(description=description, error=error, status_code=status_code)
        self.section = section
        self.expected = str(expected)[:LONGEST_SHOWN]
        self.came = str(came)[:LONGEST_SHOWN]
        self.mend = mend


class ShownError(ProtocolError):
    """Shown to the person, never sent anywhere: the client or its redirect URI cannot be trusted (RFC 6749 §4.1.2.1)."""

    @classmethod
    def of(cls, error: ProtocolError) -> "ShownError":
        """The same error, where there is nobody to send it to."""
        return cls(
            str(error.error),
            str(error.description),
            section=error.section,
            expected=error.expected,
            came=error.came,
            mend=error.mend,
        )


class ClientAuthError(ProtocolError):
    """The client did not prove who it is (RFC 6749 §5.2): 401."""

    def __init__(self, description: str, *, section: str, expected: object, came: object, mend: str) -> None:
        super().__init__("invalid_client", description, section=section, expected=expected, came=came, mend=mend, status_code=401)

    @classmethod
    def again(cls, error: "ClientAuthError") -> "ClientAuthError":
        """The same error, of another request."""
        said = {"section": error.section, "expected": error.expected, "came": error.came, "mend": error.mend}
        return cls(str(error.description), **said)
