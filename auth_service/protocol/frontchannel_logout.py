"""Front-channel logout: a page of ours loads one of each client in a frame (OpenID Connect Front-Channel Logout 1.0)."""

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Response, make_response, render_template
from werkzeug.urls import iri_to_uri

from shared.models.client import Client
from shared.services import authorizations
from shared.services.sessions import Session
from shared.web import headers, tenancy

# What may stand in a content security policy: a registered address may have a semicolon where its host should be.
ORIGIN = re.compile(r"(https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?].*)?")
# How long the page waits for them, in seconds.
PATIENCE = 5


def frames(sessions: Iterable[Session]) -> list[str]:
    """What to load so that the clients of these sessions, which are about to end, sign out in this browser too (§3)."""
    ending = {session.sid for session in sessions}
    found = [_frame(client, sid) for sid in sorted(ending) for client in authorizations.clients_of_session(sid)]
    return [frame for frame in dict.fromkeys(found) if frame]


def page(frames: list[str], back: str | None) -> Response:
    """The page that loads `frames`, and then goes on to `back` or stays."""
    headers.may_frame(found[1] for found in map(ORIGIN.fullmatch, frames) if found)
    tenant = tenancy.tenant()
    shown = render_template("pages/signed_out.html", tenant=tenant, visitor=None, frames=frames, back=back, patience=PATIENCE)
    # Where no script goes on earlier. The page has nothing that anybody would want to read at leisure.
    return make_response(shown, {"Refresh": f"{PATIENCE};url={iri_to_uri(back)}"} if back else {})


def _frame(client: Client, sid: str) -> str | None:
    """The client's page, with `iss` and `sid` where it needs them (§2); both or none."""
    uri = client.frontchannel_logout_uri
    if uri is None or not ORIGIN.fullmatch(uri):
        return None
    if not client.frontchannel_logout_session_required:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'iss': tenancy.issuer(), 'sid': sid})}"
