"""Oneself: read, and change one's name."""

from flask import Response
from flask.views import MethodView

from api_service.describe import describe
from api_service.respond import body, respond
from api_service.shapes import Me, MeChange
from shared.models.audit import Actor
from shared.models.user import User
from shared.services import users
from shared.web import bearer


class Myself(MethodView):
    @describe("Read oneself", tag="Oneself", answer=Me)
    @bearer.require("openid", "profile")
    def get(self) -> Response:
        """The account that the token speaks for."""
        return respond(_me(bearer.subject()))

    @describe("Change oneself", tag="Oneself", answer=Me, takes=MeChange, errors=(413, 415, 422))
    @bearer.require("openid", "profile")
    def patch(self) -> Response:
        """Change one's name. Answers with the account as it is now."""
        user, change = bearer.subject(), body(MeChange)
        users.rename(user, name=change.name, by=Actor.of(user))
        return respond(_me(bearer.subject()))


def _me(user: User) -> Me:
    return Me(
        sub=str(user.id),
        name=user.name,
        created_at=user.created_at.isoformat(timespec="seconds"),
        updated_at=user.updated_at.isoformat(timespec="seconds"),
    )
