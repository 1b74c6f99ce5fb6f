"""Users, for operators."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.admin_shapes import Person, PersonPage
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from api_service.shapes import PersonClaims
from shared.models import claims
from shared.models.user import User
from shared.services import person_claims, users

TAG = "Users"


class Users(MethodView):
    @describe("List users", tag=TAG, answer=PersonPage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Everybody of a tenant, newest first, or those whose e-mail address or name begins with `q`."""
        page = users.search(listing.tenant(), **listing.asked())
        return respond(PersonPage(items=[Person.model_validate(row) for row in page.items], **listing.cursors(page)))


class OneUser(MethodView):
    @describe("Read a user", tag=TAG, answer=Person, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One person."""
        return respond(Person.model_validate(users.get(None, id)))


class ClaimsOfUser(MethodView):
    @describe("Read the claims of a user", tag=TAG, answer=PersonClaims, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """What applications may be told of a person, besides name and e-mail address."""
        return respond(_claims(users.get(None, id)))

    @describe(
        "Change the claims of a user",
        tag=TAG,
        answer=PersonClaims,
        takes=PersonClaims,
        params=(listing.ID,),
        errors=(404, 413, 415, 422),
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Change the claims that the body names; null takes one away. Another phone number is not verified until you say so."""
        typed = body(PersonClaims).model_dump(exclude_unset=True)
        return respond(_claims(person_claims.change(users.get(None, id), typed, by=operator())))


def _claims(user: User) -> PersonClaims:
    return PersonClaims(**claims.about(user, [*person_claims.CHECKS, person_claims.VERIFIED]))
