"""Where one is signed in, and the applications that one has let in: listed and ended."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing, owner
from api_service.describe import describe
from api_service.me_shapes import ApplicationOfMine, ApplicationsOfMine, Ended, SessionOfMine, SessionsOfMine
from api_service.respond import respond
from shared.services import granted, session_ends, sessions
from shared.services.granted import Allowed
from shared.services.sessions import Session
from shared.web import bearer, tenancy

TAG = "Oneself"
SID = listing.path("sid", "The id of the session.", maxLength=64)


class Sessions(MethodView):
    @describe("List one's sessions", tag=TAG, answer=SessionsOfMine)
    @owner.reads
    def get(self) -> Response:
        """The browsers in which one is signed in, the last used first."""
        user = bearer.subject()
        here = owner.sid(user)
        return respond(SessionsOfMine(items=[_session(each, here) for each in sessions.of(user)]))


class OneSession(MethodView):
    @describe("End a session", tag=TAG, answer=Ended, params=(SID,), errors=(404,))
    @owner.writes
    def delete(self, sid: str) -> Response:
        """End one session of one's own. What applications hold for the time of it ends too."""
        user = bearer.subject()
        session_ends.one(user, sid, by=owner.actor(user))
        return respond(Ended(id=sid))


class OtherSessions(MethodView):
    @describe("End all other sessions", tag=TAG, answer=SessionsOfMine)
    @owner.writes
    def delete(self) -> Response:
        """End every session but the one in which the token was given, with all that applications were let in to do in them.
        Answers with what is left."""
        user = bearer.subject()
        here = owner.sid(user)
        session_ends.every(user, by=owner.actor(user), except_sid=here)
        return respond(SessionsOfMine(items=[_session(each, here) for each in sessions.of(user)]))


class Applications(MethodView):
    @describe("List one's applications", tag=TAG, answer=ApplicationsOfMine)
    @owner.reads
    def get(self) -> Response:
        """The applications that one has let in, what each may do, since when, and when it last did."""
        items = [_application(each) for each in granted.allowed(bearer.subject(), tenancy.tenant())]
        return respond(ApplicationsOfMine(items=items))


class OneApplication(MethodView):
    @describe("Withdraw an application's access", tag=TAG, answer=Ended, params=(listing.ID,), errors=(404,))
    @owner.writes
    def delete(self, id: UUID) -> Response:
        """Take back what an application may do: its tokens end, and it asks anew the next time."""
        user = bearer.subject()
        granted.withdraw(user, tenancy.tenant(), id, by=owner.actor(user))
        return respond(Ended(id=str(id)))


def _session(of: Session, here: str | None) -> SessionOfMine:
    return SessionOfMine(
        id=of.sid,
        current=of.sid == here,
        browser=of.user_agent,
        address=of.address,
        signed_in_with=list(of.amr),
        created_at=datetime.fromtimestamp(of.created_at, UTC),
        last_seen_at=datetime.fromtimestamp(of.last_seen, UTC),
    )


def _application(of: Allowed) -> ApplicationOfMine:
    return ApplicationOfMine(
        id=str(of.client.id),
        client_id=of.client.client_id,
        name=of.client.name,
        scopes=of.scopes,
        words=of.words,
        since=of.since,
        used_at=of.used_at,
    )
