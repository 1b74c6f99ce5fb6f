"""Oneself: read, and change one's name."""

from flask import Response
from flask.views import MethodView

from api_service.describe import describe
from api_service.respond import body, respond
from api_service.shapes import Me, MeChange
from shared.kit.errors import Denied
from shared.models.audit import Actor
from shared.models.user import User
from shared.services import clients, users
from shared.web import bearer, tenancy

# Whoever finds a session left open does not change whose it is.
FRESH_SECONDS = 3600


class Myself(MethodView):
    @describe("Read oneself", tag="Oneself", answer=Me)
    @bearer.require("profile")
    def get(self) -> Response:
        """The account that the token speaks for."""
        return respond(_me(bearer.subject()))

    @describe("Change oneself", tag="Oneself", answer=Me, takes=MeChange, errors=(403, 413, 415, 422))
    @bearer.require("openid", "profile", max_age=FRESH_SECONDS)
    def patch(self) -> Response:
        """Change one's name, in an application of the first party. Answers with the account as it is now.
        It needs a login of the last hour: an older one is refused with `insufficient_user_authentication` (RFC 9470),
        and the challenge names the `max_age` to ask for a new token with."""
        user, change = bearer.subject(), body(MeChange)
        _check_first_party()
        users.rename(user, name=change.name, by=Actor.of(user))
        return respond(_me(bearer.subject()))


def _check_first_party() -> None:
    """The scope `profile` lets an application see; whoever granted it to a third party did not let it write."""
    client = clients.find(tenancy.tenant(), bearer.token().client_id)
    if client is None or not client.first_party:
        raise Denied("Only applications of the first party may change an account.")


def _me(user: User) -> Me:
    return Me(
        sub=bearer.token().subject,
        name=user.name,
        created_at=user.created_at.isoformat(timespec="seconds"),
        updated_at=user.updated_at.isoformat(timespec="seconds"),
    )
