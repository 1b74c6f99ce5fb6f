"""Proof Key for Code Exchange, S256 only (RFC 7636, RFC 9700 §2.1.1)."""

import re

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from auth_service.protocol.errors import ProtocolError
from shared.kit import ids
from shared.models.client import Client

CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def check_challenge(client: Client, params: dict[str, str]) -> None:
    """The request carries an S256 challenge where the client must (RFC 7636 §4.4.1)."""
    challenge = params.get("code_challenge")
    if challenge is None and "code_challenge_method" not in params and not client.pkce_required:
        return
    if challenge is None:
        raise _refused("This request needs PKCE: send code_challenge.", "a code_challenge", "none", "RFC 7636 §4.4.1")
    # A method that is left out means plain (§4.3), which is not offered.
    if params.get("code_challenge_method", "plain") != "S256":
        raise _refused(
            "The code_challenge_method must be S256.", "S256", params.get("code_challenge_method", "plain"), "RFC 7636 §4.3"
        )
    if not CHALLENGE.fullmatch(challenge):
        raise _refused("The code_challenge is not an S256 one.", "43 base64url characters", f"{len(challenge)}", "RFC 7636 §4.2")


def check_verifier(challenge: str | None, verifier: str | None) -> None:
    """The verifier is the one that the challenge was made from (RFC 7636 §4.6)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None:
        # A verifier without a challenge is how a downgrade shows itself (RFC 9700 §2.1.1).
        raise _mismatch("a code_verifier exactly when there was a code_challenge", "one of the two")
    if not VERIFIER.fullmatch(verifier) or not ids.same(create_s256_code_challenge(verifier), challenge):
        raise _mismatch("the code_verifier of this code's challenge", "another one")


def _refused(words: str, expected: str, came: str, section: str) -> ProtocolError:
    mend = "Let the client library use PKCE with S256; every current one can."
    return ProtocolError("invalid_request", words, section=section, expected=expected, came=came, mend=mend)


def _mismatch(expected: str, came: str) -> ProtocolError:
    return ProtocolError(
        "invalid_grant",
        "The code_verifier does not fit the code.",
        section="RFC 7636 §4.6",
        expected=expected,
        came=came,
        mend="Keep the verifier with the state of the browser that started the login, and send it unchanged.",
    )
