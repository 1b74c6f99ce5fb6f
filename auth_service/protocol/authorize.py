"""The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2), for plain and pushed requests (RFC 9126) alike."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from auth_service import reader, visitor
from auth_service.protocol import acr, authorization_request, implicit, par, parameters, request_object, response_mode, server
from auth_service.protocol.errors import ProtocolError, ShownError
from auth_service.protocol.response_mode import Return
from auth_service.protocol.steps import Situation, next_step
from shared.kit import clock
from shared.kit.words import said
from shared.models import claims
from shared.models.authorization import UNKNOWN
from shared.models.client import Client
from shared.models.user import User
from shared.services import codes, consents, factors, guesses, pending, resources, subjects
from shared.services.authorizations import Grant
from shared.services.pending import Pending
from shared.services.sessions import Session
from shared.web import tenancy


def authorize() -> ResponseReturnValue:
    """GET and POST /authorize: a new request, or one that was pushed and is being answered."""
    if request.args.get("request_uri", "").startswith(pending.PREFIX):
        return advance()
    if request.form.get("request_uri", "").startswith(pending.PREFIX):
        client_id, request_uri = request.form.get("client_id"), request.form["request_uri"]
        return redirect(url_for("protocol.authorize", client_id=client_id, request_uri=request_uri), 303)
    try:
        return begin()
    except ShownError as error:
        return server.show(error)


def begin() -> ResponseReturnValue:
    """Check a new request and go on with it. Raises ShownError; every later error is sent to the client."""
    unverified = request.form if request.method == "POST" else request.args
    outside = {name: values[0] for name, values in unverified.lists() if len(values) == 1 and values[0]}
    client = authorization_request.check_client(tenancy.tenant(), outside)
    try:
        inside = request_object.brought(client, outside)
    except ProtocolError as error:
        return refuse(error, _way_back_despite(error, client, outside))
    back = _way_back(client, request_object.merged(client, outside, inside))
    try:
        par.check_pushed(tenancy.tenant(), client)
        params = parameters.read(unverified)
        request_object.check_brought(client, params, inside)
        accepted = authorization_request.accepted(client, request_object.merged(client, params, inside))
    except ProtocolError as error:
        return refuse(error, back)
    # A form from another site comes without cookies: the browser is then the one that follows the redirect.
    if request.method == "POST":
        pushed = pending.push(tenancy.tenant(), client, accepted)
        return redirect(url_for("protocol.authorize", client_id=client.client_id, request_uri=pushed.request_uri), 303)
    return proceed(client, pending.of(tenancy.tenant(), client, accepted, browser=visitor.browser()), back)


def advance() -> ResponseReturnValue:
    """Take up a request that is kept, as its person has done something for it, or as its client has pushed it."""
    asked = visitor.asked()
    if asked is None:
        return server.show(_expired())
    try:
        client = authorization_request.check_client(tenancy.tenant(), asked.params)
        back = _way_back(client, asked.params)
    except ShownError as error:
        return server.show(error)
    return proceed(client, asked, back)


def proceed(client: Client, asked: Pending, back: Return) -> ResponseReturnValue:
    """Look at what is now true of a request, and name the next page or answer."""
    if asked.denied:
        return refuse_answer(asked, back, _denied())
    situation = read_situation(client, asked)
    step = next_step(situation)
    if step is None:
        return answer(client, asked, situation, back)
    if "none" in situation.prompt:
        return refuse_answer(asked, back, _interaction(step.error))
    if not asked.network:
        guesses.take_request()
        asked = pending.keep(asked)
    reader.note_wish(asked.params.get("ui_locales", ""))
    return redirect(url_for(step.page, client_id=client.client_id, request_uri=asked.request_uri), 303)


def read_situation(client: Client, asked: Pending) -> Situation:
    """All that the decision rests on."""
    # Whoever is half signed in is who they say, as far as it goes: the next step is theirs, and no answer is.
    here = visitor.proving()
    person, session = (here.user, here.session) if here else (None, None)
    max_age = asked.params.get("max_age")
    return Situation(
        prompt=frozenset(asked.params.get("prompt", "").split()),
        passed=_passed_by(person, asked),
        signed_in=person is not None,
        of_another=person is not None and _is_another(person, client, asked),
        wanted_acr=acr.wanted(asked.params),
        auth_age=clock.timestamp() - session.auth_time if session else 0,
        max_age=int(max_age) if max_age is not None else None,
        second_factor=session is not None and factors.MFA in session.amr,
        half_signed_in=visitor.half() is not None,
        wants_second_factor=client.require_second_factor,
        first_party=client.first_party,
        asked=frozenset(resources.wanted(tenancy.tenant(), asked.scopes, asked.resources, asked.claim_names)),
        given=_given(person, client),
        verification=person.verification_due(tenancy.tenant()) if person else "",
        unverified=not client.verified,
        undated=session is not None and client.require_auth_time and session.auth_time == UNKNOWN,
        installed=not asked.params["redirect_uri"].startswith("https://"),
    )


def answer(client: Client, asked: Pending, situation: Situation, back: Return) -> ResponseReturnValue:
    """Nothing is needed any more: use the request up and send the client its code (RFC 6749 §4.1.2), or the tokens themselves."""
    session = visitor.session()
    if session is None or not _finish(asked):
        return server.show(_expired())
    params = asked.params
    grant = Grant(
        scopes=asked.scopes,
        redirect_uri=params["redirect_uri"],
        redirect_uri_sent="redirect_uri_sent" in params,
        code_challenge=params.get("code_challenge"),
        nonce=params.get("nonce"),
        acr=acr.reached(params, fresh="login" in situation.passed, second_factor=situation.second_factor),
        resources=asked.resources,
        claims=asked.claims,
        dpop_jkt=params.get("dpop_jkt"),
        consented=bool(situation.asked) and not client.first_party,
    )
    if implicit.kind_of(params) is None:
        return back.send(code=codes.give(visitor.person(), client, grant, session))
    return send_tokens(client, asked, grant, session, back)


def send_tokens(client: Client, asked: Pending, grant: Grant, session: Session, back: Return) -> ResponseReturnValue:
    """Send the client the tokens that it asked for in place of a code (OpenID Connect Core §3.2.2.5)."""
    try:
        said = implicit.answer(visitor.person(), client, asked.params, grant, session)
        back.check_short(said)
    except ProtocolError as error:
        return refuse(error, back)
    return back.send(**said)


def refuse_answer(asked: Pending, back: Return, error: ProtocolError) -> ResponseReturnValue:
    """Use the request up and send the client the error."""
    if not _finish(asked):
        return server.show(_expired())
    return refuse(error, back)


def _finish(asked: Pending) -> bool:
    """Use the request up; whether nobody did before."""
    first = pending.finish(asked)
    if first and asked.network:
        guesses.uncount_request(asked.network)
    return first


def refuse(error: ProtocolError, back: Return) -> ResponseReturnValue:
    """Send the error to the client, at an address that it registered (RFC 6749 §4.1.2.1)."""
    server.tell_operator(error)
    return back.send(error=error.error, error_description=error.description)


def _way_back(client: Client, params: dict[str, str]) -> Return:
    redirect_uri = authorization_request.check_redirect_uri(client, params)
    return response_mode.read(client, redirect_uri, params)


def _way_back_despite(error: ProtocolError, client: Client, outside: dict[str, str]) -> Return:
    """The way back of a request whose object cannot be believed. Raises ShownError where the rest of it names none
    (RFC 6749 §4.1.2.1).
    """
    if client.allows_redirect(outside.get("redirect_uri", "")):
        return _way_back(client, outside)
    raise ShownError.of(error)


def _passed_by(person: User | None, asked: Pending) -> frozenset[str]:
    # What someone else did for this request, before the account was changed, does not count.
    mark = f":{person.id}" if person else ":"
    return frozenset(step.removesuffix(mark) for step in asked.passed if person and step.endswith(mark))


def _is_another(person: User, client: Client, asked: Pending) -> bool:
    hinted = asked.params.get("hinted")
    return hinted is not None and subjects.of(person, client) not in hinted.split("\n")


def _given(person: User | None, client: Client) -> frozenset[str]:
    if person is None or client.first_party:
        return frozenset()
    return frozenset(claims.opened(consents.scopes_given(person, client)))


def _expired() -> ShownError:
    return ShownError(
        "invalid_request_uri",
        said("This sign-in has expired or was already answered. Go back to the application and start again."),
        section="RFC 9126 §2.2, §7.3",
        expected="a request_uri that this browser is answering",
        came="one that is expired, answered, or of another browser or client",
        mend="Start at the application again; let the browser keep cookies.",
    )


def _denied() -> ProtocolError:
    return ProtocolError(
        "access_denied",
        "The person refused.",
        section="RFC 6749 §4.1.2.1",
        expected="the person's consent",
        came="a refusal",
        mend="Ask for less, or explain in the application why it asks.",
    )


def _interaction(error: str) -> ProtocolError:
    return ProtocolError(
        error,
        "This needs the person, and prompt=none forbids to ask.",
        section="OpenID Connect Core §3.1.2.6",
        expected="a person who is signed in and has consented",
        came=error,
        mend="Send the person through the same request without prompt=none.",
    )
