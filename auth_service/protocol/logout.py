"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), and Fief's /logout?redirect_uri=."""

from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from auth_service import visitor
from auth_service.protocol import frontchannel_logout, id_token_hint, parameters, server
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.id_token_hint import Hint
from shared.kit.words import said
from shared.models.client import Client
from shared.services import clients
from shared.web import csrf, headers, tenancy

LONGEST_ADDRESS = 6000  # characters, which every proxy carries
KEPT = ("id_token_hint", "client_id", "post_logout_redirect_uri", "redirect_uri", "state", "logout_hint", "ui_locales")


def logout() -> ResponseReturnValue:
    """GET and POST /logout: ends the session at once with a valid hint of it, else asks first (§2, §6)."""
    asked = urlencode(list(request.values.items(multi=True)))
    if _without_cookies() and len(asked) < LONGEST_ADDRESS:
        return redirect(f"{url_for('protocol.logout')}?{asked}", 303)
    try:
        params = parameters.read(request.values)
        hint = id_token_hint.read(params.get("id_token_hint"))
        back = check_return(params, hint)
    except ProtocolError as error:
        return server.show(error, title=said("This sign-out cannot go on"))
    if not _may_end(hint):
        headers.may_leave()
        fields = {name: params[name] for name in KEPT if name in params} | {"confirmed": "1"}
        return render_template("pages/logout.html", tenant=tenancy.tenant(), visitor=visitor.user(), fields=fields)
    ending = [session for session in (visitor.held(), visitor.operator_session()) if session]
    frames = frontchannel_logout.frames(ending)
    visitor.sign_out()
    if back and not frames:
        return redirect(back, 303)
    return frontchannel_logout.page(frames, back)


def check_return(params: dict[str, str], hint: Hint | None) -> str | None:
    """Where to go afterwards: an address that the client registered, letter by letter (§3); None to stay here.

    Without a valid hint and a client_id nobody knows whose address it is, and the browser stays (§3); also where an operator
    disabled the client.
    """
    asked = params.get("post_logout_redirect_uri") or params.get("redirect_uri")
    if asked is None or ("post_logout_redirect_uri" in params and not _named(params, hint)):
        return None
    client = _client(params, hint)
    if client is None or not _allows(client, asked, params):
        raise ProtocolError(
            "invalid_request",
            said("The application asked to return to an address that it has not registered for after signing out."),
            section="RP-Initiated Logout 1.0 §3",
            expected="a post_logout_redirect_uri of the client that the hint or client_id names",
            came=asked,
            mend="Add the address to the client's post-logout redirect URIs, and send id_token_hint or client_id.",
        )
    if client.disabled:
        return None
    state = params.get("state")
    return f"{asked}{'&' if '?' in asked else '?'}{urlencode({'state': state})}" if state else asked


def _client(params: dict[str, str], hint: Hint | None) -> Client | None:
    """The client that the request is about; in Fief's form, which names none, any that has the address."""
    named = _named(params, hint)
    if hint and named != hint.client_id:
        return None
    tenant = tenancy.tenant()
    return clients.find(tenant, named) if named else clients.returning_to(tenant, params["redirect_uri"])


def _named(params: dict[str, str], hint: Hint | None) -> str | None:
    return params.get("client_id") or (hint.client_id if hint else None)


def _allows(client: Client, asked: str, params: dict[str, str]) -> bool:
    # Fief's applications return to addresses of their login; the OpenID form only to those for logging out.
    fief = "post_logout_redirect_uri" not in params and asked in client.redirect_uris
    return fief or client.allows_post_logout(asked)


def _may_end(hint: Hint | None) -> bool:
    """Whether the session may end now: there is none, the hint is of this very one, or the person said so on our page."""
    session, here = visitor.held(), visitor.proving()
    person = here.user if here else None
    # What is set aside for the dashboard would end too.
    nobody = session is None and visitor.operator_session() is None
    named = session and person and hint and id_token_hint.is_about(hint, person) and hint.sid in (None, session.sid)
    return nobody or bool(named) or _said_so()


def _without_cookies() -> bool:
    """Whether a form may have come from another site: browsers send no cookie of ours with it, but do when it becomes a GET."""
    alone = visitor.held() is None and visitor.operator_session() is None
    return request.method == "POST" and alone


def _said_so() -> bool:
    if request.method == "POST" and request.form.get("confirmed"):
        csrf.check()
        return True
    return False
