"""How an answer travels, and `iss` with it (RFC 9207, OAuth Multiple Response Types §2.1, Form Post Response Mode §2)."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from auth_service.protocol import parameters
from auth_service.protocol.errors import ProtocolError
from shared.models.client import RESPONSE_MODES, Client
from shared.web import headers, tenancy


@dataclass(frozen=True)
class Return:
    """Where a request is answered, an address that the client registered, and how."""

    redirect_uri: str
    mode: str
    state: str | None

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
    """How to answer this request, also when something in it is wrong: an impossible mode is answered by query."""
    mode = params.get("response_mode", "query")
    return Return(redirect_uri, mode if mode in client.response_modes else "query", parameters.state_of(params))


def check(client: Client, params: dict[str, str]) -> None:
    """The response mode is one that the client may use (OAuth Multiple Response Types §2.1)."""
    asked = params.get("response_mode", "query")
    if asked not in client.response_modes:
        raise ProtocolError(
            "invalid_request",
            "The response_mode is unknown, or not allowed to this client.",
            section="OAuth Multiple Response Types §2.1",
            expected=[mode for mode in RESPONSE_MODES if mode in client.response_modes],
            came=asked,
            mend="Leave response_mode out, or allow it in the client's settings.",
        )


def _with_query(redirect_uri: str, answer: str) -> str:
    query = urlsplit(redirect_uri).query
    # Put together by hand: urlunsplit would drop the slashes of com.example.app:/callback.
    return f"{redirect_uri.partition('?')[0]}?{query}&{answer}" if query else f"{redirect_uri.partition('?')[0]}?{answer}"
