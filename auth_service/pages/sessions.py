"""Where one is signed in, and ending it there."""

from contextlib import suppress
from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import devices, visitor
from auth_service.pages import asking
from shared.kit import languages, origin, places
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.services import session_ends, sessions
from shared.services.sessions import Session


@dataclass(frozen=True)
class Listed:
    """A session as the list shows it."""

    session: Session
    current: bool

    @property
    def device(self) -> str:
        return devices.describe(self.session.user_agent)

    @property
    def place(self) -> str:
        """Roughly where it was last used."""
        here = origin.current().address
        return places.describe(self.session.address, here=here, language=languages.current())

    @property
    def icon(self) -> str:
        return devices.icon_of(self.session.user_agent)


class Sessions(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/sessions.html", sessions=listed())


class SessionEnd(MethodView):
    decorators = [asking.signed_in]

    def get(self, sid: str) -> ResponseReturnValue:
        device = next((each.device for each in listed() if each.session.sid == sid), said("That browser"))
        return ask(said("End this session?"), said("%(device)s will have to sign in again.", device=device), said("End session"))

    def post(self, sid: str) -> ResponseReturnValue:
        person = visitor.person()
        # One that has ended meanwhile is as it should be.
        with suppress(NotFound):
            session_ends.one(person, sid, by=visitor.actor())
        flash(said("The session has ended."), "success")
        return redirect(url_for("pages.sessions"))


class OtherSessionsEnd(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return ask(
            said("End all other sessions?"),
            said("Every browser but this one, and every application that was let in elsewhere, will have to sign in again."),
            said("End them all"),
        )

    def post(self) -> ResponseReturnValue:
        person = visitor.person()
        session_ends.every(person, by=visitor.actor(), except_sid=current_sid())
        flash(said("All other sessions have ended."), "success")
        return redirect(url_for("pages.sessions"))


def listed() -> list[Listed]:
    """The person's sessions, this browser's first."""
    here = current_sid()
    every = [Listed(session, session.sid == here) for session in sessions.of(visitor.person())]
    return sorted(every, key=lambda each: not each.current)


def current_sid() -> str | None:
    session = visitor.session()
    return session.sid if session else None


def ask(title: str, text: str, button: str) -> str:
    return asking.page("pages/confirm.html", title=title, text=text, button=button, back=url_for("pages.sessions"))
