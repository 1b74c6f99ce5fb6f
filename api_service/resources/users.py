"""Users, for operators."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.admin_shapes import Person, PersonPage
from api_service.describe import describe
from api_service.gate import operators
from api_service.respond import respond
from shared.services import users

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
