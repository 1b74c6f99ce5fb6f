"""How an answer travels, and `iss` with it (RFC 9207, OAuth Multiple Response Types §2.1, Form Post Response Mode §2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from auth_service.protocol import implicit, parameters
from auth_service.protocol.errors import ProtocolError
from shared.models.client import RESPONSE_MODES, Client
from shared.web import headers, tenancy

# In a redirect the answer stands in a header, of which front doors take 16 KiB, with all the others.
LONGEST_ANSWER = 14 * 1024


@dataclass(frozen=True)
class Return:
    """Where a request is answered, an address that the client registered, and how."""

    redirect_uri: str
    mode: str
    state: str | None

    def check_short(self, said: Mapping[str, str]) -> None:
        """An answer that brings tokens fits behind the # of an address (OAuth Multiple Response Types §2.1)."""
        length = len(self.redirect_uri) + len(urlencode({**said, "state": self.state or ""}))
        if self.mode == "fragment" and length > LONGEST_ANSWER:
            raise ProtocolError(
                "invalid_request",
                "The answer is too long for an address.",
                section="OAuth Multiple Response Types §2.1",
                expected=f"at most {LONGEST_ANSWER} characters",
                came=length,
                mend="Ask for response_mode form_post, for fewer claims, or with a shorter state and nonce.",
            )

    def send(self, **said: str | None) -> ResponseReturnValue:
        """The answer, with `state` and `iss` (RFC 9207 §2); None values are left out."""
        whole = {**said, "state": self.state, "iss": tenancy.issuer()}
        given = {name: value for name, value in whole.items() if value is not None}
        match self.mode:
            case "form_post":
                headers.may_leave()
                return render_template("protocol/form_post.html", action=self.redirect_uri, fields=given, tenant=tenancy.tenant())
            case "fragment":
                return redirect(f"{self.redirect_uri}#{urlencode(given)}", 302)
            case _:
                return redirect(_with_query(self.redirect_uri, urlencode(given)), 302)


def read(client: Client, redirect_uri: str, params: dict[str, str]) -> Return:
    """How to answer this request, also when something in it is wrong: an impossible mode is answered by the usual one."""
    usual, allowed = _modes(client, params)
    mode = params.get("response_mode", usual)
    return Return(redirect_uri, mode if mode in allowed else usual, parameters.state_of(params))


def check(client: Client, params: dict[str, str]) -> None:
    """The response mode is one that the client may use (OAuth Multiple Response Types §2.1); tokens never by query (§5)."""
    usual, allowed = _modes(client, params)
    asked = params.get("response_mode", usual)
    if asked not in allowed:
        raise ProtocolError(
            "invalid_request",
            "The response_mode is unknown, or not allowed to this client.",
            section="OAuth Multiple Response Types §2.1, §5",
            expected=[mode for mode in RESPONSE_MODES if mode in allowed],
            came=asked,
            mend="Leave response_mode out, or allow it in the client's settings.",
        )


def _modes(client: Client, params: dict[str, str]) -> tuple[str, Sequence[str]]:
    """The usual response mode of a request, and all that it may have."""
    if not implicit.is_offered(params):
        return "query", client.response_modes
    # It comes with the response type: who may have tokens in this way may have them where they belong.
    return "fragment", ("fragment", *(mode for mode in client.response_modes if mode == "form_post"))


def _with_query(redirect_uri: str, answer: str) -> str:
    query = urlsplit(redirect_uri).query
    # Put together by hand: urlunsplit would drop the slashes of com.example.app:/callback.
    return f"{redirect_uri.partition('?')[0]}?{query}&{answer}" if query else f"{redirect_uri.partition('?')[0]}?{answer}"
